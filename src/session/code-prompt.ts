/**
 * Asks for the requester's own code on a terminal that has no screen of ours yet: `ssh -t target COMMAND`, held
 * before anything was opened. One line of digits, shown as stars; Ctrl-C or Esc gives the command up. It decides
 * nothing: the code goes to the desk, and what the desk says shows in the request.
 */
import type { ApprovalDesk } from '../approval/desk.ts';
import { describeFailure } from '../base/heldline-error.ts';
import type { ApprovalRequest } from '../model/approval-request.ts';
import type { Principal } from '../model/principal.ts';
import { answerToVote } from './gate/desk-answers.ts';
import { MOVED_WORDS, ownProof } from './gate/words.ts';
import type { Presence } from './ports.ts';

export interface CodePromptParts {
  readonly desk: Pick<ApprovalDesk, 'vote' | 'cancel'>;
  readonly request: ApprovalRequest;
  readonly voter: Principal;
  /** ms since the epoch */
  readonly now: () => number;
  readonly say: (text: string) => void;
  readonly presence: () => Presence;
}

const CODE_LENGTH = 6;
const BACKSPACE = new Set(['\x7f', '\b']);
const GIVE_UP = new Set(['\x03', '\x1b']);

export class CodePrompt {
  readonly #parts: CodePromptParts;
  readonly #asksOwnCode: boolean;
  #digits = '';
  #busy = false;

  constructor(parts: CodePromptParts) {
    this.#parts = parts;
    this.#asksOwnCode = ownProof(parts.request.requirement) === 'code';
  }

  /** Shows what can be typed. */
  ask(): void {
    this.#parts.say(this.#asksOwnCode ? 'Your code (Ctrl-C cancels): ' : 'Ctrl-C cancels.\n');
  }

  /** Keys that came after `ask`. */
  take(bytes: Uint8Array): void {
    for (const key of Buffer.from(bytes).toString('latin1')) this.#key(key);
  }

  #key(key: string): void {
    if (GIVE_UP.has(key)) this.#background(this.#cancel());
    else if (this.#busy || !this.#asksOwnCode) return;
    else if (key === '\r' || key === '\n') this.#background(this.#submit());
    else if (BACKSPACE.has(key)) this.#erase();
    else if (/\d/.test(key) && this.#digits.length < CODE_LENGTH) this.#type(key);
  }

  #type(digit: string): void {
    this.#digits += digit;
    this.#parts.say('*');
  }

  #erase(): void {
    if (this.#digits === '') return;
    this.#digits = this.#digits.slice(0, -1);
    this.#parts.say('\b \b');
  }

  #cancel(): Promise<void> {
    return this.#parts.desk.cancel(this.#parts.request.statement.uid, 'cancelled by the requester');
  }

  async #submit(): Promise<void> {
    const { desk, request, voter, now, say } = this.#parts;
    const { uid, policyHash } = request.statement;
    const code = this.#digits;
    this.#digits = '';
    say('\n');
    if (this.#parts.presence() === 'moved') {
      say(`heldline: ${MOVED_WORDS}\n`);
      return this.ask();
    }
    this.#busy = true;
    const ballot = { uid, voter, verdict: 'approve', digest: request.digest, policyHash, code } as const;
    const outcome = await desk.vote({ ...ballot, door: 'panel', reason: null });
    this.#busy = false;
    const answer = answerToVote(outcome, now());
    if (answer === null) return;
    say(`${answer}\n`);
    this.ask();
  }

  /** The desk never rejects; if it does all the same, the command stays held until it expires. */
  #background(work: Promise<void>): void {
    work.catch((failure: unknown) => this.#parts.say(`heldline: ${describeFailure(failure)}\n`));
  }
}
