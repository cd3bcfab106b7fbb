/**
 * One person's stay in full-screen pages: shows a page, hands it keys, draws it again when something happened,
 * and leaves the terminal as it was. What pages mean is their own business.
 */
import type { Cancel, Clock } from '../../base/clock.ts';
import type { TerminalSize } from '../../model/session.ts';
import { FullScreen, type PlayerTerminal } from '../../recording/player/full-screen.ts';
import { KeyReader, type ScreenKey } from './key-reader.ts';

/** Something to look at and to press keys on. */
export interface Page<Result> {
  /** At most `size.rows` rows, already safe, none wider than `size.cols`. */
  rows(size: TerminalSize): readonly string[];
  /** Takes a key; a result ends the page. */
  press(key: ScreenKey): Result | null;
  /** Whether it shows something that changes by itself every second. */
  readonly ticks: boolean;
}

export interface VisitParts {
  readonly terminal: PlayerTerminal;
  readonly clock: Clock;
  /** Aborted when the person is gone. */
  readonly gone: AbortSignal;
}

type News = { readonly kind: 'key'; readonly key: ScreenKey } | { readonly kind: 'redraw' } | { readonly kind: 'gone' };

const TICK = 1000;
/** ms after which an Esc is the key Esc and not the beginning of another one. */
const ESCAPE_WAIT = 60;
const BELL = '\x07';

export class ScreenVisit {
  readonly #parts: VisitParts;
  readonly #screen: FullScreen;
  #reader = new KeyReader();
  #news: News[] = [];
  #wake: () => void = () => {};
  #cancelFlush: Cancel = () => {};
  #stopKeys: () => void = () => {};

  private constructor(parts: VisitParts) {
    this.#parts = parts;
    this.#screen = new FullScreen(parts.terminal);
  }

  /** Runs `stay` in the alternate screen, and restores the terminal whatever happens. */
  static async run<T>(parts: VisitParts, stay: (visit: ScreenVisit) => Promise<T>): Promise<T> {
    const visit = new ScreenVisit(parts);
    const onGone = (): void => visit.#put({ kind: 'gone' });
    parts.gone.addEventListener('abort', onGone);
    if (parts.gone.aborted) onGone();
    await visit.#enter();
    try {
      return await stay(visit);
    } finally {
      parts.gone.removeEventListener('abort', onGone);
      await visit.#leave();
    }
  }

  /** Shows `page` until it ends. @returns its result; null when the person pressed Ctrl-C or is gone */
  async show<Result>(page: Page<Result>): Promise<Result | null> {
    for (;;) {
      await this.#screen.draw(page.rows(this.#screen.size).slice(0, this.#screen.size.rows));
      const news = await this.#next(page.ticks ? TICK : null);
      if (news.kind === 'gone') return null;
      if (news.kind !== 'key') continue;
      if (news.key.kind === 'ctrl' && news.key.letter === 'c') return null;
      const result = page.press(news.key);
      if (result !== null) return result;
    }
  }

  /** Draws again what has changed. */
  redraw(): void {
    this.#put({ kind: 'redraw' });
  }

  async ring(): Promise<void> {
    await this.#parts.terminal.out(BELL);
  }

  /** Gives the terminal to `work` for a while, as it was before. */
  async suspend<T>(work: () => Promise<T>): Promise<T> {
    await this.#screen.leave();
    this.#stopKeys();
    try {
      return await work();
    } finally {
      this.#screen.forget();
      await this.#enter();
    }
  }

  async #enter(): Promise<void> {
    await this.#screen.enter();
    this.#reader = new KeyReader();
    this.#stopKeys = this.#parts.terminal.keys(
      (bytes) => this.#hear(bytes),
      () => {
        this.#screen.forget();
        this.redraw();
      },
    );
  }

  async #leave(): Promise<void> {
    this.#cancelFlush();
    this.#stopKeys();
    await this.#screen.leave();
  }

  #hear(bytes: Uint8Array): void {
    this.#cancelFlush();
    this.#putKeys(this.#reader.push(bytes));
    if (this.#reader.isWaiting) {
      this.#cancelFlush = this.#parts.clock.after(ESCAPE_WAIT, () => this.#putKeys(this.#reader.flush()));
    }
  }

  #putKeys(keys: readonly ScreenKey[]): void {
    for (const key of keys) this.#put({ kind: 'key', key });
  }

  #put(news: News): void {
    this.#news.push(news);
    this.#wake();
  }

  async #next(ms: number | null): Promise<News> {
    if (this.#news.length === 0) await this.#sleep(ms);
    return this.#news.shift() ?? { kind: 'redraw' };
  }

  #sleep(ms: number | null): Promise<void> {
    return new Promise((resolve) => {
      const cancel: Cancel = ms === null ? () => {} : this.#parts.clock.after(ms, resolve, { unref: true });
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}
