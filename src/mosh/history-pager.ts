/**
 * Looking back over Mosh: the client keeps no history, so PageUp at a prompt shows what has scrolled away here.
 * Anything the session writes ends it, and so a panel or a prompt is never hidden behind old text.
 */
import type { DrawnScreen } from './screen/drawn-screen.ts';
import type { Screen, ScreenCell, ScreenRow } from './screen/screen.ts';

const PAGE_UP = '\x1b[5~';
const PAGE_DOWN = '\x1b[6~';
/** Rows of one page that are still seen on the next, and the row with the hint. */
const OVERLAP = 2;
const INVERSE = '7';
const INVERSE_BLANK = '0;7';

export class HistoryPager {
  readonly #screen: DrawnScreen;
  #linesBack = 0;

  constructor(screen: DrawnScreen) {
    this.#screen = screen;
  }

  get open(): boolean {
    return this.#linesBack > 0;
  }

  /** Whether this was a key for the pager. Any other key closes it and goes where it was meant to. */
  takes(bytes: Uint8Array): boolean {
    const key = Buffer.from(bytes).toString('latin1');
    const page = Math.max(1, this.#screen.size.rows - OVERLAP);
    if (key === PAGE_UP && this.#offered) {
      this.#linesBack = Math.min(this.#screen.linesAbove, this.#linesBack + page);
      return true;
    }
    if (!this.open) return false;
    this.#linesBack = key === PAGE_DOWN ? Math.max(0, this.#linesBack - page) : 0;
    return key === PAGE_DOWN;
  }

  close(): void {
    this.#linesBack = 0;
  }

  picture(echoAck: number): Screen {
    const past = this.#screen.pictureOfPast(this.#linesBack, echoAck);
    const hint = hintRow(`heldline: ${this.#linesBack} lines back; PageUp, PageDown, any other key returns`, past.cols);
    return { ...past, rows: [...past.rows.slice(0, -1), hint] };
  }

  /** Full-screen programs and those that hear of the mouse have a PageUp of their own. */
  get #offered(): boolean {
    return !this.#screen.alternate && !this.#screen.mouseReports && this.#screen.linesAbove > 0;
  }
}

function hintRow(text: string, cols: number): ScreenRow {
  const shown = ` ${text}`.slice(0, cols).padEnd(cols);
  const cells = [...shown].map((character): ScreenCell => {
    return { text: character, width: 1, style: character === ' ' ? INVERSE_BLANK : INVERSE };
  });
  return { key: `hint ${shown}`, cells, wraps: false };
}
