/**
 * The user's end of a session over Mosh. The session draws on a terminal here, and clients see pictures of it, so
 * the session does not notice when a client roams, sleeps or is replaced by another one.
 */
import type { Cancel, Clock } from '../base/clock.ts';
import type { Door, TerminalSize } from '../model/session.ts';
import type { ExitStatus, Presence, UserLeg, UserLegListener } from '../session/ports.ts';
import type { Attachment, AttachmentEnd } from './attachment.ts';
import { HistoryPager } from './history-pager.ts';
import { DrawnScreen } from './screen/drawn-screen.ts';
import type { Screen } from './screen/screen.ts';
import type { Stage } from './stage.ts';

export interface MoshUserLegOptions {
  readonly size: TerminalSize;
  readonly clock: Clock;
  /** ms without a client until the session ends. */
  readonly detached: number;
  /** Whether output may set the user's clipboard. */
  readonly clipboard: boolean;
  /** What is on the screen at the end is there to be read, whatever it is: the output of a command of the console. */
  readonly keepsScreen?: boolean;
  readonly onPresence: (presence: Presence) => void;
  /** Once, when the leg has ended for good. */
  readonly onEnded: (why: LegEnd) => void;
}

export type LegEnd = 'finished' | 'closed' | 'client-left' | 'detached-too-long';

/** Input kept for a session that does not take it now. */
const INPUT_LIMIT = 64 * 1024;
/** Lines above the screen that can be looked back at. */
const HISTORY = 500;
/** ms without output until what has scrolled away is kept in less memory. */
const REST = 1000;
/** ms that a last word of the bastion stays on the screen. */
const LAST_WORD = 20_000;
/** ms that the output of a command stays there. */
const LAST_SCREEN = 600_000;
const LAST_WORD_START = 'heldline:';
/** A client speaks every three seconds at least; after so much silence nobody is there. */
const SILENCE = 20_000;

type LegState = 'open' | 'finishing' | 'closed';

export class MoshUserLeg implements UserLeg, Stage {
  readonly door: Door = 'mosh';
  readonly #options: MoshUserLegOptions;
  readonly #screen: DrawnScreen;
  readonly #pager: HistoryPager;
  #driver: Attachment | undefined;
  #listener: UserLegListener | undefined;
  #state: LegState = 'open';
  #presence: Presence = 'attached';
  /** What to believe of whoever is at the client, while there is one. */
  #belief: Presence = 'attached';
  #lastHeard: number;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #paused = false;
  #earlySize: TerminalSize | undefined;
  #check: Cancel | undefined;
  #wroteAt = 0;
  #rest: Cancel | undefined;
  #onFinished: (() => void) | undefined;
  #onLastWordRead: (() => void) | undefined;

