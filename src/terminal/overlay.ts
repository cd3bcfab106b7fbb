/**
 * A panel over the user's screen, and the way back. In the normal buffer the panel is drawn in the alternate one
 * over a copy of the screen, so that leaving it brings the original back; where the alternate buffer is in use, or
 * the terminal has none, it is drawn over the screen and the screen is painted again from its cells.
 *
 * The overlay only makes bytes; whoever shows it writes them to the user, keeps the target's output back meanwhile
 * and replays it after `close`. It opens only while the emulator's parser is in ground state.
 */
import type { Emulator } from './emulator.ts';
import { CSI, moveTo, paintRow } from './paint.ts';
import type { PanelFrame, PanelSpan } from './panel.ts';
import {
  PREPARE_TO_DRAW,
  repaint,
  restoreState,
  restoreStateInPlace,
  type ScreenSnapshot,
  snapshotOf,
} from './restore.ts';

const HIDE_CURSOR = `${CSI}?25l`;
const STYLES = { plain: `${CSI}0m`, frame: `${CSI}0m`, strong: `${CSI}0;1m` } as const;
/** Terminals that know no alternate buffer, by the beginning of their TERM. */
const WITHOUT_ALTERNATE = /^(?:linux|vt\d|ansi|dumb|cons|sun)/;

/** Where the panel stands: rows from 0, and by how many rows the copy of the screen is moved up. */
interface Layout {
  readonly top: number;
  readonly height: number;
  readonly shift: number;
}

export class Overlay {
  readonly #emulator: Emulator;
  readonly #before: ScreenSnapshot;
  readonly #method: 'switch' | 'paint';
  #background: ScreenSnapshot;
  #layout: Layout | undefined;
  #resized = false;

  /** @param term the user's TERM */
  constructor(emulator: Emulator, term: string) {
    this.#emulator = emulator;
    this.#before = snapshotOf(emulator);
    this.#background = this.#before;
    this.#method = this.#before.alternate || WITHOUT_ALTERNATE.test(term) ? 'paint' : 'switch';
  }

  /** The first bytes of the panel: prepares the terminal and shows `frame`. */
  open(frame: PanelFrame): string {
    // The switch saves the cursor, so it comes before everything that moves it.
    const enter = this.#method === 'switch' ? `${CSI}?1049h` : '';
    return enter + PREPARE_TO_DRAW + HIDE_CURSOR + this.draw(frame);
  }

  /** Shows another state of the panel. */
  draw(frame: PanelFrame): string {
    const layout = this.#place(frame.lines.length);
    const same = this.#layout?.top === layout.top && this.#layout.height === layout.height;
    const background = same ? '' : this.#paintBackground(layout);
    this.#layout = layout;
    const lines = frame.lines.map((line, index) => `${moveTo(layout.top + index, 0)}${paintLine(line)}`);
    const { cursor } = frame;
    const caret = cursor === null ? HIDE_CURSOR : `${moveTo(layout.top + cursor.row, cursor.col)}${CSI}?25h`;
    return `${HIDE_CURSOR}${background}${lines.join('')}${caret}`;
  }

  /** After the emulator got its new size: what is under the panel has changed, and so has the way back. */
  resize(): void {
    this.#resized = true;
    this.#background = snapshotOf(this.#emulator);
    this.#layout = undefined;
  }

  /**
   * Removes the panel and puts back the screen as it was when the overlay was made; the held output, written
   * after it unchanged, then brings the terminal up to date. After a resize the whole screen is painted again
   * from the emulator behind the held output.
   */
  close(held: readonly Uint8Array[]): Uint8Array[] {
    if (this.#method === 'switch') {
      const back = `${HIDE_CURSOR}${CSI}r${CSI}0m${CSI}?1049l${restoreStateInPlace(this.#before)}`;
      return [bytesOf(back), ...held];
    }
    const back = bytesOf(`${HIDE_CURSOR}${repaint(this.#before)}${restoreState(this.#before)}`);
    if (!this.#resized) return [back, ...held];
    const now = snapshotOf(this.#emulator);
    return [back, ...held, bytesOf(PREPARE_TO_DRAW + HIDE_CURSOR + repaint(now) + restoreState(now))];
  }

  #paintBackground(layout: Layout): string {
    const rows: string[] = [];
    for (let row = 0; row < this.#background.rows.length; row += 1) {
      const cells = this.#background.rows[row + layout.shift];
      rows.push(cells === undefined ? `${moveTo(row, 0)}${CSI}0m${CSI}2K` : paintRow(row, cells));
    }
    return rows.join('');
  }

  /** Right under the held line, moving the copy of the screen up for it; over the bottom of a full-screen program. */
  #place(height: number): Layout {
    const rows = this.#background.rows.length;
    const { row } = this.#background.cursor;
    if (this.#background.alternate) return { top: row + height >= rows ? 0 : rows - height, height, shift: 0 };
    const shift = Math.min(row, Math.max(0, row + 1 + height - rows));
    return { top: Math.min(row + 1 - shift, Math.max(0, rows - height)), height, shift };
  }
}

function paintLine(line: readonly PanelSpan[]): string {
  return `${CSI}0m${CSI}K${line.map((span) => STYLES[span.style] + span.text).join('')}${CSI}0m`;
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
