/**
 * Cuts the user's bytes into keys. What submits a line is found by excluding what is known not to: every control
 * or meta sequence that is not a harmless editing key is a submission. Cutting the stream elsewhere never changes
 * the keys; only the caller's clock and the terminal's modes do.
 */
import type { Modes } from './emulator.ts';
import type { QueryLedger } from './query-ledger.ts';

/** Editing keys that no known line editor takes as "accept". */
export type EditKey =
  | 'backspace'
  | 'delete'
  | 'left'
  | 'right'
  | 'home'
  | 'end'
  | 'kill-end'
  | 'kill-start'
  | 'redraw'
  | 'quoted-insert'
  | 'complete'
  | 'history'
  | 'search'
  | 'escape'
  | 'other';

export type SubmitKey = 'enter' | 'newline' | 'operate' | 'escape-enter' | 'encoded';

/** One key, or one indivisible report or paste. `bytes` are exactly what the user sent for it. */
export type KeyToken =
  /** Printable characters, no control characters. */
  | { readonly kind: 'text'; readonly bytes: Uint8Array; readonly text: string }
  /** Bracketed paste (delimiters in `bytes`, not in `text`); `complete` is false for a part of a long or slow one. */
  | { readonly kind: 'paste'; readonly bytes: Uint8Array; readonly text: string; readonly complete: boolean }
  | { readonly kind: 'edit'; readonly bytes: Uint8Array; readonly key: EditKey; readonly name: string }
  /** Enter in any spelling. */
  | { readonly kind: 'submit'; readonly bytes: Uint8Array; readonly key: SubmitKey }
  /** May run the line in some editor; `name` says what was pressed, for people. */
  | { readonly kind: 'soft-submit'; readonly bytes: Uint8Array; readonly name: string }
  | { readonly kind: 'interrupt'; readonly bytes: Uint8Array; readonly key: 'C' | 'Z' | '\\' }
  /** The terminal's answer to a question; `asked` when the question was open. */
  | { readonly kind: 'reply'; readonly bytes: Uint8Array; readonly asked: boolean; readonly harmless: boolean }
  | { readonly kind: 'mouse'; readonly bytes: Uint8Array }
  | { readonly kind: 'focus'; readonly bytes: Uint8Array };

/** What the tokenizer must know of the terminal at the moment a key arrives; an `Emulator` is one. */
export interface KeyModes {
  readonly modes: Pick<Modes, 'bracketedPaste' | 'focusReports' | 'mouse' | 'mouseEncoding'>;
  readonly queries: QueryLedger;
}
