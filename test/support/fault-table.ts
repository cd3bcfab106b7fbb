/** The rows of the fault matrix, collected while its tests run, and the page that they make. */

export interface FaultRow {
  readonly door: string;
  readonly step: string;
  readonly fault: string;
  readonly ran: boolean;
  /** What the user was told, without ids. */
  readonly told: string;
  /** What the logs have about it. */
  readonly log: string;
}

/** Doors that went the same way share a row. */
export function faultPage(rows: readonly FaultRow[], introduction: string): string {
  const byOutcome = new Map<string, { row: FaultRow; doors: string[] }>();
  for (const row of rows) {
    const key = JSON.stringify({ ...row, door: '' });
    const found = byOutcome.get(key) ?? { row, doors: [] };
    found.doors.push(row.door);
    byOutcome.set(key, found);
  }
  const lines = [...byOutcome.values()].map(({ row, doors }) => {
    const cells = [row.step, row.fault, doors.join(', '), row.ran ? 'YES' : 'no', row.told, row.log];
    return `| ${cells.map(cell).join(' | ')} |`;
  });
  const head = [
    '| Step | Fault | Channel | Ran | The user was told | The log says |',
    '| --- | --- | --- | --- | --- | --- |',
  ];
  return `${introduction}\n${[...head, ...lines].join('\n')}\n`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ').trim();
}
