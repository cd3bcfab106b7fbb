/**
 * A screen as a person sees it: each cell's text with its colours and drawing, read from the emulator itself and
 * by none of the project's own code, so that screens of two windows can be compared cell by cell.
 */
import type { IBufferCell, Terminal } from '@xterm/headless';

/** A text for each row, with `{style}` where the drawing changes; of blanks counts what one sees of them. */
export function seenRows(terminal: Terminal): string[] {
  const { viewportY } = terminal.buffer.active;
  return Array.from({ length: terminal.rows }, (_, row) => seenRow(terminal, viewportY + row));
}

function seenRow(terminal: Terminal, y: number): string {
  const line = terminal.buffer.active.getLine(y);
  let [seen, style] = ['', ''];
  for (let x = 0; x < terminal.cols; x += 1) {
    const cell = line?.getCell(x);
    if (cell === undefined || cell.getWidth() === 0) continue;
    const text = cell.getChars() === '' ? ' ' : cell.getChars();
    const drawn = text === ' ' ? blankStyle(cell) : textStyle(cell);
    seen += drawn === style ? text : `{${drawn}}${text}`;
    style = drawn;
  }
  return seen.trimEnd();
}

function textStyle(cell: IBufferCell): string {
  const flags = [
    cell.isBold() !== 0 ? 'bold' : '',
    cell.isItalic() !== 0 ? 'italic' : '',
    cell.isUnderline() !== 0 ? 'underlined' : '',
    cell.isBlink() !== 0 ? 'blinking' : '',
    cell.isInverse() !== 0 ? 'inverse' : '',
    cell.isInvisible() !== 0 ? 'hidden' : '',
  ];
  return [...flags, ink(cell), paper(cell)].filter((part) => part !== '').join(' ');
}

/** Of a blank one sees the paper, and an underline. */
function blankStyle(cell: IBufferCell): string {
  const underlined = cell.isUnderline() !== 0 ? `underlined ${ink(cell)}` : '';
  const shown = cell.isInverse() === 0 ? paper(cell) : `on ${ink(cell) === '' ? 'ink' : ink(cell)}`;
  return [underlined, shown].filter((part) => part !== '').join(' ');
}

function ink(cell: IBufferCell): string {
  if (cell.isFgDefault()) return '';
  return `${cell.isFgRGB() ? '#' : ''}${cell.getFgColor()}`;
}

function paper(cell: IBufferCell): string {
  if (cell.isBgDefault()) return '';
  return `on ${cell.isBgRGB() ? '#' : ''}${cell.getBgColor()}`;
}
