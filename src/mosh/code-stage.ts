/**
 * What stands before a session whose client appeared at another address, where the policy wants to know who that is:
 * nothing of the session is shown and no key reaches it until its person has given their one-time code.
 *
 * Enter comes first: a client shows what it expects to be echoed until Enter, and what was typed for the session is not a code.
 */

import type { Clock } from '../base/clock.ts';
import { withDeadline } from '../base/deadline.ts';
import type { TerminalSize } from '../model/session.ts';
import type { CodeAnswer } from './ports.ts';
import { DrawnScreen } from './screen/drawn-screen.ts';
import { INITIAL_SCREEN, type Screen } from './screen/screen.ts';
import type { Stage } from './stage.ts';

export interface CodeStageParts {
  /** Why a code is asked for, for the person. */
  readonly why: string;
  /** undefined before the client has said how large its screen is. */
  readonly size: TerminalSize | undefined;
  readonly clock: Clock;
  readonly verify: (code: string) => Promise<CodeAnswer>;
  readonly onChange: () => void;
  /** The code was right. Nothing is verified any more after it. */
  readonly onProven: () => void;
  /** It was not, or could not be checked. */
  readonly onRefused: (why: string) => void;
}

type State = 'before' | 'asking' | 'checking' | 'proven';

const CODE_LENGTH = 6;
/** ms that a code may take to be checked. */
const CHECK_DEADLINE = 5000;
const BACKSPACE = /[\x7f\b]/;

export class CodeStage implements Stage {
  readonly applicationCursor = false;
  readonly hasRoom = true;
  readonly #parts: CodeStageParts;
  #screen: DrawnScreen | undefined;
  #state: State = 'before';
  #digits = '';
  #note = '';

  constructor(parts: CodeStageParts) {
    this.#parts = parts;
    if (parts.size !== undefined) this.resize(parts.size);
  }

  /** undefined before the client has said it. */
  get size(): TerminalSize | undefined {
    return this.#screen?.size;
  }

  picture(echoAck: number): Screen {
    return this.#screen?.picture(echoAck) ?? { ...INITIAL_SCREEN, echoAck };
  }

  input(bytes: Uint8Array): void {
    for (const key of Buffer.from(bytes).toString('latin1')) this.#press(key);
    this.#draw();
  }

  resize(size: TerminalSize): void {
    this.#screen ??= new DrawnScreen({ size, clipboard: false, onAnswer: () => {} });
    this.#screen.resize(size);
    this.#draw();
  }

  #press(key: string): void {
    if (key === '\r') this.#enter();
    else if (this.#state !== 'asking') return;
    else if (BACKSPACE.test(key)) this.#digits = this.#digits.slice(0, -1);
    else if (/\d/.test(key) && this.#digits.length < CODE_LENGTH) this.#digits += key;
  }

  #enter(): void {
    if (this.#state === 'before') this.#state = 'asking';
    else if (this.#state === 'asking' && this.#digits.length === CODE_LENGTH) this.#check();
    else if (this.#state === 'asking') this.#note = 'A code has six digits.';
  }

  #check(): void {
    const { verify, clock, onProven } = this.#parts;
    const code = this.#digits;
    this.#state = 'checking';
    this.#digits = '';
    this.#note = '';
    withDeadline(verify(code), CHECK_DEADLINE, 'the code service', clock).then(
      (answer) => {
        if (answer.kind === 'refused') return this.#refused(answer.why);
        this.#state = 'proven';
        onProven();
      },
      () => this.#refused('it could not be checked'),
    );
  }

  #refused(why: string): void {
    this.#state = 'asking';
    this.#note = `That did not work: ${why}.`;
    this.#parts.onRefused(why);
    this.#draw();
  }

  #draw(): void {
    const lines = [
      `heldline: ${this.#parts.why}`,
      '',
      'Press Enter, then type your one-time code and Enter.',
      'No code at hand? Run mosh again in another window and go on there.',
      '',
      this.#note,
      this.#state === 'before' ? '' : `Code: ${'*'.repeat(this.#digits.length)}`,
    ];
    this.#screen?.write(Buffer.from(`\x1b[2J\x1b[H${lines.join('\r\n')}`));
    this.#parts.onChange();
  }
}
