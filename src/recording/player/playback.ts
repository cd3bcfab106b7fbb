/**
 * A screen that can be moved through a recording in time. Forward it feeds output to an emulator; backward it
 * begins again at the nearest keyframe. Keyframes are kept in memory, never in the recording: each is the
 * screen at a moment when no sequence was cut, drawn as bytes. One taken before a resize is not used after it,
 * because how lines were wrapped is not part of it.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Emulator } from '../../terminal/emulator.ts';
import { PREPARE_TO_DRAW, repaint, restoreState, snapshotOf } from '../../terminal/restore.ts';
import type { RecordingEvent } from '../event-line.ts';
import { usableSize } from '../terminal-size.ts';
import type { Cursor, Timeline } from './timeline.ts';

const KEYFRAME_BYTES = 256 * 1024;
/** The event loop gets a turn after this much output. */
const TURN_BYTES = 256 * 1024;

interface Keyframe {
  readonly cursor: Cursor;
  readonly time: number;
  readonly cols: number;
  readonly rows: number;
  readonly drawing: string;
}

/** How far to feed: up to and including a time, or up to and excluding the event at a cursor. */
type Goal = { readonly kind: 'time'; readonly time: number } | { readonly kind: 'cursor'; readonly cursor: Cursor };

const START: Cursor = { frame: 0, index: 0 };

export class Playback {
  readonly #timeline: Timeline;
  readonly #keyframes: Keyframe[] = [];
  #emulator: Emulator;
  #cursor: Cursor = START;
  #time = 0;
  #sinceKeyframe = 0;
  #sinceTurn = 0;
  #changes = 0;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
    this.#emulator = blankScreen(timeline);
  }

  /** The screen now; another object after a backward move. */
  get screen(): Emulator {
    return this.#emulator;
  }

  /** Counts up whenever the screen may have changed. */
  get changes(): number {
    return this.#changes;
  }

  /** Microseconds since the start. */
  get time(): number {
    return this.#time;
  }

  get keyframeCount(): number {
    return this.#keyframes.length;
  }

  /** When the next event is due; null at the end. */
  async nextTime(): Promise<number | null> {
    return (await this.#peek())?.time ?? null;
  }

  /** Shows the screen as it was at `time`. */
  async seek(time: number): Promise<void> {
    const to = Math.min(Math.max(time, 0), this.#timeline.duration);
    const goal: Goal = { kind: 'time', time: to };
    if (to < this.#time) this.#goBack(goal);
    await this.#feed(goal);
    this.#time = to;
  }

  /** Shows what the next output does. False at the end. */
  async stepForward(): Promise<boolean> {
    for (let event = await this.#peek(); event !== null; event = await this.#peek()) {
      await this.#take(event);
      if (event.kind === 'output') return true;
    }
    return false;
  }

  /** Takes the last output back. False at the start. */
  async stepBack(): Promise<boolean> {
    const cursor = await this.#lastOutput();
    if (cursor === null) return false;
    const goal: Goal = { kind: 'cursor', cursor };
    this.#goBack(goal);
    await this.#feed(goal);
    return true;
  }

  dispose(): void {
    this.#emulator.dispose();
  }

  /** Begins again at the newest keyframe before the goal that no later size change makes useless. */
  #goBack(goal: Goal): void {
    const resize = this.#timeline.resizes.findLast((one) => !isPast(one.cursor, one.time, goal));
    const keyframe = this.#keyframes.findLast((one) => !isPast(one.cursor, one.time, goal));
    this.#emulator.dispose();
    this.#changes += 1;
    this.#sinceKeyframe = 0;
    if (keyframe === undefined || (resize !== undefined && isBefore(keyframe.cursor, resize.cursor))) {
      this.#emulator = blankScreen(this.#timeline);
      this.#cursor = START;
      this.#time = 0;
      return;
    }
    this.#emulator = new Emulator({ cols: keyframe.cols, rows: keyframe.rows, scrollback: 0 });
    this.#emulator.write(Buffer.from(keyframe.drawing));
    this.#cursor = keyframe.cursor;
    this.#time = keyframe.time;
  }

  async #feed(goal: Goal): Promise<void> {
    for (let event = await this.#peek(); event !== null; event = await this.#peek()) {
      const due = goal.kind === 'time' ? event.time <= goal.time : isBefore(this.#cursor, goal.cursor);
      if (!due) return;
      await this.#take(event);
    }
  }

  async #peek(): Promise<RecordingEvent | null> {
    while (this.#cursor.frame < this.#timeline.frameCount) {
      const event = (await this.#timeline.events(this.#cursor.frame))[this.#cursor.index];
      if (event !== undefined) return event;
      this.#cursor = { frame: this.#cursor.frame + 1, index: 0 };
    }
    return null;
  }

  async #take(event: RecordingEvent): Promise<void> {
    this.#cursor = { ...this.#cursor, index: this.#cursor.index + 1 };
    this.#time = event.time;
    this.#changes += 1;
    if (event.kind === 'resize') {
      const { cols, rows } = usableSize(event.size);
      this.#emulator.resize(cols, rows);
      this.#keepKeyframe();
    }
    if (event.kind !== 'output') return;
    const bytes = event.bytes ?? Buffer.from(event.text);
    this.#emulator.write(bytes);
    this.#sinceKeyframe += bytes.length;
    if (this.#sinceKeyframe >= KEYFRAME_BYTES) this.#keepKeyframe();
    await this.#giveTurn(bytes.length);
  }

  #keepKeyframe(): void {
    const emulator = this.#emulator;
    const newest = this.#keyframes.at(-1);
    if (newest !== undefined && !isBefore(newest.cursor, this.#cursor)) return;
    // The other buffer is not in a snapshot, and a cut sequence could not be continued.
    if (emulator.alternate || !emulator.isGround) return;
    const snapshot = snapshotOf(emulator);
    this.#sinceKeyframe = 0;
    this.#keyframes.push({
      cursor: this.#cursor,
      time: this.#time,
      cols: emulator.cols,
      rows: emulator.rows,
      drawing: PREPARE_TO_DRAW + repaint(snapshot) + restoreState(snapshot),
    });
  }

  async #giveTurn(bytes: number): Promise<void> {
    this.#sinceTurn += bytes;
    if (this.#sinceTurn < TURN_BYTES) return;
    this.#sinceTurn = 0;
    await nextTurn();
  }

  /** Where the newest output before the cursor stands. */
  async #lastOutput(): Promise<Cursor | null> {
    let { frame, index } = this.#cursor;
    for (; frame >= 0; frame -= 1) {
      const events = (await this.#timeline.events(frame)).slice(0, index);
      const at = events.findLastIndex((event) => event.kind === 'output');
      if (at !== -1) return { frame, index: at };
      index = Number.POSITIVE_INFINITY;
    }
    return null;
  }
}

function blankScreen(timeline: Timeline): Emulator {
  return new Emulator({ ...timeline.size, scrollback: 0 });
}

function isBefore(a: Cursor, b: Cursor): boolean {
  return a.frame < b.frame || (a.frame === b.frame && a.index < b.index);
}

/** Whether a place lies beyond the goal, so that feeding cannot begin there. */
function isPast(cursor: Cursor, time: number, goal: Goal): boolean {
  return goal.kind === 'time' ? time > goal.time : isBefore(goal.cursor, cursor);
}
