/** What cutting one key needs to know and gives back. */

import type { KeyToken } from './key-token.ts';
import type { QueryLedger } from './query-ledger.ts';
import type { Modes } from './screen-state.ts';

/** What the tokenizer must know of the terminal at the moment a key arrives; an `Emulator` is one. */
export interface KeyModes {
  readonly modes: Pick<Modes, 'bracketedPaste' | 'focusReports' | 'mouse' | 'mouseEncoding'>;
  readonly queries: QueryLedger;
}

/** `length` bytes at the front are done with, and were this key; none when a paste has only begun. */
export interface KeyScan {
  readonly length: number;
  readonly token: KeyToken | undefined;
}
