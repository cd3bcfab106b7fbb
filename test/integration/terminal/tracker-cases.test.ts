/**
 * Keyboard sessions against real shells: is what the tracker reads what the shell executes, and would every
 * flagged line have been held? Dangerous words lead to fakes: everything runs in the sandbox.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { playCase } from '../../support/case-player.ts';
import { type CaseScore, scoreCase } from '../../support/case-score.ts';
import { type CaseShell, type GateCase, loadGateCases } from '../../support/gate-case.ts';
import { makeSandbox, type Sandbox } from '../../support/sandbox.ts';
import { startTinyPostgres, type TinyPostgres } from '../../support/tiny-postgres.ts';

const fixtures = new URL('../../fixtures/', import.meta.url);
const given = loadGateCases(new URL('gate-cases.json', fixtures));
const own = loadGateCases(new URL('gate-cases-own.json', fixtures)).filter((one) => one.needs_gate !== true);

/** Of the given cases; the rest are named in the cases' own notes as limits, or differ in spelling only. */
const LEAST_RIGHT = 95;

/** Own cases in which the shell, or the fakes that it started, wrote down what ran. */
const LEAST_OBSERVED = 60;

interface Result {
  readonly gateCase: GateCase;
  readonly score: CaseScore;
  readonly observed: boolean;
}

let sandbox: Sandbox;
let database: TinyPostgres;

beforeAll(async () => {
  sandbox = await makeSandbox();
  database = await startTinyPostgres();
});

afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await sandbox[Symbol.asyncDispose]();
});

/** Cases that are played at once: they mostly wait. */
const LANES = 8;

/** A case whose timing failed on a busy machine may prove itself once more. */
async function playAll(cases: readonly GateCase[], delay: number): Promise<Result[]> {
  const waiting = [...cases];
  const results: Result[] = [];
  const play = async (gateCase: GateCase): Promise<Result> => {
    const played = await playCase(sandbox, gateCase, { psqlPort: database.port, delay });
    const observed = (played.truth ?? []).length + played.calls.length > 0;
    return { gateCase, score: scoreCase(gateCase, played), observed };
  };
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const first = await play(next);
      const { ok, leak } = first.score;
      results.push(ok || leak || next.known_limit === true ? first : await play(next));
    }
  };
  await Promise.all(Array.from({ length: LANES }, worker));
  return results;
}

function table(title: string, results: readonly Result[]): string {
  const shells = [...new Set(results.map((result) => result.gateCase.shell))];
  const row = (shell: CaseShell): string => {
    const of = results.filter((result) => result.gateCase.shell === shell);
    const right = of.filter((result) => result.score.ok).length;
    const must = of.filter((result) => result.gateCase.must_hold);
    const held = must.filter((result) => !result.score.leak).length;
    return `${shell.padEnd(8)} ${right}/${of.length} right, ${held}/${must.length} held`;
  };
  const wrong = results.filter((result) => !result.score.ok).map((result) => result.gateCase.id);
  return [title, ...shells.map(row), `not right: ${wrong.join(' ') || 'none'}`].join('\n  ');
}

describe.each([0, 30])('with %i ms each way', (delay) => {
  test('the given cases', { timeout: 400_000 }, async () => {
    const results = await playAll(given, delay);
    process.stdout.write(`${table(`given cases, ${2 * delay} ms round trip`, results)}\n`);
    expect(results.filter((result) => result.score.leak).map((result) => result.gateCase.id)).toEqual([]);
    expect(results.filter((result) => result.score.falseHold).map((result) => result.gateCase.id)).toEqual([]);
    expect(results.filter((result) => result.score.ok).length).toBeGreaterThanOrEqual(LEAST_RIGHT);
  });

  test('our own cases', { timeout: 300_000 }, async () => {
    const results = await playAll(own, delay);
    process.stdout.write(`${table(`own cases, ${2 * delay} ms round trip`, results)}\n`);
    const bad = results.filter(({ score }) => !score.ok || score.leak || score.falseHold);
    expect(bad.map(({ gateCase, score }) => [gateCase.id, score])).toEqual([]);
    expect(results.filter(({ observed }) => observed).length).toBeGreaterThanOrEqual(LEAST_OBSERVED);
  });
});
