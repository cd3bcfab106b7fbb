/**
 * `npm run gate:cases -- [--case ID]... [--rtt MS]... [--keys burst|single]... [--mode observe|enforce]... [--lanes N]`
 * plays keyboard sessions through the built product and compares what it derived with what the shell executed.
 * Without options: all cases in every way. Ends with 1 when anything leaked.
 */
import { stderr, stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { type GateCase, loadGateCases } from '../support/gate-case.ts';
import { caseTable, leaksOf } from './case-table.ts';
import { type GateMode, GateRange } from './gate-range.ts';
import type { KeyPace } from './play-over-ssh.ts';
import { type CaseResult, type CaseRun, runCases } from './run-cases.ts';

const { values } = parseArgs({
  options: {
    case: { type: 'string', multiple: true, default: [] },
    rtt: { type: 'string', multiple: true, default: ['0', '60'] },
    keys: { type: 'string', multiple: true, default: ['burst', 'single'] },
    mode: { type: 'string', multiple: true, default: ['observe', 'enforce'] },
    lanes: { type: 'string', default: '3' },
    verbose: { type: 'boolean', default: false },
  },
});

const fixtures = new URL('../fixtures/', import.meta.url);

async function main(): Promise<number> {
  const all = ['gate-cases.json', 'gate-cases-own.json'].flatMap((name) => loadGateCases(new URL(name, fixtures)));
  const cases = values.case.length === 0 ? all : all.filter(({ id }) => values.case.includes(id));
  if (cases.length === 0) {
    stderr.write(`No case is named ${values.case.join(', ')}.\n`);
    return 2;
  }
  await using range = await GateRange.start();
  let leaks = 0;
  for (const mode of values.mode.filter(isMode)) {
    for (const roundTrip of values.rtt.map(Number)) {
      for (const run of await playEveryPace(range, cases, mode, roundTrip)) {
        stdout.write(`${caseTable(run)}\n`);
        leaks += leaksOf(run).length;
      }
    }
  }
  stdout.write(`${leaks} leaks\n`);
  return leaks === 0 ? 0 : 1;
}

async function playEveryPace(
  range: GateRange,
  cases: readonly GateCase[],
  mode: GateMode,
  roundTrip: number,
): Promise<readonly CaseRun[]> {
  const numbers = Array.from({ length: Math.max(1, Number(values.lanes)) }, (_, number) => number);
  const lanes = await Promise.all(numbers.map((number) => range.lane(mode, roundTrip, number)));
  const runs: CaseRun[] = [];
  for (const pace of values.keys.filter(isPace)) {
    runs.push(await runCases(range, cases, { mode, roundTrip, pace, lanes, onResult: show }));
  }
  return runs;
}

function show({ gateCase, played, score }: CaseResult): void {
  if (values.verbose)
    stderr.write(`${JSON.stringify({ id: gateCase.id, ...score, truth: played.truth })}\n${played.screen}\n`);
}

function isMode(mode: string): mode is GateMode {
  return mode === 'observe' || mode === 'enforce';
}

function isPace(pace: string): pace is KeyPace {
  return pace === 'burst' || pace === 'single';
}

process.exitCode = await main();
