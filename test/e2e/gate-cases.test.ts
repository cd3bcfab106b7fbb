/**
 * Keyboard sessions through the built product: does the audit log say what the shell executed, is every flagged
 * line seen, and does none of them run where the policy denies it? A selection; `npm run gate:cases` plays all.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { caseTable, leaksOf } from '../gate/case-table.ts';
import { GateRange } from '../gate/gate-range.ts';
import { runCases } from '../gate/run-cases.ts';
import { loadGateCases } from '../support/gate-case.ts';

const fixtures = new URL('../fixtures/', import.meta.url);
const all = ['gate-cases.json', 'gate-cases-own.json'].flatMap((name) => loadGateCases(new URL(name, fixtures)));

const SELECTION = [
  ...['b-flag', 'b-up', 'b-tab-flag', 'b-isearch', 'b-ctrl-o', 'b-meta-hash', 'b-ps2-for', 'b-ahead2'],
  ...['z-flag', 'z-up', 'f-flag', 'f-up', 'd-flag', 'd-eof', 'q-delete', 'p-flag', 'x-osc-smuggle'],
  ...['y-abbr-behind', 'y-abbr-anywhere', 'v-history-n', 'v-share-history'],
];
const cases = all.filter(({ id }) => SELECTION.includes(id));

let range: GateRange;

beforeAll(async () => {
  range = await GateRange.start();
});

afterAll(async () => {
  await range[Symbol.asyncDispose]();
});

describe.each([
  ['observe', 60, 'burst'],
  ['enforce', 0, 'single'],
] as const)('%s, %i ms round trip, keys %s', (mode, roundTrip, pace) => {
  test('a selection of cases', async () => {
    // They mostly wait.
    const lanes = await Promise.all([0, 1, 2, 3].map((number) => range.lane(mode, roundTrip, number)));
    const run = await runCases(range, cases, { mode, roundTrip, pace, lanes });
    expect(run.results).toHaveLength(SELECTION.length);
    expect(leaksOf(run), caseTable(run)).toEqual([]);
    const seen = run.results
      .filter(({ gateCase }) => gateCase.must_hold)
      .filter(({ played }) => played.opaque || played.flagged);
    expect(seen).toHaveLength(cases.filter(({ must_hold }) => must_hold).length);
    if (mode === 'observe')
      expect(
        run.results.filter(({ score }) => !score.ok),
        caseTable(run),
      ).toEqual([]);
  });
});
