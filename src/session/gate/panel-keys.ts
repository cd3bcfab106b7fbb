/** What each key means while a panel is up: a pure function, so that the table of keys is one test. */
import type { KeyToken } from '../../terminal/key-token.ts';

/** What the panel is waiting for, with what was typed so far. */
export type Prompt =
  | { readonly kind: 'code'; readonly digits: string }
  | { readonly kind: 'reason'; readonly text: string }
  | { readonly kind: 'waiting' }
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
  /** Enter before the six digits were complete. */
  | { readonly kind: 'incomplete' };

export const CODE_LENGTH = 6;
/** Enter counts only this long after the approval was shown, ms: it must not be one that was on its way. */
export const READY_DELAY = 500;
const LONGEST_REASON = 500;
const NOTHING: PanelCommand = { kind: 'nothing' };
/** Escape as the kitty keyboard protocol spells it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is a control sequence that is looked for
const ENCODED_ESCAPE = /^\x1b\[27(?:;1(?::1)?)?u$/;

/** What `key` does to a panel that waits for `prompt`. @param now monotonic clock, ms */
export function pressKey(prompt: Prompt, key: KeyToken, now: number): PanelCommand {
  if (isCancel(key)) return { kind: 'cancel' };
  switch (key.kind) {
    case 'text':
    case 'paste':
      return typed(prompt, key.text);
    case 'submit':
      return entered(prompt, now);
    case 'edit':
      return key.key === 'backspace' || key.key === 'kill-start' ? erased(prompt, key.key === 'kill-start') : NOTHING;
    case 'soft-submit':
    case 'interrupt':
    case 'reply':
    case 'mouse':
    case 'focus':
      return NOTHING;
  }
}

function isCancel(key: KeyToken): boolean {
  if (key.kind === 'interrupt') return key.key === 'C';
  return (
    (key.kind === 'edit' && key.key === 'escape') || ENCODED_ESCAPE.test(Buffer.from(key.bytes).toString('latin1'))
  );
}

function typed(prompt: Prompt, text: string): PanelCommand {
  switch (prompt.kind) {
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
    case 'waiting':
      if (text === 'u') return { kind: 'urgency' };
      return text.includes('?') ? { kind: 'page' } : NOTHING;
    case 'ready':
      return text.includes('?') ? { kind: 'page' } : NOTHING;
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
      return { kind: 'edit', prompt: { ...prompt, text: all ? '' : [...prompt.text].slice(0, -1).join('') } };
    case 'waiting':
    case 'ready':
    case 'busy':
      return NOTHING;
  }
}
