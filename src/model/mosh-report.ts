/** What a running bastion knows of its UDP ports: where it listens, and whether clients get through. */

export interface MoshReport {
  /** Why nobody is served at all; null when Mosh is on. */
  readonly fault: string | null;
  readonly ports: readonly MoshPortReport[];
  /** Clients that were let in over SSH and then heard by UDP, since the start. */
  readonly heard: number;
  /** Clients that were let in and never heard, since one from another machine was heard last. */
  readonly unheard: number;
  readonly lastFromElsewhere: FarClient | null;
}

export interface MoshPortReport {
  readonly address: string;
  /** UDP */
  readonly port: number;
  /** Why it is not open; null when it is. */
  readonly fault: string | null;
  /** Datagrams that belonged to no session, since the start. */
  readonly refused: number;
}

/** A client on another machine, when it was heard. */
export interface FarClient {
  readonly address: string;
  /** ms since the epoch */
  readonly at: number;
}
