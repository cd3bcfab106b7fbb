/** Plain columns that pipe well: header in capitals, two blanks between, no borders. */
import stringWidth from 'string-width';
import { visible } from '../base/visible.ts';

/** Lines of a table, each ended by a newline. Cells pass the escaper; trailing blanks are cut. */
export function columns(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [header, ...rows.map((row) => row.map(visible))];
  const widths = header.map((_, i) => Math.max(...cells.map((row) => stringWidth(row[i] ?? ''))));
  const pad = (text: string, width: number) => text + ' '.repeat(Math.max(0, width - stringWidth(text)));
  return cells
    .map(
      (row) =>
        `${row
          .map((cell, i) => pad(cell, widths[i] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
