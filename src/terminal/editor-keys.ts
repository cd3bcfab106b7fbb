/** What each key means to the editor of strict line mode. Whatever is not named here does nothing. */

import type { EditKey, KeyToken } from './key-token.ts';
import type { EditorKey } from './line-editor.ts';

export type EditorCommand =
  /** Text may have several lines: a paste. */
  | { readonly kind: 'insert'; readonly text: string }
  | { readonly kind: 'edit'; readonly key: EditorKey }
  /** `newline`: Ctrl-J, which ends a search and runs nothing. */
  | { readonly kind: 'submit'; readonly newline: boolean }
  /** Ctrl-D: ends the input when the line is empty, deletes otherwise. */
  | { readonly kind: 'end' }
  /** Ctrl-R and Ctrl-S: looks through the history. */
  | { readonly kind: 'search'; readonly direction: 'older' | 'newer' }
  /** Escape and Tab: a search is over, what it found is the line. */
  | { readonly kind: 'accept' }
  /** Ctrl-G: a search is over, the line is what it was. */
  | { readonly kind: 'cancel' }
  | { readonly kind: 'redraw' }
  | { readonly kind: 'nothing' };

const NOTHING: EditorCommand = { kind: 'nothing' };

const BY_KIND: Readonly<Partial<Record<EditKey, EditorKey>>> = {
  backspace: 'backspace',
  delete: 'delete',
  left: 'left',
  right: 'right',
  home: 'home',
  end: 'end',
  'kill-end': 'cut-end',
  'kill-start': 'cut-start',
};

/** Keys of one kind that are told apart by name. */
const BY_NAME: Readonly<Record<string, EditorKey>> = {
  Up: 'earlier',
  'Ctrl-P': 'earlier',
  Down: 'later',
  'Ctrl-N': 'later',
  'Ctrl-W': 'cut-word-left',
  'Ctrl-T': 'swap',
  'Ctrl-Y': 'yank',
  'Ctrl-_': 'undo',
  'Alt-<': 'first',
  'Alt->': 'newest',
  'Alt-.': 'last-word',
  'Alt-_': 'last-word',
  'Alt-b': 'word-left',
  'Alt-f': 'word-right',
  'Alt-d': 'cut-word-right',
  'Alt-Backspace': 'cut-word-left',
  'Left with a modifier': 'word-left',
  'Right with a modifier': 'word-right',
};

/** The command that `token` gives; interrupts, reports and the mouse are not for the editor. */
export function editorCommand(token: KeyToken): EditorCommand {
  switch (token.kind) {
    case 'text':
    case 'paste':
      return { kind: 'insert', text: token.text };
    case 'submit':
      return { kind: 'submit', newline: token.key === 'newline' };
    case 'edit':
      return ofEditKey(token.key, token.name);
    case 'soft-submit':
      return ofOtherKey(token.name, token.bytes);
    case 'interrupt':
    case 'reply':
    case 'mouse':
    case 'focus':
      return NOTHING;
  }
}

function ofEditKey(kind: EditKey, name: string): EditorCommand {
  if (kind === 'redraw') return { kind: 'redraw' };
  if (kind === 'search') return { kind: 'search', direction: name === 'Ctrl-S' ? 'newer' : 'older' };
  if (kind === 'escape' || kind === 'complete') return { kind: 'accept' };
  if (name === 'Ctrl-G') return { kind: 'cancel' };
  const key = BY_KIND[kind] ?? BY_NAME[name];
  return key === undefined ? NOTHING : { kind: 'edit', key };
}

/** Characters that run a line in vi are characters here. */
function ofOtherKey(name: string, bytes: Uint8Array): EditorCommand {
  if (name === 'Ctrl-D') return { kind: 'end' };
  const [character = 0] = bytes;
  return bytes.length === 1 && character >= 0x20 && character < 0x7f
    ? { kind: 'insert', text: String.fromCharCode(character) }
    : NOTHING;
}
