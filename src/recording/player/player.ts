/**
 * Plays a recording on a person's terminal. What is shown are cells that our own emulator read from the
 * recording; whatever the recorded output asks, sets or sends never reaches the viewer's terminal.
 */
import type { Clock } from '../../base/clock.ts';
import type { TerminalSize } from '../../model/session.ts';
import type { RecordingFiles } from '../reader.ts';
import { type SearchHit, searchRecording } from '../search.ts';
import { FullScreen, type PlayerTerminal } from './full-screen.ts';
import { Playback } from './playback.ts';
import { Inbox, type News } from './player-inbox.ts';
import { type ControlKey, isMove, type MoveKey, type PlayerKey, type PressedKey } from './player-keys.ts';
import { formatTime, listRows, PLAYER_HELP, statusLine } from './status-line.ts';
import { Timeline } from './timeline.ts';
import { clampPan, followCursor, type Pan, viewRows } from './viewport.ts';

export interface PlayerOptions {
  readonly files: RecordingFiles;
  readonly terminal: PlayerTerminal;
  readonly clock: Clock;
  /** Microseconds since the start. Default 0. */
  readonly from?: number;
  /** Default 1; the nearest of 0.25 to 16. */
  readonly speed?: number;
  /** Longest idle time that is shown, microseconds; 0 shows all of it. Default 2 s. */
  readonly idle?: number;
  /** Ends the player when aborted. */
  readonly signal?: AbortSignal;
}

const SPEEDS: readonly number[] = [0.25, 0.5, 1, 2, 4, 8, 16];
const TICK_MS = 40;
const IDLE_US = 2_000_000;
const MOST_HITS = 1000;

/** What the keyboard is for at the moment. */
type Mode =
  | { readonly kind: 'playing' }
  | { readonly kind: 'paused' }
  | { readonly kind: 'help' }
  | { readonly kind: 'list'; readonly selected: number }
  | { readonly kind: 'typing'; readonly text: string };

interface Found {
  readonly text: string;
  readonly hits: readonly SearchHit[];
}

export class Player {
  readonly #options: PlayerOptions;
  readonly #timeline: Timeline;
  readonly #playback: Playback;
  readonly #screen: FullScreen;
  #mode: Mode = { kind: 'playing' };
  #speed: number;
  #idle: number;
  #skipIdle: boolean;
  #pan: Pan = { col: 0, row: 0 };
  #panned = false;
  #found: Found | null = null;
  /** What was drawn last: reading all cells for every tick would be wasted while nothing happens. */
  #view: { readonly key: string; readonly rows: readonly string[] } = { key: '', rows: [] };
  #message = '';
  #tickedAt = 0;

  private constructor(options: PlayerOptions, timeline: Timeline) {
    this.#options = options;
    this.#timeline = timeline;
    this.#playback = new Playback(timeline);
    this.#screen = new FullScreen(options.terminal);
    const speed = options.speed ?? 1;
    this.#speed = SPEEDS.findLast((one) => one <= speed) ?? 0.25;
    this.#idle = options.idle ?? IDLE_US;
    this.#skipIdle = this.#idle > 0;
  }

  /** Plays until the viewer quits or the signal aborts. Leaves the terminal as it was. */
  static async play(options: PlayerOptions): Promise<void> {
    const player = new Player(options, await Timeline.load(options.files));
    await player.#run();
  }

  async #run(): Promise<void> {
    await this.#screen.enter();
    const { terminal, clock, signal } = this.#options;
    const inbox = new Inbox(terminal, clock, signal);
    try {
      await this.#playback.seek(this.#options.from ?? 0);
      this.#tickedAt = this.#options.clock.monotonic();
      for (let going = true; going; ) {
        await this.#draw();
        const news = await inbox.next(this.#mode.kind === 'playing' ? TICK_MS : null);
        going = await this.#hear(news);
      }
    } finally {
      inbox.close();
      this.#playback.dispose();
      await this.#screen.leave();
    }
  }

