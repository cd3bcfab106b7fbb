/** Plays many cases on several lanes at once and keeps what came of each. */
import { type CaseScore, scoreOutcome } from '../support/case-score.ts';
import type { GateCase } from '../support/gate-case.ts';
import type { GateMode, GateRange, Lane } from './gate-range.ts';
import { type KeyPace, type PlayedCase, playOverSsh } from './play-over-ssh.ts';

export interface CaseResult {
  readonly gateCase: GateCase;
  readonly played: PlayedCase;
  readonly score: CaseScore;
  /** Played twice because the first time went wrong: a busy machine may break the timing of a case. */
  readonly again: boolean;
  /** Something flagged got past a denial, or past a look that should have found it. */
  readonly leak: boolean;
}

export interface CaseRun {
  readonly mode: GateMode;
  /** Added round trip, ms. */
  readonly roundTrip: number;
  readonly pace: KeyPace;
  readonly results: readonly CaseResult[];
  /** Calls of the fakes in an enforcing run, where there should be none. */
  readonly calls: readonly string[];
}

export interface RunOptions {
  readonly mode: GateMode;
  readonly roundTrip: number;
  readonly pace: KeyPace;
  readonly lanes: readonly Lane[];
  readonly onResult?: (result: CaseResult) => void;
}

export async function runCases(range: GateRange, cases: readonly GateCase[], options: RunOptions): Promise<CaseRun> {
  const waiting = [...cases];
  const results: CaseResult[] = [];
  const before = (await range.sandbox.calls()).length;
  const work = async (lane: Lane): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const result = await playUntilRight(range, next, lane, options.pace);
      results.push(result);
      options.onResult?.(result);
    }
  };
  await Promise.all(options.lanes.map(work));
  const calls = (await range.sandbox.calls()).slice(before).map((call) => call.join(' '));
  const { mode, roundTrip, pace } = options;
  return { mode, roundTrip, pace, results, calls: mode === 'enforce' ? calls : [] };
}

async function playUntilRight(range: GateRange, gateCase: GateCase, lane: Lane, pace: KeyPace): Promise<CaseResult> {
  const first = await playOnce(range, gateCase, lane, pace);
  const hopeless = first.leak || first.score.ok || gateCase.known_limit === true || lane.mode === 'enforce';
  return hopeless ? first : { ...(await playOnce(range, gateCase, lane, pace)), again: true };
}

async function playOnce(range: GateRange, gateCase: GateCase, lane: Lane, pace: KeyPace): Promise<CaseResult> {
  const played = await playOverSsh(range, gateCase, lane, pace);
  const score = scoreOutcome(gateCase, played);
  const leak = lane.mode === 'enforce' ? played.leaked.length > 0 : score.leak;
  return { gateCase, played, score, again: false, leak };
}
