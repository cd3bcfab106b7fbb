/** The one table that the bench prints: a row for each figure, a column for each way to the target, goals beside. */

export interface FigureRow {
  readonly what: string;
  /** By column name; a column without a figure stays empty. */
  readonly figures: Readonly<Record<string, number>>;
  readonly digits: number;
  readonly goal?: { readonly text: string; readonly met: boolean };
}

const LABEL = 42;
const CELL = 11;

export function formatTable(columns: readonly string[], rows: readonly FigureRow[]): string {
  const head = [''.padEnd(LABEL), ...columns.map((name) => name.padStart(CELL)), '  goal'].join('');
  return [head, '-'.repeat(head.length + 30), ...rows.map((row) => formatRow(columns, row)), ''].join('\n');
}

function formatRow(columns: readonly string[], { what, figures, digits, goal }: FigureRow): string {
  const cells = columns.map((name) => (figures[name]?.toFixed(digits) ?? '').padStart(CELL));
  const judged = goal === undefined ? '' : `  ${goal.met ? 'ok    ' : 'missed'} ${goal.text}`;
  return `${what.padEnd(LABEL)}${cells.join('')}${judged}`;
}
