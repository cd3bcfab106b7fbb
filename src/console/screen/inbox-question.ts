/** A question about one request at the foot of the inbox: the approver's code, or the reason for a denial. */
import type { InboxResult } from './inbox-result.ts';
import type { ScreenKey } from './key-reader.ts';
import { cell, isNarrow } from './page-text.ts';
import { TextField } from './text-field.ts';
import type { WaitingRequest } from './waiting-request.ts';

const READY_REASONS: readonly string[] = ['not now', 'wrong host?', 'needs a ticket', 'ask me first'];

export class InboxQuestion {
  readonly #verdict: 'approve' | 'grant' | 'deny';
  readonly #waiting: WaitingRequest;
  readonly #field: TextField;

  /** @param verdict `grant`: an approval that is remembered */
  constructor(verdict: 'approve' | 'grant' | 'deny', waiting: WaitingRequest) {
    this.#verdict = verdict;
    this.#waiting = waiting;
    this.#field = new TextField({ hidden: verdict !== 'deny' });
  }

  get waiting(): WaitingRequest {
    return this.#waiting;
  }

  rows(cols: number): readonly string[] {
    const { id, statement } = this.#waiting.request;
    if (this.#verdict !== 'deny') {
      const verb = this.#verdict === 'grant' ? 'approve and remember' : 'approve';
      const prompt = ` Your code to ${verb} ${id} for ${statement.user} on ${statement.target}:`;
      if (isNarrow(cols)) return [cell(prompt, cols), cell(` ${this.#field.shown}`, cols)];
      return [cell(`${prompt} ${this.#field.shown}`, cols)];
    }
    const ready = READY_REASONS.map((reason, index) => `${index + 1} "${reason}"`).join('  ');
    return [cell(` ${ready}`, cols), cell(` Why not ${id}? ${this.#field.shown}`, cols)];
  }

  /** @returns what was decided, or whether to go on asking */
  press(key: ScreenKey): Extract<InboxResult, { kind: 'approve' | 'deny' }> | 'more' | 'dropped' {
    if (key.kind === 'escape') return 'dropped';
    if (key.kind === 'enter') return this.#enter();
    const ready = this.#readyReason(key);
    if (ready !== undefined) this.#field.set(ready);
    else this.#field.press(key);
    return 'more';
  }

  #enter(): ReturnType<InboxQuestion['press']> {
    const text = this.#field.text.trim();
    const waiting = this.#waiting;
    if (this.#verdict === 'deny') return { kind: 'deny', waiting, reason: text };
    return text === '' ? 'more' : { kind: 'approve', waiting, code: text, grant: this.#verdict === 'grant' };
  }

  #readyReason(key: ScreenKey): string | undefined {
    if (this.#verdict !== 'deny' || key.kind !== 'text' || !this.#field.isEmpty) return undefined;
    return READY_REASONS[Number(key.text) - 1];
  }
}
