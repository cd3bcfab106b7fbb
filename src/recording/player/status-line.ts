/** The player's last line, its help and its list: text that fits, without anything that a recording could sneak in. */
import stringWidth from 'string-width';
import { visible } from '../../base/visible.ts';

const INVERSE = '\x1b[0;7m';
const BOLD = '\x1b[0;1m';

/** `00:14:07`. @param time microseconds, rounded down to seconds */
export function formatTime(time: number): string {
  const seconds = Math.floor(time / 1e6);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}

/** `text` made visible and cut or filled to exactly `cols` cells. */
export function fitText(text: string, cols: number): string {
  let out = '';
  let width = 0;
  for (const character of visible(text)) {
    const more = stringWidth(character);
    if (width + more > cols) break;
    out += character;
    width += more;
  }
  return out + ' '.repeat(cols - width);
}

/** One inverse line: `left`, then `right` at the end if there is room for both. */
export function statusLine(left: string, right: string, cols: number): string {
  const room = cols - stringWidth(right) - 1;
  const text = room > stringWidth(left) ? `${fitText(left, room)} ${right}` : left;
  return `${INVERSE}${fitText(text, cols)}`;
}

/** A title and lines, of which `selected` is shown inverse, as rows of a screen. */
export function listRows(
  title: string,
  lines: readonly string[],
  selected: number,
  size: { readonly cols: number; readonly rows: number },
): string[] {
  const height = Math.max(1, size.rows - 1);
  const first = Math.max(0, Math.min(selected - Math.floor(height / 2), lines.length - height));
  const shown = lines.slice(first, first + height).map((line, index) => {
    const style = first + index === selected ? INVERSE : '\x1b[0m';
    return `${style}${fitText(line, size.cols)}`;
  });
  return [`${BOLD}${fitText(title, size.cols)}`, ...shown];
}

export const PLAYER_HELP: readonly string[] = [
  'space        pause or go on',
  '. ,          next or last output',
  'left right   5 seconds back or on',
  'S-left right a tenth back or on',
  '0 ... 9      to that tenth',
  '[ ]          last or next marker',
  '+ -          faster or slower',
  'i            skip idle time or not',
  '/ n N        search, next hit, last hit',
  'c            commands and decisions',
  'h j k l      move the window',
  '?            this help',
  'q            quit',
];