  /** @returns whether to go on */
  async #hear(news: News): Promise<boolean> {
    const now = this.#options.clock.monotonic();
    const passed = now - this.#tickedAt;
    this.#tickedAt = now;
    if (this.#mode.kind === 'playing') await this.#advance(passed);
    if (news.kind === 'resize') this.#screen.forget();
    if (news.kind === 'end') return false;
    if (news.kind !== 'keys') return true;
    for (const pressed of news.keys) {
      if (!(await this.#press(pressed))) return false;
    }
    return true;
  }

  /** @param passed ms of the viewer's time */
  async #advance(passed: number): Promise<void> {
    const next = await this.#playback.nextTime();
    if (next === null) {
      this.#mode = { kind: 'paused' };
      this.#message = this.#timeline.report.reason?.text ?? 'end';
      return;
    }
    const time = this.#playback.time + passed * 1000 * this.#speed;
    const skips = this.#skipIdle && next - this.#playback.time > this.#idle;
    await this.#playback.seek(skips ? Math.max(time, next - this.#idle) : time);
  }

  /** @returns whether to go on */
  async #press(pressed: PressedKey): Promise<boolean> {
    this.#message = '';
    switch (this.#mode.kind) {
      case 'typing':
        await this.#type(pressed, this.#mode.text);
        return pressed.key?.kind !== 'quit' || pressed.text !== '';
      case 'list':
        return this.#inList(pressed.key, this.#mode.selected);
      case 'help':
        this.#mode = { kind: 'paused' };
        return true;
      case 'playing':
      case 'paused':
        return pressed.key === null || this.#command(pressed.key);
    }
  }

