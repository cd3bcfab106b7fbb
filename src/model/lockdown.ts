/** The bastion closed for everybody: nothing is let through until somebody lifts it. */
export interface Lockdown {
  /** ms since the epoch */
  readonly since: number;
  /** Account of the operating system that gave the order. */
  readonly by: string;
  readonly reason: string;
}
