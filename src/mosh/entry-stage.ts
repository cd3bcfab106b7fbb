/**
 * What a client sees before it is in a session: nothing, until it has said how large its screen is. If there is
 * a session of the same person to the same place that lost its client, it is offered.
 */
import type { TerminalSize } from '../model/session.ts';
import { DrawnScreen } from './screen/drawn-screen.ts';
import { INITIAL_SCREEN, type Screen } from './screen/screen.ts';
import type { Stage } from './stage.ts';

export interface EntryListener {
  /** The client's size is known. Returns the question to ask, or null when the session has taken over. */
  onReady(size: TerminalSize): EntryQuestion | null;
  /** The screen changed. */
  onChange(): void;
}

/** A question that one key answers. */
export interface EntryQuestion {
  readonly lines: readonly string[];
  /** Whether the key was an answer. */
  onKey(key: string, size: TerminalSize): boolean;
}

export class EntryStage implements Stage {
  readonly applicationCursor = false;
  readonly hasRoom = true;
  readonly #listener: EntryListener;
  #screen: DrawnScreen | undefined;
  #size: TerminalSize | undefined;
  #question: EntryQuestion | null = null;

  constructor(listener: EntryListener) {
    this.#listener = listener;
  }

  /** undefined before the client has said it. */
  get size(): TerminalSize | undefined {
    return this.#size;
  }

  picture(echoAck: number): Screen {
    return this.#screen?.picture(echoAck) ?? { ...INITIAL_SCREEN, echoAck };
  }

  /** Only what is typed after the question was painted counts, and one key of it. */
  input(bytes: Uint8Array): void {
    const key = Buffer.from(bytes.subarray(0, 1)).toString('latin1');
    if (this.#question !== null && this.#screen !== undefined) this.#question.onKey(key, this.#screen.size);
  }

  resize(size: TerminalSize): void {
    const first = this.#size === undefined;
    this.#size = size;
    if (first) this.#question = this.#listener.onReady(size);
    if (this.#question === null) return;
    this.#screen ??= new DrawnScreen({ size, clipboard: false, onAnswer: () => {} });
    this.#screen.resize(size);
    const text = this.#question.lines.join('\r\n');
    this.#screen.write(Buffer.from(`\x1b[2J\x1b[H${text}`));
    this.#listener.onChange();
  }
}
