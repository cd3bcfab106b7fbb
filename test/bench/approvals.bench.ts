/**
 * From the Enter behind a code to the target that runs the command, at every door. Goals are printed and never
 * asserted: a busy machine misses them.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApprovalDoors, type Door } from './approval-doors.ts';
import { type FigureRow, formatTable } from './figure-table.ts';
import { median, percentile } from './figures.ts';

const DOORS: readonly Door[] = [
  'panel, own code',
  'console inbox',
  'ssh bastion approve',
  'local command line',
  'HTTP API',
];
const SHORT = process.env['HELDLINE_BENCH'] === 'short';
const APPROVALS = SHORT ? 6 : 60;
/** They take turns. Everybody has two codes at once and then one in half a minute, which nobody is to wait for. */
const PEOPLE = SHORT ? 3 * APPROVALS : APPROVALS;
const GOAL = 100;
const MINUTES = 60_000;

const rows: FigureRow[] = [];
let doors: ApprovalDoors;

beforeAll(async () => {
  doors = await ApprovalDoors.open(PEOPLE);
}, 10 * MINUTES);

afterAll(async () => {
  await doors[Symbol.asyncDispose]();
  process.stdout.write(`\n${formatTable(['p50', 'p99', 'longest'], rows)}`);
});

test.each(DOORS)('approval to release: %s', { timeout: 10 * MINUTES }, async (door) => {
  const times = await doors.measure(door, APPROVALS);
  const p99 = percentile(times, 0.99);
  rows.push({
    what: `approval to run, ${door}, ms`,
    figures: { p50: median(times), p99, longest: Math.max(...times) },
    digits: 1,
    goal: { text: `p99 < ${GOAL}, ${times.length} approvals`, met: p99 < GOAL },
  });
  expect(times.length).toBe(APPROVALS);
  expect(Math.min(...times)).toBeGreaterThan(0);
});
