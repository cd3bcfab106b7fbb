import { describe, expect, test } from 'vitest';
import { Emulator } from '../../terminal/emulator.ts';
import type { KeyToken } from '../../terminal/key-token.ts';
import { KeyTokenizer } from '../../terminal/keys.ts';
import { type PanelCommand, type Prompt, pressKey, READY_DELAY } from './panel-keys.ts';

const CODE: Prompt = { kind: 'code', digits: '49' };
const REASON: Prompt = { kind: 'reason', text: 'INC' };
const WAITING: Prompt = { kind: 'waiting' };
const MESSAGE: Prompt = { kind: 'message', text: 'hi' };
const READY: Prompt = { kind: 'ready', by: 'bob', comment: null, since: 1000 };
const BUSY: Prompt = { kind: 'busy' };

function keysOf(text: string): KeyToken[] {
  const tokenizer = new KeyTokenizer(new Emulator({ cols: 80, rows: 24 }));
  return [...tokenizer.push(Buffer.from(text), 0), ...tokenizer.flush(1000)];
}

function press(prompt: Prompt, text: string, now = 5000, quiet = READY_DELAY): PanelCommand[] {
  return keysOf(text).map((key) => pressKey(prompt, key, now, quiet));
}

const code = (digits: string): PanelCommand => ({ kind: 'edit', prompt: { kind: 'code', digits } });
const reason = (text: string): PanelCommand => ({ kind: 'edit', prompt: { kind: 'reason', text } });
const message = (text: string): PanelCommand => ({ kind: 'edit', prompt: { kind: 'message', text } });
const NOTHING: PanelCommand = { kind: 'nothing' };
const CANCEL: PanelCommand = { kind: 'cancel' };

describe('keys in a panel', () => {
  test.each<[string, Prompt, string, PanelCommand]>([
    ['a digit is added', CODE, '2', code('492')],
    ['a pasted code with a blank is taken', { kind: 'code', digits: '' }, '492 039', code('492039')],
    ['more than six digits are ignored', CODE, '20391', code('492039')],
    ['letters are ignored', CODE, 'x', code('49')],
    ['Backspace takes one back', CODE, '\x7f', code('4')],
    ['Ctrl-U takes all back', CODE, '\x15', code('')],
    ['Enter before six digits submits nothing', CODE, '\r', { kind: 'incomplete' }],
    ['Enter submits six digits', { kind: 'code', digits: '492039' }, '\r', { kind: 'code', code: '492039' }],
    ['six digits alone submit nothing', { kind: 'code', digits: '49203' }, '9', code('492039')],
    ['? shows more', CODE, '?', { kind: 'page' }],
    ['Escape cancels', CODE, '\x1b', CANCEL],
    ['Ctrl-C cancels', CODE, '\x03', CANCEL],
    ['Escape of the kitty protocol cancels', CODE, '\x1b[27u', CANCEL],
    ['an arrow does nothing', CODE, '\x1b[A', NOTHING],
    ['TAB does nothing', CODE, '\t', NOTHING],
    ['Ctrl-D does nothing', CODE, '\x04', NOTHING],
    ['Ctrl-Z does nothing', CODE, '\x1a', NOTHING],
    ['a reason grows', REASON, '-4711 ?', reason('INC-4711 ?')],
    ['a reason shrinks by whole characters', { kind: 'reason', text: 'a\u{1f600}' }, '\x7f', reason('a')],
    ['Enter sends a reason', REASON, '\r', { kind: 'reason', reason: 'INC' }],
    ['Escape cancels a reason', REASON, '\x1b', CANCEL],
    ['waiting takes no text', WAITING, 'x', NOTHING],
    ['waiting takes no Enter', WAITING, '\r', NOTHING],
    ['waiting shows more', WAITING, '?', { kind: 'page' }],
    ['waiting changes the urgency', WAITING, 'u', { kind: 'urgency' }],
    ['waiting reminds', WAITING, 'r', { kind: 'remind' }],
    ['waiting begins a message', WAITING, 'm', message('')],
    ['keys that come together are none', WAITING, 'mr', NOTHING],
    ['a message grows', MESSAGE, ' r?\u202e', message('hi r?\\u202e')],
    ['a message has an end', { kind: 'message', text: 'x'.repeat(299) }, 'yz', message(`${'x'.repeat(299)}y`)],
    ['a message shrinks', MESSAGE, '\x7f', message('h')],
    ['Ctrl-U takes a message back', MESSAGE, '\x15', message('')],
    ['Enter sends a message', MESSAGE, '\r', { kind: 'message', text: 'hi' }],
    ['Enter sends no empty message', { kind: 'message', text: ' ' }, '\r', { kind: 'back' }],
    ['Escape leaves a message', MESSAGE, '\x1b', { kind: 'back' }],
    ['Escape of the kitty protocol leaves a message', MESSAGE, '\x1b[27u', { kind: 'back' }],
    ['Ctrl-C in a message cancels the line', MESSAGE, '\x03', CANCEL],
    ['a code is no place for that', CODE, 'u', { kind: 'edit', prompt: CODE }],
    ['waiting is cancelled', WAITING, '\x1b', CANCEL],
    ['Enter runs what is ready', READY, '\r', { kind: 'run' }],
    ['Escape drops what is ready', READY, '\x1b', CANCEL],
    ['text puts off what is ready', READY, 'y', { kind: 'edit', prompt: { ...READY, since: 5000 } }],
    ['nothing is typed while the desk answers', BUSY, '1', NOTHING],
    ['Enter does nothing while the desk answers', BUSY, '\r', NOTHING],
    ['Ctrl-C cancels while the desk answers', BUSY, '\x03', CANCEL],
  ])('%s', (_name, prompt, keys, command) => {
    expect(press(prompt, keys)).toEqual([command]);
  });

  test('Enter counts only some time after the approval was shown', () => {
    expect(press(READY, '\r', 1000 + READY_DELAY - 1)).toEqual([NOTHING]);
    expect(press(READY, '\r', 1000 + READY_DELAY)).toEqual([{ kind: 'run' }]);
  });
});
