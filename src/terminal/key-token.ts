/** The keys that the user's bytes are cut into. */

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
  /** Printable characters; TAB only when it was quoted. */
  | { readonly kind: 'text'; readonly bytes: Uint8Array; readonly text: string }
  /** Bracketed paste (delimiters in `bytes`, not in `text`); `complete` is false for a part of a long or slow one. */
  | {
      readonly kind: 'paste';
      readonly bytes: Uint8Array;
      readonly text: string;
      readonly complete: boolean;
    }
  | { readonly kind: 'edit'; readonly bytes: Uint8Array; readonly key: EditKey; readonly name: string }
  /** Enter in any spelling. */
  | { readonly kind: 'submit'; readonly bytes: Uint8Array; readonly key: SubmitKey }
  /** May run the line in some editor; `name` says what was pressed, for people. */
  | { readonly kind: 'soft-submit'; readonly bytes: Uint8Array; readonly name: string }
  | { readonly kind: 'interrupt'; readonly bytes: Uint8Array; readonly key: 'C' | 'Z' | '\\' }
  /** The terminal's answer to a question; `asked` when the question was open. `harmless`: no vi command in it runs a line. */
  | {
      readonly kind: 'reply';
      readonly bytes: Uint8Array;
      readonly asked: boolean;
      readonly harmless: boolean;
    }
  | { readonly kind: 'mouse'; readonly bytes: Uint8Array }
  | { readonly kind: 'focus'; readonly bytes: Uint8Array };

/** Control characters that a paste may carry without any editor or tty acting on them. */
const INERT_CONTROL = /[^\P{Cc}\t]/u;

/**
 * Whether the token may make the target run a line, so that it must be judged before it is forwarded.
 * @param tainted key bindings were changed in this session: then every key that is not text counts
 */
export function maySubmit(token: KeyToken, tainted: boolean): boolean {
  switch (token.kind) {
    case 'submit':
    case 'soft-submit':
      return true;
    case 'paste':
      return INERT_CONTROL.test(token.text);
    case 'reply':
      return !token.harmless || tainted;
    case 'edit':
      return tainted;
    case 'mouse':
    case 'focus':
    case 'text':
    case 'interrupt':
      return false;
    default:
      return token satisfies never;
  }
}

/** The characters that a key puts on a line. */
export function typedText(token: KeyToken): string {
  return token.kind === 'text' || token.kind === 'paste' ? token.text : '';
}
