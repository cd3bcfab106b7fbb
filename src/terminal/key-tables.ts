/**
 * What single control characters, Meta keys and CSI sequences do in the line editors that matter (readline, zsh,
 * fish, libedit, cooked tty), with their default key maps. Short lists of what is harmless; all else may submit.
 */
import type { EditKey } from './key-token.ts';

/** What one key means before its bytes are attached. */
export type KeyMeaning =
  | { readonly kind: 'edit'; readonly key: EditKey; readonly name: string }
  | { readonly kind: 'submit'; readonly key: 'enter' | 'newline' | 'operate' | 'encoded' }
  | { readonly kind: 'soft-submit'; readonly name: string }
  | { readonly kind: 'interrupt'; readonly key: 'C' | 'Z' | '\\' };

const CONTROL_EDITS: Readonly<Record<number, EditKey>> = {
  1: 'home',
  2: 'left',
  5: 'end',
  6: 'right',
  7: 'other',
  8: 'backspace',
  9: 'complete',
  11: 'kill-end',
  12: 'redraw',
  14: 'history',
  16: 'history',
  17: 'other',
  18: 'search',
  19: 'search',
  20: 'other',
  21: 'kill-start',
  22: 'quoted-insert',
  23: 'other',
  25: 'other',
  31: 'other',
  127: 'backspace',
};

/** Meta keys (after ESC) that edit, move or complete and nothing more in every editor named above. */
const HARMLESS_META = 'bfdulctyrpnqgs<>*?~\\&^!=/$_.-0123456789\b\x7f\t';

/** Keys that run or may run a line in vi command mode (readline `#`, `v`, `@x`; `.` repeats). */
const RUNNING_IN_VI = '#v@.';

/** Keys of vi command mode that run the line though no Enter was pressed. */
export function runsInVi(character: string): boolean {
  return RUNNING_IN_VI.includes(character);
}

export function isHarmlessMeta(character: string): boolean {
  return HARMLESS_META.includes(character);
}

/** The meaning of a control character other than ESC. */
export function controlMeaning(code: number): KeyMeaning {
  switch (code) {
    case 3:
      return { kind: 'interrupt', key: 'C' };
    case 26:
      return { kind: 'interrupt', key: 'Z' };
    case 28:
      return { kind: 'interrupt', key: '\\' };
    case 10:
      return { kind: 'submit', key: 'newline' };
    case 13:
      return { kind: 'submit', key: 'enter' };
    case 15:
      return { kind: 'submit', key: 'operate' };
    default:
      return editOrSoft(CONTROL_EDITS[code], controlName(code));
  }
}

/** The meaning of ESC and a character pressed together. */
export function metaMeaning(character: string): KeyMeaning {
  const code = character.codePointAt(0) ?? 0;
  const name = `Alt-${code < 32 || code === 127 ? controlName(code) : character}`;
  return editOrSoft(isHarmlessMeta(character) ? 'other' : undefined, name);
}

/** The meaning of a CSI sequence that is no report; `body` is all after ESC [. */
export function sequenceMeaning(body: string): KeyMeaning {
  const final = body.slice(-1);
  const parameters = body.slice(0, -1);
  if (final === '~') return tildeMeaning(parameters);
  if (final === 'u') return encodedMeaning(parameters, body);
  if (parameters !== '' && !/^1(;\d{1,2})?$/.test(parameters)) return unknownSequence(body);
  const plain = parameters === '' || parameters === '1';
  return (
    cursorMeaning(final, plain) ?? (final === 'Z' && plain ? editKey('other', 'Shift-Tab') : unknownSequence(body))
  );
}

/** The meaning of ESC O x (SS3); `body` is all after ESC O. */
export function keypadMeaning(body: string): KeyMeaning {
  if (body === 'M') return { kind: 'submit', key: 'encoded' };
  const plain = body.length === 1;
  return cursorMeaning(body.slice(-1), plain) ?? { kind: 'soft-submit', name: 'a keypad or function key' };
}

const ARROWS: Readonly<Record<string, readonly [EditKey, string]>> = {
  A: ['history', 'Up'],
  B: ['history', 'Down'],
  C: ['right', 'Right'],
  D: ['left', 'Left'],
  H: ['home', 'Home'],
  F: ['end', 'End'],
};

function cursorMeaning(final: string, plain: boolean): KeyMeaning | undefined {
  const arrow = ARROWS[final];
  if (arrow === undefined) return undefined;
  return plain ? editKey(arrow[0], arrow[1]) : editKey('other', `${arrow[1]} with a modifier`);
}

const TILDE_KEYS: Readonly<Record<string, readonly [EditKey, string]>> = {
  '1': ['home', 'Home'],
  '2': ['other', 'Insert'],
  '3': ['delete', 'Delete'],
  '4': ['end', 'End'],
  '5': ['history', 'Page Up'],
  '6': ['history', 'Page Down'],
  '7': ['home', 'Home'],
  '8': ['end', 'End'],
};

function tildeMeaning(parameters: string): KeyMeaning {
  const [first = '', modifier, code] = parameters.split(';');
  if (first === '27' && code !== undefined) return encodedMeaning(`${code};${modifier ?? ''}`, parameters);
  const key = TILDE_KEYS[first];
  if (key === undefined || code !== undefined) return unknownSequence(`${parameters}~`);
  return modifier === undefined ? editKey(key[0], key[1]) : editKey('other', `${key[1]} with a modifier`);
}

/** Enter, keypad Enter, Ctrl-J; and j, m, o, which with Ctrl are the same keys. */
const ENTER_CODES: readonly number[] = [10, 13, 15, 57414];
const ENTER_LETTERS: readonly number[] = [106, 109, 111, 74, 77, 79];

/** CSI code;modifiers u (kitty protocol, xterm's modifyOtherKeys). */
function encodedMeaning(parameters: string, body: string): KeyMeaning {
  const [codes = '', modifiers = ''] = parameters.split(';');
  const candidates = codes.split(':').map(Number);
  const modified = modifiers !== '' && modifiers !== '1';
  const enters = candidates.some((code) => ENTER_CODES.includes(code) || (modified && ENTER_LETTERS.includes(code)));
  return enters ? { kind: 'submit', key: 'encoded' } : unknownSequence(body);
}

function unknownSequence(body: string): KeyMeaning {
  return { kind: 'soft-submit', name: `the key sequence ESC [ ${body}` };
}

function editKey(key: EditKey, name: string): KeyMeaning {
  return { kind: 'edit', key, name };
}

function editOrSoft(key: EditKey | undefined, name: string): KeyMeaning {
  return key === undefined ? { kind: 'soft-submit', name } : editKey(key, name);
}

function controlName(code: number): string {
  if (code === 9) return 'Tab';
  if (code === 8 || code === 127) return 'Backspace';
  return `Ctrl-${String.fromCharCode(code + 64)}`;
}