  constructor(options: MoshUserLegOptions) {
    this.#options = options;
    this.#lastHeard = options.clock.monotonic();
    this.#screen = new DrawnScreen({
      size: options.size,
      clipboard: options.clipboard,
      scrollback: HISTORY,
      onAnswer: (text) => this.#answer(text),
    });
    this.#pager = new HistoryPager(this.#screen);
    this.#scheduleCheck(SILENCE);
  }

  get presence(): Presence {
    return this.#presence;
  }

  get size(): TerminalSize {
    return this.#screen.size;
  }

  get roundTrip(): number | undefined {
    return this.#driver?.roundTrip;
  }

  get applicationCursor(): boolean {
    return this.#screen.applicationCursor;
  }

  get hasRoom(): boolean {
    return this.#waitingBytes < INPUT_LIMIT;
  }

  get open(): boolean {
    return this.#state === 'open';
  }

  /** Where keys come from now. */
  get driver(): Attachment | undefined {
    return this.#driver;
  }

  /** Gives the session to a client; the one before, if there is one, is told goodbye. */
  drive(attachment: Attachment): void {
    const before = this.#driver;
    this.#driver = attachment;
    this.#belief = 'attached';
    attachment.show(this);
    before?.end();
    this.heard(attachment);
  }

  /** Something came from a client of this session. */
  heard(attachment: Attachment): void {
    if (attachment !== this.#driver || this.#state === 'closed') return;
    // Who has not proven who they are does not keep the session either.
    if (this.#belief !== 'detached') this.#lastHeard = this.#options.clock.monotonic();
    this.#setPresence(this.#belief);
  }

  /** Whether this client is the person who signed in, as far as one knows: `attached` when it surely is. */
  believe(attachment: Attachment, belief: Presence): void {
    if (attachment !== this.#driver) return;
    this.#belief = belief;
    this.#setPresence(belief);
  }

  /** A client of this session has ended. */
  gone(attachment: Attachment, how: AttachmentEnd): void {
    if (attachment !== this.#driver) return;
    this.#driver = undefined;
    if (this.#state === 'finishing') {
      this.#onLastWordRead?.();
      this.#onFinished?.();
    } else if (how === 'left') this.#close('client-left');
    else this.#setPresence('detached');
  }

  picture(echoAck: number): Screen {
    return this.#pager.open ? this.#pager.picture(echoAck) : this.#screen.picture(echoAck);
  }

  input(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.#state === 'finishing') return this.#onLastWordRead?.();
    if (this.#state !== 'open') return;
    const looking = this.#pager.open;
    const taken = this.#pager.takes(bytes);
    if (looking || taken) this.#repaint();
    if (taken) return;
    if (this.#listener !== undefined && !this.#paused) return this.#listener.onInput(bytes);
    this.#waiting.push(Buffer.from(bytes));
    this.#waitingBytes += bytes.length;
  }

  resize(size: TerminalSize): void {
    const now = this.#screen.size;
    if (now.cols === size.cols && now.rows === size.rows) return;
    this.#screen.resize(size);
    this.#repaint();
    if (this.#listener === undefined) this.#earlySize = size;
    else if (this.#state === 'open') this.#listener.onResize(size);
  }

  attach(listener: UserLegListener): void {
    if (this.#listener !== undefined) throw new TypeError('a user leg is attached once');
    this.#listener = listener;
    if (this.#state === 'closed') return listener.onClose();
    if (this.#earlySize !== undefined) listener.onResize(this.#earlySize);
    if (this.#presence === 'detached') listener.onPresence('detached');
    this.#flushInput();
  }

  /** Always takes everything: the drawing is done when this returns, and clients get pictures at their own pace. */
  write(bytes: Uint8Array): boolean {
    if (this.#state === 'open') {
      this.#pager.close();
      this.#screen.write(bytes);
      this.#wroteAt = this.#options.clock.monotonic();
      this.#rest ??= this.#scheduleRest(REST);
      this.#repaint();
    }
    return true;
  }

  writeError(bytes: Uint8Array): boolean {
    return this.write(bytes);
  }

  pauseInput(): void {
    this.#paused = true;
  }

  resumeInput(): void {
    this.#paused = false;
    this.#flushInput();
  }

  /** The protocol has no place for a status. Resolves when the client knows of the end, or does not answer. */
  async finish(status: ExitStatus | null): Promise<void> {
    if (this.#state !== 'open') return;
    const lastWord = this.#leavesSomething(status);
    if (lastWord) this.write(Buffer.from('\r\nPress a key to close.'));
    this.#state = 'finishing';
    if (lastWord) await this.#readLastWord();
    const told = new Promise<void>((resolve) => {
      this.#onFinished = resolve;
    });
    if (this.#driver === undefined) this.#onFinished?.();
    this.#driver?.end();
    await told;
    this.#close('finished');
  }

  close(): void {
    this.#close('closed');
  }

  #close(why: LegEnd): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#check?.();
    this.#rest?.();
    this.#driver?.end();
    this.#onLastWordRead?.();
    this.#onFinished?.();
    this.#options.onEnded(why);
    this.#listener?.onClose();
  }

  /** The client clears its screen when it ends, and with it what the bastion said last. */
  #leavesSomething(status: ExitStatus | null): boolean {
    if (this.#driver === undefined || this.#presence === 'detached') return false;
    const last = lastLineOf(this.#screen.picture(0));
    if (this.#options.keepsScreen === true) return last.trim() !== '';
    return (status?.kind !== 'code' || status.code !== 0) && last.startsWith(LAST_WORD_START);
  }

  #readLastWord(): Promise<void> {
    return new Promise((resolve) => {
      const { clock, keepsScreen } = this.#options;
      const cancel = clock.after(keepsScreen === true ? LAST_SCREEN : LAST_WORD, resolve, { unref: true });
      this.#onLastWordRead = () => {
        cancel();
        resolve();
      };
    });
  }

  #repaint(): void {
    this.#driver?.changed();
  }

  #flushInput(): void {
    while (!this.#paused && this.#state === 'open' && this.#listener !== undefined) {
      const bytes = this.#waiting.shift();
      if (bytes === undefined) return;
      this.#waitingBytes -= bytes.length;
      this.#listener.onInput(bytes);
    }
  }

  /** Later, because the program's output is still being handled when its query is seen. */
  #answer(text: string): void {
    this.#options.clock.after(0, () => this.input(Buffer.from(text, 'latin1')));
  }

  #setPresence(presence: Presence): void {
    if (presence === this.#presence || this.#state === 'closed') return;
    this.#presence = presence;
    this.#options.onPresence(presence);
    this.#listener?.onPresence(presence);
  }

  /** One timer for any amount of output. */
  #scheduleRest(delay: number): Cancel {
    const { clock } = this.#options;
    const look = (): void => {
      const left = this.#wroteAt + REST - clock.monotonic();
      this.#rest = left > 0 ? this.#scheduleRest(left) : undefined;
      if (left <= 0) this.#screen.rest();
    };
    return clock.after(delay, look, { unref: true });
  }

  #scheduleCheck(delay: number): void {
    this.#check = this.#options.clock.after(delay, () => this.#checkSilence(), { unref: true });
  }

  #checkSilence(): void {
    const silent = this.#options.clock.monotonic() - this.#lastHeard;
    if (silent >= SILENCE) this.#setPresence('detached');
    if (silent >= this.#options.detached) return this.#close('detached-too-long');
    const next = silent >= SILENCE ? this.#options.detached - silent : SILENCE - silent;
    this.#scheduleCheck(Math.max(1, Math.ceil(next)));
  }
}

/** The last line with something on it, over all the rows that it takes. */
function lastLineOf({ rows }: Screen): string {
  let line = '';
  for (const row of [...rows].reverse()) {
    const text = row.cells.map((cell) => cell.text).join('');
    if (line.trim() !== '' && !row.wraps) break;
    line = text + line;
  }
  return line;
}