  async #type({ key, text }: PressedKey, typed: string): Promise<void> {
    if (key?.kind === 'enter') await this.#search(typed);
    else if (key?.kind === 'escape') this.#mode = { kind: 'paused' };
    else if (key?.kind === 'erase') this.#mode = { kind: 'typing', text: [...typed].slice(0, -1).join('') };
    else this.#mode = { kind: 'typing', text: typed + text };
  }

  async #search(text: string): Promise<void> {
    this.#mode = { kind: 'paused' };
    const { hits } = await searchRecording(this.#options.files, text, { limit: MOST_HITS });
    this.#found = { text, hits: [...hits].sort((a, b) => a.time - b.time) };
    await this.#toHit(1);
  }

  async #toHit(by: 1 | -1): Promise<void> {
    const { time } = this.#playback;
    const hits = this.#found?.hits ?? [];
    const hit = by === 1 ? hits.find((one) => one.time > time) : hits.findLast((one) => one.time < time);
    this.#mode = { kind: 'paused' };
    if (hit === undefined)
      this.#message =
        this.#found === null ? 'type / to search' : `no ${by === 1 ? 'later' : 'earlier'} "${this.#found.text}"`;
    else await this.#playback.seek(hit.time);
  }

  async #inList(key: PlayerKey | null, selected: number): Promise<boolean> {
    const last = this.#timeline.marks.length - 1;
    if (key?.kind === 'quit') return false;
    if (key?.kind === 'pan') {
      this.#mode = { kind: 'list', selected: Math.min(Math.max(selected + key.rows, 0), Math.max(last, 0)) };
      return true;
    }
    if (key?.kind !== 'enter' && key?.kind !== 'escape' && key?.kind !== 'list') return true;
    this.#mode = { kind: 'paused' };
    const mark = this.#timeline.marks[selected];
    if (key.kind === 'enter' && mark !== undefined) await this.#playback.seek(mark.time);
    return true;
  }

  /** @returns whether to go on */
  async #command(key: PlayerKey): Promise<boolean> {
    if (!isMove(key)) return this.#control(key);
    await this.#move(key);
    return true;
  }

  async #move(key: MoveKey): Promise<void> {
    const { duration } = this.#timeline;
    const { time } = this.#playback;
    switch (key.kind) {
      case 'step':
        this.#mode = { kind: 'paused' };
        await (key.by === 1 ? this.#playback.stepForward() : this.#playback.stepBack());
        return;
      case 'skip':
        return this.#playback.seek(time + key.by * 1e6);
      case 'skip-share':
        return this.#playback.seek(time + key.by * duration);
      case 'jump-share':
        return this.#playback.seek(key.to * duration);
      case 'marker':
        return this.#toMarker(key.by);
      case 'next-hit':
        return this.#toHit(key.by);
    }
  }

  /** @returns whether to go on */
  #control(key: ControlKey): boolean {
    switch (key.kind) {
      case 'quit':
        return false;
      case 'pause':
        this.#mode = { kind: this.#mode.kind === 'playing' ? 'paused' : 'playing' };
        break;
      case 'speed':
        this.#speed = SPEEDS[SPEEDS.indexOf(this.#speed) + key.by] ?? this.#speed;
        break;
      case 'idle':
        this.#skipIdle = !this.#skipIdle;
        if (this.#idle === 0) this.#idle = IDLE_US;
        break;
      case 'search':
        this.#mode = { kind: 'typing', text: '' };
        break;
      case 'list':
        this.#mode = { kind: 'list', selected: Math.max(0, this.#markerIndex()) };
        break;
      case 'help':
        this.#mode = { kind: 'help' };
        break;
      case 'pan':
        this.#pan = { col: this.#pan.col + key.cols, row: this.#pan.row + key.rows };
        this.#panned = true;
        break;
      case 'enter':
      case 'escape':
      case 'erase':
        break;
    }
    return true;
  }

  async #toMarker(by: 1 | -1): Promise<void> {
    const { time } = this.#playback;
    const { marks } = this.#timeline;
    const mark = by === 1 ? marks.find((one) => one.time > time) : marks.findLast((one) => one.time < time);
    if (mark !== undefined) await this.#playback.seek(mark.time);
    else this.#message = by === 1 ? 'no later marker' : 'no earlier marker';
  }

  /** The last marker that was passed; -1 before the first. */
  #markerIndex(): number {
    return this.#timeline.marks.findLastIndex((mark) => mark.time <= this.#playback.time);
  }

  async #draw(): Promise<void> {
    const { size } = this.#screen;
    const rows = this.#rows({ cols: size.cols, rows: Math.max(1, size.rows - 1) });
    await this.#screen.draw([...rows, this.#status(size.cols)]);
  }

  #rows(window: TerminalSize): string[] {
    const mode = this.#mode;
    const rows = this.#rowsOf(mode, window);
    while (rows.length < window.rows) rows.push('');
    return rows;
  }

  #rowsOf(mode: Mode, window: TerminalSize): string[] {
    if (mode.kind === 'help') return listRows('Keys', PLAYER_HELP, -1, window);
    if (mode.kind === 'list') {
      const lines = this.#timeline.marks.map((mark) => `${formatTime(mark.time)}  ${mark.label}`);
      return listRows('Commands and decisions: Enter goes there, c closes', lines, mode.selected, window);
    }
    const { screen } = this.#playback;
    this.#pan = this.#panned ? clampPan(this.#pan, screen, window) : followCursor(this.#pan, screen, window);
    const key = [this.#playback.changes, this.#pan.col, this.#pan.row, window.cols, window.rows].join(' ');
    if (this.#view.key !== key) this.#view = { key, rows: viewRows(screen, this.#pan, window) };
    return [...this.#view.rows];
  }

  #status(cols: number): string {
    if (this.#mode.kind === 'typing') return statusLine(`/${this.#mode.text}`, 'Enter searches, Esc does not', cols);
    const { duration } = this.#timeline;
    const mark = this.#timeline.marks[this.#markerIndex()];
    const parts = [
      this.#mode.kind === 'playing' ? 'playing' : 'paused ',
      `${formatTime(this.#playback.time)} / ${formatTime(duration)}`,
      `${this.#speed}x`,
      this.#skipIdle ? `idle ${this.#idle / 1e6} s` : 'idle all',
      this.#playback.screen.failure ?? (this.#message === '' ? (mark?.label ?? '') : this.#message),
    ];
    return statusLine(parts.join('  '), '? help', cols);
  }
}
