/**
 * Shows a session that is going on, as cells in a person's terminal: first what is stored, then what is in memory,
 * then everything new. Never slows the session: what the viewer cannot keep up with ends the watching.
 */
import type { Clock } from '../../base/clock.ts';
import type { Unsubscribe } from '../../base/signal.ts';
import { Emulator } from '../../terminal/emulator.ts';
import type { LiveItem, LiveListener } from '../live-feed.ts';
import { titleOf } from '../meta.ts';
import { type RecordingFiles, readEvents } from '../reader.ts';
import { usableSize } from '../terminal-size.ts';
import { FullScreen, type PlayerTerminal } from './full-screen.ts';
import { Inbox, type News } from './player-inbox.ts';
import type { PressedKey } from './player-keys.ts';
import { statusLine } from './status-line.ts';
import { clampPan, followCursor, type Pan, viewRows } from './viewport.ts';

export interface WatchOptions {
  /** The recording as far as it is stored. */
  readonly files: RecordingFiles;
  /** The running recorder's `subscribe`. */
  readonly subscribe: (listener: LiveListener) => Unsubscribe;
  readonly terminal: PlayerTerminal;
  readonly clock: Clock;
  /** Whether the viewer may end the session; then `k` and `y` do. */
  readonly mayKill: boolean;
  readonly signal?: AbortSignal;
}

/** `kill`: the viewer wants the session ended; the caller asks for the reason and does it. */
export type WatchEnd = 'quit' | 'ended' | 'kill' | 'too-slow';

const TICK_MS = 40;
const MOST_WAITING = 8 << 20;

export class LiveWatch {
  readonly #options: WatchOptions;
  readonly #screen: FullScreen;
  readonly #emulator: Emulator;
  #waiting: LiveItem[] = [];
  #waitingBytes = 0;
  /** Raw output bytes that the emulator has seen. */
  #offset = 0;
  #end: WatchEnd | null = null;
  #asksToKill = false;
  #pan: Pan = { col: 0, row: 0 };
  #panned = false;

  private constructor(options: WatchOptions) {
    this.#options = options;
    this.#screen = new FullScreen(options.terminal);
    this.#emulator = new Emulator({ ...usableSize(options.files.meta.size), scrollback: 0 });
  }

  /** Shows the session until it ends or the viewer has seen enough. Leaves the terminal as it was. */
  static async watch(options: WatchOptions): Promise<WatchEnd> {
    const watch = new LiveWatch(options);
    const unsubscribe = options.subscribe((item) => watch.#put(item));
    try {
      await watch.#readStored();
      return await watch.#run();
    } finally {
      unsubscribe();
      watch.#emulator.dispose();
    }
  }

  async #readStored(): Promise<void> {
    await readEvents(this.#options.files, (event) => {
      if (event.kind === 'resize') this.#resize(event.size.cols, event.size.rows);
      if (event.kind === 'output') this.#write(event.bytes ?? Buffer.from(event.text));
      return undefined;
    });
  }

  async #run(): Promise<WatchEnd> {
    await this.#screen.enter();
    const { terminal, clock, signal } = this.#options;
    const inbox = new Inbox(terminal, clock, signal);
    try {
      let end = this.#end;
      let news: News = { kind: 'resize' };
      while (end === null) {
        if (this.#takeWaiting() || news.kind !== 'tick') await this.#draw();
        news = await inbox.next(TICK_MS);
        this.#hear(news);
        end = this.#end;
      }
      return end;
    } finally {
      inbox.close();
      await this.#screen.leave();
    }
  }

  #put(item: LiveItem): void {
    this.#waiting.push(item);
    if (item.kind === 'output') this.#waitingBytes += item.bytes.length;
    if (this.#waitingBytes > MOST_WAITING) this.#end = 'too-slow';
  }

  /** @returns whether there was anything */
  #takeWaiting(): boolean {
    const items = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const item of items) this.#take(item);
    return items.length > 0;
  }

  #take(item: LiveItem): void {
    switch (item.kind) {
      case 'output': {
        const known = this.#offset - item.offset;
        if (known < item.bytes.length) this.#write(item.bytes.subarray(Math.max(0, known)));
        return;
      }
      case 'resize':
        if (item.offset >= this.#offset) this.#resize(item.size.cols, item.size.rows);
        return;
      case 'marker':
        return;
      case 'closed':
        this.#end ??= 'ended';
        return;
    }
  }

  #write(bytes: Uint8Array): void {
    this.#emulator.write(bytes);
    this.#offset += bytes.length;
  }

  #resize(cols: number, rows: number): void {
    const size = usableSize({ cols, rows });
    this.#emulator.resize(size.cols, size.rows);
  }

  #hear(news: News): void {
    if (news.kind === 'resize') this.#screen.forget();
    if (news.kind === 'end') this.#end ??= 'quit';
    if (news.kind === 'keys') for (const pressed of news.keys) this.#press(pressed);
  }

  #press({ key, text }: PressedKey): void {
    if (this.#asksToKill) {
      this.#asksToKill = false;
      if (text === 'y') this.#end ??= 'kill';
    } else if (text === 'k' || text === 't') {
      this.#asksToKill = this.#options.mayKill;
    } else if (key?.kind === 'quit') {
      this.#end ??= 'quit';
    } else if (key?.kind === 'pan') {
      this.#pan = { col: this.#pan.col + key.cols, row: this.#pan.row + key.rows };
      this.#panned = true;
    }
  }

  async #draw(): Promise<void> {
    const { cols, rows } = this.#screen.size;
    const window = { cols, rows: Math.max(1, rows - 1) };
    const screen = this.#emulator;
    this.#pan = this.#panned ? clampPan(this.#pan, screen, window) : followCursor(this.#pan, screen, window);
    await this.#screen.draw([...viewRows(screen, this.#pan, window), this.#status(cols)]);
  }

  #status(cols: number): string {
    if (this.#asksToKill) return statusLine('End this session? y ends it, any other key does not.', '', cols);
    const keys = this.#options.mayKill ? 'k end it  q quit' : 'q quit';
    return statusLine(`watching  ${titleOf(this.#options.files.meta)}`, keys, cols);
  }
}
