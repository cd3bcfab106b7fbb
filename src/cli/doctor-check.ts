/** One line of doctor's report. */

export interface DoctorCheck {
  /** `fail` makes doctor exit with 7. */
  readonly level: 'ok' | 'warn' | 'fail';
  readonly text: string;
}
