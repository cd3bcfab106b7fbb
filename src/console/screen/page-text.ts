/** Rows of pages: exactly as wide as asked, and nothing foreign in them that a terminal could obey. */
import stringWidth from 'string-width';
import { visible } from '../../base/visible.ts';
import { fitText } from '../../recording/player/status-line.ts';

/** Below this many columns pages have one column. */
const NARROW = 60;
const INVERSE = '\x1b[0;7m';
const BOLD = '\x1b[0;1m';

export function isNarrow(cols: number): boolean {
  return cols < NARROW;
}

/** A title in bold: `left`, and `right` at the end where there is room for both. */
export function titleRow(left: string, right: string, cols: number): string {
  return `${BOLD}${sides(left, right, cols)}`;
}

/** One entry of a list; the chosen one is marked and inverse. */
export function entryRow(text: string, chosen: boolean, cols: number): string {
  return chosen ? `${INVERSE}${fitText(text, cols)}` : fitText(text, cols);
}

/** `left` and `right` on one row. */
export function sides(left: string, right: string, cols: number): string {
  const room = cols - stringWidth(visible(right)) - 1;
  return room > stringWidth(visible(left)) ? `${fitText(left, room)}${visible(right)} ` : fitText(left, cols);
}

/** A line across, one column free at both ends. */
export function rule(cols: number): string {
  return fitText(` ${'-'.repeat(Math.max(0, cols - 2))}`, cols);
}

/** The keys of a page: as many of them as fit, the last ones before the first ones. */
export function keyRow(keys: readonly string[], cols: number): string {
  for (const gap of ['   ', '  ']) {
    const line = ` ${keys.join(gap)}`;
    if (line.length <= cols) return fitText(line, cols);
  }
  return keys.length <= 1 ? fitText(` ${keys.join('')}`, cols) : keyRow(keys.slice(1), cols);
}

/** `text` to exactly `cols` cells, `...` where it was cut. */
export function cell(text: string, cols: number): string {
  const shown = visible(text);
  if (stringWidth(shown) <= cols) return fitText(shown, cols);
  return cols < 4 ? fitText(shown, cols) : `${fitText(shown, cols - 3).trimEnd()}...`.padEnd(cols);
}

/** All of `text`, escaped, in rows of at most `cols` cells. */
function wrap(text: string, cols: number): string[] {
  const rows: string[] = [];
  let row = '';
  let width = 0;
  for (const character of visible(text)) {
    const more = stringWidth(character);
    if (width + more > cols && row !== '') {
      rows.push(row);
      row = '';
      width = 0;
    }
    row += character;
    width += more;
  }
  return [...rows, row];
}

/** A labelled text in rows: beside its label, or under 60 columns after it. */
export function labelled(name: string, text: string, cols: number): string[] {
  const indent = isNarrow(cols) ? 1 : 9;
  const [first = '', ...rest] = isNarrow(cols) ? wrap(`${name}: ${text}`, cols - 2) : wrap(text, cols - indent);
  const head = isNarrow(cols) ? ` ${first}` : ` ${name.padEnd(indent - 1)}${first}`;
  return [head, ...rest.map((row) => `${' '.repeat(indent)}${row}`)].map((row) => fitText(row, cols));
}

/** The part of `rows` with the chosen one in it. */
export function around<T>(rows: readonly T[], chosen: number, height: number): readonly T[] {
  const first = Math.max(0, Math.min(chosen - Math.floor(height / 2), rows.length - height));
  return rows.slice(first, first + height);
}
