/** Somebody else's live screen: their output goes through an emulator of ours, and only cells are drawn. */
import type { LiveItem } from '../recording/live-feed.ts';
import { FullScreen, type PlayerTerminal } from '../recording/player/full-screen.ts';
import { clampPan, followCursor, viewRows } from '../recording/player/viewport.ts';
import { Emulator } from '../terminal/emulator.ts';

const FIRST_SIZE = { cols: 80, rows: 24 };

export class WatchScreen {
  readonly #terminal: PlayerTerminal;
  readonly #screen: FullScreen;
  readonly #title: string;
  readonly #emulator = new Emulator({ ...FIRST_SIZE, scrollback: 0 });
  #drawing: Promise<void> | undefined;
  #stale = false;
  #close: () => void = () => {};
  /** Resolves when the session ended or the viewer pressed q or Ctrl-C. */
  readonly closed: Promise<void>;

  constructor(terminal: PlayerTerminal, title: string) {
    this.#terminal = terminal;
    this.#screen = new FullScreen(terminal);
    this.#title = title;
    this.closed = new Promise((resolve) => {
      this.#close = resolve;
    });
  }

  /** Takes the screen over until `leave`. */
  async enter(): Promise<() => Promise<void>> {
    await this.#screen.enter();
    const stop = this.#terminal.keys(
      (bytes) => {
        if (bytes.includes(0x03) || bytes.includes(0x71)) this.#close();
      },
      () => {
        this.#screen.forget();
        this.#redraw();
      },
    );
    this.#redraw();
    return async () => {
      stop();
      await this.#drawing;
      await this.#screen.leave();
      this.#emulator.dispose();
    };
  }

  take(item: LiveItem): void {
    switch (item.kind) {
      case 'output':
        this.#emulator.write(item.bytes);
        break;
      case 'resize':
        this.#emulator.resize(item.size.cols, item.size.rows);
        break;
      case 'marker':
        break;
      case 'closed':
        this.#close();
        break;
    }
    this.#redraw();
  }

  /** One drawing at a time; what changes meanwhile is drawn after it. */
  #redraw(): void {
    this.#stale = true;
    this.#drawing ??= this.#drawAll().finally(() => {
      this.#drawing = undefined;
    });
  }

  async #drawAll(): Promise<void> {
    while (this.#stale) {
      this.#stale = false;
      const { cols, rows } = this.#screen.size;
      const window = { cols, rows: Math.max(1, rows - 1) };
      const pan = followCursor(clampPan({ col: 0, row: 0 }, this.#emulator, window), this.#emulator, window);
      await this.#screen.draw([
        ...viewRows(this.#emulator, pan, window),
        `\x1b[7m${this.#title.slice(0, cols)}\x1b[0m`,
      ]);
    }
  }
}
