/**
 * `npm run gate:fuzz -- [--minutes N] [--seed S] [--lanes N] [--shell NAME]... [--save FILE]` plays random keyboard
 * sessions, `--lanes` of them at once, against real shells (in the sandbox) through tokenizer and tracker, and
 * compares each line that was derived with the one that ran. Prints its seed; a session with a wrong line is printed
 * as a case, and added to FILE. `--only ID` traces one session of a seed. `--hostile [--strict]`: random bytes from
 * both ends against the gate, in memory, or against strict line mode. Ends with 1 when a flagged line was missed,
 * when more than one line in 200 was wrong (a few more in a short run), or when the gate broke a rule.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { stdout } from 'node:process';
import { parseArgs } from 'node:util';
import { playCase } from '../support/case-player.ts';
import type { GateCase } from '../support/gate-case.ts';
import { makeSandbox, type Sandbox } from '../support/sandbox.ts';
import { startTinyPostgres } from '../support/tiny-postgres.ts';
import { type FuzzScore, scoreFuzz } from './fuzz-score.ts';
import { type FuzzSession, fuzzSessions } from './fuzz-sessions.ts';
import { runHostile } from './hostile.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    lanes: { type: 'string', default: '3' },
    shell: { type: 'string', multiple: true, default: [] },
    hostile: { type: 'boolean', default: false },
    strict: { type: 'boolean', default: false },
    save: { type: 'string' },
    only: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
});

/** Sessions that are drawn at once; the next lot has the next seed. */
const LOT = 60;
/** ms between two writes; people are slower. */
const KEY_GAP = 12;
const MOST_WRONG = 0.005;
/** So many lines are no matter of chance any more. */
const ENOUGH_LINES = 5000;

interface Tally {
  lines: number;
  right: number;
  opaque: number;
  wrong: number;
  leaks: number;
}

const tallies = new Map<string, Tally>();

async function fuzz(seed: number, until: number): Promise<number> {
  await using database = await startTinyPostgres();
  await using sandbox = await makeSandbox();
  for (let lot = 0; performance.now() < until; lot += 1) {
    const sessions = fuzzSessions(LOT, seed + lot, values.shell).filter(
      ({ gateCase }) => values.only === undefined || values.only === gateCase.id,
    );
    const waiting = [...sessions];
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined && performance.now() < until; next = waiting.shift()) {
        await playSession(sandbox, next, database.port);
      }
    };
    await Promise.all(Array.from({ length: Number(values.lanes) }, work));
    if (values.only !== undefined) break;
  }
  stdout.write(table(seed));
  const all = total();
  return all.leaks > 0 || all.wrong > mostWrong(all.lines) ? 1 : 0;
}

/** In a short run a few more than the goal says are chance: three standard deviations are let pass. */
function mostWrong(lines: number): number {
  const goal = lines * MOST_WRONG;
  return lines >= ENOUGH_LINES ? goal : goal + 3 * Math.sqrt(goal);
}

async function playSession(sandbox: Sandbox, session: FuzzSession, psqlPort: number): Promise<void> {
  const { gateCase, roundTrip, byteByByte, name } = session;
  const trace = values.only === undefined ? {} : { trace: (line: string) => void stdout.write(`${line}\n`) };
  const options = { psqlPort, delay: roundTrip / 2, byteByByte, keyGap: KEY_GAP, ...trace };
  const played = await playCase(sandbox, gateCase, options);
  const score = scoreFuzz(played, gateCase.shell);
  count(name, score);
  if (score.wrong === 0 && score.leaks.length === 0) return;
  const truth = played.truth ?? [];
  const what = score.leaks.length > 0 ? 'LEAK' : 'wrong';
  stdout.write(`${what} ${gateCase.id} ${name} ${gateCase.cols} columns, ${roundTrip} ms round trip\n`);
  stdout.write(`  derived  ${JSON.stringify(score.derived)}\n  executed ${JSON.stringify(truth)}\n`);
  if (values.save !== undefined) await save(values.save, { ...gateCase, expect_commands: truth });
}

async function save(file: string, gateCase: GateCase): Promise<void> {
  const known: GateCase[] = JSON.parse(await readFile(file, 'utf8').catch(() => '[]'));
  await writeFile(file, `[\n${[...known, gateCase].map((one) => JSON.stringify(one)).join(',\n')}\n]\n`);
}

function count(name: string, score: FuzzScore): void {
  const tally = tallies.get(name) ?? { lines: 0, right: 0, opaque: 0, wrong: 0, leaks: 0 };
  tally.lines += score.lines;
  tally.right += score.right;
  tally.opaque += score.opaque;
  tally.wrong += score.wrong;
  tally.leaks += score.leaks.length;
  tallies.set(name, tally);
}

function total(): Tally {
  const sum: Tally = { lines: 0, right: 0, opaque: 0, wrong: 0, leaks: 0 };
  for (const tally of tallies.values()) {
    for (const key of ['lines', 'right', 'opaque', 'wrong', 'leaks'] as const) sum[key] += tally[key];
  }
  return sum;
}

function table(seed: number): string {
  const row = (name: string, tally: Tally): string => {
    const cells = [tally.lines, tally.right, tally.opaque, tally.wrong, tally.leaks];
    return `${name.padEnd(14)}${cells.map((cell) => String(cell).padStart(8)).join('')}\n`;
  };
  const head = `${'shell'.padEnd(14)}${['lines', 'right', 'opaque', 'wrong', 'leaks'].map((name) => name.padStart(8)).join('')}\n`;
  const rows = [...tallies].sort(([one], [other]) => one.localeCompare(other)).map(([name, tally]) => row(name, tally));
  return `seed ${seed}\n${head}${rows.join('')}${row('all', total())}`;
}

const seed = Number(values.seed);
const until = performance.now() + Number(values.minutes) * 60_000;
stdout.write(`seed ${seed}\n`);
process.exitCode = values.hostile
  ? await runHostile(seed, until, (line) => stdout.write(`${line}\n`), values.strict ? 'strict' : 'keys')
  : await fuzz(seed, until);
