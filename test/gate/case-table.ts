/** What came of the cases, as a table with a line for each shell and a list of what was not right. */
import type { CaseResult, CaseRun } from './run-cases.ts';

const COLUMNS = ['cases', 'right', 'opaque', 'wrong', 'false hold', 'held', 'leak'] as const;

type Count = Record<(typeof COLUMNS)[number], number>;

export function caseTable(run: CaseRun): string {
  const shells = [...new Set(run.results.map(({ gateCase }) => gateCase.shell))].sort();
  const rows = shells.map((shell) =>
    row(
      shell,
      run.results.filter(({ gateCase }) => gateCase.shell === shell),
    ),
  );
  const title = `${run.mode}, ${run.roundTrip} ms round trip, keys ${run.pace}`;
  const head = ['shell'.padEnd(8), ...COLUMNS.map((name) => name.padStart(11))].join('');
  return [title, head, ...rows, row('all', run.results), ...details(run), ''].join('\n');
}

/** Leaks in the run, each in words. */
export function leaksOf(run: CaseRun): readonly string[] {
  const found = run.results.filter(({ leak }) => leak);
  return [...found.map(({ gateCase, played }) => `${gateCase.id} ${played.leaked.join(' | ')}`), ...run.calls];
}

function row(name: string, results: readonly CaseResult[]): string {
  const count = results.reduce(add, Object.fromEntries(COLUMNS.map((column) => [column, 0])) as Count);
  const must = results.filter(({ gateCase }) => gateCase.must_hold).length;
  const cells = COLUMNS.map((column) => (column === 'held' ? `${count.held}/${must}` : String(count[column])));
  return [name.padEnd(8), ...cells.map((cell) => cell.padStart(11))].join('');
}

function add(count: Count, { gateCase, played, score, leak }: CaseResult): Count {
  return {
    cases: count.cases + 1,
    right: count.right + Number(score.same),
    opaque: count.opaque + Number(!score.same && played.opaque),
    wrong: count.wrong + Number(!score.same && !played.opaque),
    'false hold': count['false hold'] + Number(score.falseHold),
    held: count.held + Number(gateCase.must_hold && (played.opaque || played.flagged)),
    leak: count.leak + Number(leak),
  };
}

function details(run: CaseRun): readonly string[] {
  const notable = run.results.filter(
    ({ leak, score }) => leak || (run.mode === 'observe' && (!score.ok || score.falseHold)),
  );
  return [
    ...notable.map(({ gateCase, played, score, leak }) => {
      const what = leak ? 'LEAK' : score.falseHold ? 'false hold' : played.opaque ? 'opaque' : 'wrong';
      const truth = JSON.stringify(played.truth ?? gateCase.expect_commands);
      return `  ${what} ${gateCase.id}: derived ${JSON.stringify(score.derived)}, executed ${truth}`;
    }),
    ...run.calls.map((call) => `  LEAK a fake was called: ${call}`),
    ...(run.results.some(({ again }) => again)
      ? [
          `  played twice: ${run.results
            .filter(({ again }) => again)
            .map(({ gateCase }) => gateCase.id)
            .join(' ')}`,
        ]
      : []),
  ];
}
