/** What the address of somebody's Mosh client means, by the policy of the moment. */

/**
 * What happens when it becomes another one. `freeze`: nothing that is held is released until the person has signed
 * in again. `code`: nothing is shown or taken until they have given their one-time code.
 */
export type OnMove = 'freeze' | 'code';

export interface Roaming {
  /** Whether a client may be served at this address. */
  allows(address: string): boolean;
  /** null: the session goes on. */
  readonly onMove: OnMove | null;
}
