/**
 * How a cell is drawn, in the SGR parameters that a Mosh client understands. Faint, strike-through, overline and
 * kinds of underline are lost: its terminal has no place for them.
 */
import type { CellReader } from '../../terminal/emulator.ts';

interface DrawnStyle {
  /** For a cell with text in it. */
  readonly text: string;
  /** For a blank: only what one can see without a character. */
  readonly blank: string;
}

const KNOWN_LIMIT = 4096;
const BYTE = 0xff;

/** Finds the parameters by the cell's packed attributes, which repeat a lot. */
export class ClientStyles {
  readonly #known = new Map<string, DrawnStyle>();
  #fg = -1;
  #bg = -1;
  #last: DrawnStyle = { text: '', blank: '' };

  of(cell: CellReader): DrawnStyle {
    const { fg, bg } = cell;
    if (fg === this.#fg && bg === this.#bg) return this.#last;
    const key = `${fg},${bg}`;
    const style = this.#known.get(key) ?? draw(cell);
    if (this.#known.size >= KNOWN_LIMIT) this.#known.clear();
    this.#known.set(key, style);
    this.#fg = fg;
    this.#bg = bg;
    this.#last = style;
    return style;
  }
}

/** Marks styles of blanks that erasing does not draw: erasing knows backgrounds only. */
const DRAWN_BLANK = '0;';

/** Whether erasing draws a blank of this style. */
export function isErasable(blankStyle: string): boolean {
  return !blankStyle.startsWith(DRAWN_BLANK);
}

function draw(cell: CellReader): DrawnStyle {
  const underlined = cell.getUnderlineStyle() !== 0;
  const inverse = cell.isInverse() !== 0;
  const background = colour(cell.isBgPalette(), cell.isBgRGB(), cell.getBgColor(), '4', '10');
  const flags = [
    cell.isBold() !== 0 ? '1' : '',
    cell.isItalic() !== 0 ? '3' : '',
    underlined ? '4' : '',
    cell.isBlink() !== 0 ? '5' : '',
    inverse ? '7' : '',
    cell.isInvisible() !== 0 ? '8' : '',
    colour(cell.isFgPalette(), cell.isFgRGB(), cell.getFgColor(), '3', '9'),
    background,
  ];
  const text = flags.filter((part) => part !== '').join(';');
  return { text, blank: underlined || inverse ? `${DRAWN_BLANK}${text}` : background };
}

function colour(palette: boolean, rgb: boolean, value: number, base: string, bright: string): string {
  if (rgb) return `${base}8;2;${(value >> 16) & BYTE};${(value >> 8) & BYTE};${value & BYTE}`;
  if (!palette) return '';
  if (value < 8) return `${base}${value}`;
  return value < 16 ? `${bright}${value - 8}` : `${base}8;5;${value}`;
}
