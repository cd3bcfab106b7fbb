/** One statement as the SQL readers report it. Types only. */
export interface SqlStatement {
  readonly text: string;
  /** Catalogue ids that hold for it. */
  readonly ids: readonly string[];
  /** It reads and does nothing else, as far as its text tells. */
  readonly readOnly: boolean;
}
