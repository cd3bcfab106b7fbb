/** What each key means while a panel is up: a pure function, so that the table of keys is one test. */
import { MESSAGE_LIMIT } from '../../approval/requester-says.ts';
import { visible } from '../../base/visible.ts';
import type { KeyToken } from '../../terminal/key-token.ts';

/** What the panel is waiting for, with what was typed so far. */
export type Prompt =
  | { readonly kind: 'code'; readonly digits: string }
  | { readonly kind: 'reason'; readonly text: string }
  | { readonly kind: 'waiting' }
  /** A line for those who are asked. */
  | { readonly kind: 'message'; readonly text: string }
  /** Approved by somebody else; `since` on the monotonic clock, ms. */
  | { readonly kind: 'ready'; readonly by: string; readonly comment: string | null; readonly since: number }
  /** The answer to a code or a reason is on its way. */
  | { readonly kind: 'busy' };

export type PanelCommand =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'edit'; readonly prompt: Prompt }
  | { readonly kind: 'code'; readonly code: string }
  | { readonly kind: 'reason'; readonly reason: string }
  | { readonly kind: 'run' }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'page' }
  /** The next urgency. */
  | { readonly kind: 'urgency' }
  /** Those who are asked are told again. */
  | { readonly kind: 'remind' }
  | { readonly kind: 'message'; readonly text: string }
  /** To what the request waits for, without a message. */
  | { readonly kind: 'back' }
  /** Enter before the six digits were complete. */
  | { readonly kind: 'incomplete' };

export const CODE_LENGTH = 6;
/** Enter counts only this long after the approval was shown, and a letter after a key, ms: it may have been on its way. */
export const READY_DELAY = 500;
const LONGEST_REASON = 500;
const NOTHING: PanelCommand = { kind: 'nothing' };
const BACK: PanelCommand = { kind: 'back' };
/** Escape as the kitty keyboard protocol spells it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is a control sequence that is looked for
const ENCODED_ESCAPE = /^\x1b\[27(?:;1(?::1)?)?u$/;

/**
 * What `key` does to a panel that waits for `prompt`.
 * @param now monotonic clock, ms
 * @param quiet ms without a key before it: letters mean something by themselves only when nobody is typing a line
 */
export function pressKey(prompt: Prompt, key: KeyToken, now: number, quiet: number): PanelCommand {
  if (isCancel(key)) return prompt.kind === 'message' && isEscape(key) ? BACK : { kind: 'cancel' };
  switch (key.kind) {
    case 'text':
      return written(prompt, key.text, now, quiet);
    case 'paste':
      return typed(prompt, key.text, now);
    case 'submit':
      return entered(prompt, now);
    case 'edit':
      return key.key === 'backspace' || key.key === 'kill-start' ? erased(prompt, key.key === 'kill-start') : NOTHING;
    case 'soft-submit':
      return written(prompt, textAfterEscape(key), now, quiet);
    case 'interrupt':
    case 'reply':
    case 'mouse':
    case 'focus':
      return NOTHING;
  }
}

function isCancel(key: KeyToken): boolean {
  return key.kind === 'interrupt' ? key.key === 'C' : isEscape(key);
}

function isEscape(key: KeyToken): boolean {
  const isPlain = key.kind === 'edit' && key.key === 'escape';
  return isPlain || ENCODED_ESCAPE.test(Buffer.from(key.bytes).toString('latin1'));
}

/** A letter behind an Escape might run a line in a target's vi mode; here the Escape was ours, and it is a letter. */
function textAfterEscape({ bytes, name }: Extract<KeyToken, { kind: 'soft-submit' }>): string {
  const text = Buffer.from(bytes).toString('utf8');
  return name.startsWith('Escape ') && /^[ -~]$/.test(text) ? text : '';
}

function written(prompt: Prompt, text: string, now: number, quiet: number): PanelCommand {
  if (text === '') return NOTHING;
  return prompt.kind === 'waiting' ? pressed(quiet < READY_DELAY ? '' : text, text) : typed(prompt, text, now);
}

/**
 * A key by itself, pressed while others are waited for; never one of several that came together, and nothing pasted.
 * @param letter empty when it belongs to something that is being typed, which must not become a message
 */
function pressed(letter: string, text: string): PanelCommand {
  switch (letter) {
    case 'u':
      return { kind: 'urgency' };
    case 'r':
      return { kind: 'remind' };
    case 'm':
      return { kind: 'edit', prompt: { kind: 'message', text: '' } };
    default:
      return text.includes('?') ? { kind: 'page' } : NOTHING;
  }
}

function typed(prompt: Prompt, text: string, now: number): PanelCommand {
  switch (prompt.kind) {
    case 'message': {
      const message = `${prompt.text}${visible(text.replace(/\s+/g, ' '))}`;
      return { kind: 'edit', prompt: { ...prompt, text: [...message].slice(0, MESSAGE_LIMIT).join('') } };
    }
    case 'reason': {
      const reason = `${prompt.text}${text.replace(/\s+/g, ' ')}`.slice(0, LONGEST_REASON);
      return { kind: 'edit', prompt: { ...prompt, text: reason } };
    }
    case 'code':
      if (text.includes('?')) return { kind: 'page' };
      return {
        kind: 'edit',
        prompt: { ...prompt, digits: (prompt.digits + text.replace(/\D/g, '')).slice(0, CODE_LENGTH) },
      };
    case 'ready':
      // Whoever is typing something does not mean the Enter behind it for this.
      return text.includes('?') ? { kind: 'page' } : { kind: 'edit', prompt: { ...prompt, since: now } };
    case 'waiting':
    case 'busy':
      return NOTHING;
  }
}

function entered(prompt: Prompt, now: number): PanelCommand {
  switch (prompt.kind) {
    case 'code':
      return prompt.digits.length === CODE_LENGTH ? { kind: 'code', code: prompt.digits } : { kind: 'incomplete' };
    case 'reason':
      return { kind: 'reason', reason: prompt.text.trim() };
    case 'message':
      return prompt.text.trim() === '' ? BACK : { kind: 'message', text: prompt.text };
    case 'ready':
      return now - prompt.since >= READY_DELAY ? { kind: 'run' } : NOTHING;
    case 'waiting':
    case 'busy':
      return NOTHING;
  }
}

function erased(prompt: Prompt, all: boolean): PanelCommand {
  switch (prompt.kind) {
    case 'code':
      return { kind: 'edit', prompt: { ...prompt, digits: all ? '' : prompt.digits.slice(0, -1) } };
    case 'reason':
    case 'message':
      return { kind: 'edit', prompt: { ...prompt, text: all ? '' : [...prompt.text].slice(0, -1).join('') } };
    case 'waiting':
    case 'ready':
    case 'busy':
      return NOTHING;
  }
}
