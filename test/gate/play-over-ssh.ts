/** Plays one case through the product: real ssh client, bastion, sshd and shell. What was derived is in the audit log. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '../support/bastion.ts';
import { type CaseOutcome, FLAGGED, NOT_ECHOED } from '../support/case-score.ts';
import type { CaseStep, GateCase } from '../support/gate-case.ts';
import type { ScreenTerminal } from '../support/screen-terminal.ts';
import { openSshTerminal } from '../support/ssh-terminal.ts';
import type { GateRange, Lane } from './gate-range.ts';

/** `burst`: one write a step. `single`: one write a key. */
export type KeyPace = 'burst' | 'single';

export interface PlayedCase extends CaseOutcome {
  /** Flagged text among what the shell executed or what the fakes were called with. */
  readonly leaked: readonly string[];
  readonly screen: string;
  readonly events: readonly JsonObject[];
}

/** ms */
const STEP_GAP = 25;
const KEY_GAP = 4;
const FIRST_PROMPT = 8000;
const LONGEST_QUIET = 4000;

/** A key: a control sequence, a key with Escape before it, or a character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: keys are made of control characters
const KEY = /\u{1b}(?:\[[0-9;?<]*[ -/]*[@-~]|O.|[^[O\u{1b}])?|[\s\S]/gu;

export async function playOverSsh(
  range: GateRange,
  gateCase: GateCase,
  lane: Lane,
  pace: KeyPace,
): Promise<PlayedCase> {
  const { start, client } = await range.layOut(gateCase, lane);
  try {
    const { cols, rows } = gateCase;
    const terminal = openSshTerminal(client, { cols, rows });
    let screen: string;
    try {
      await play(terminal, gateCase, lane.roundTrip, pace);
      screen = terminal.history();
    } finally {
      await terminal[Symbol.asyncDispose]();
    }
    const events = await range.audit.sessionOf(lane.target);
    const truth = await start.truth();
    return { ...derivedFrom(events), truth, leaked: flaggedIn(truth ?? [], gateCase), screen, events };
  } finally {
    await client[Symbol.asyncDispose]();
  }
}

async function play(terminal: ScreenTerminal, gateCase: GateCase, roundTrip: number, pace: KeyPace): Promise<void> {
  const begun = performance.now();
  while (terminal.output.length === 0 && performance.now() - begun < FIRST_PROMPT) await sleep(15);
  await quiet(terminal, 600 + roundTrip);
  for (const step of gateCase.keys) await playStep(terminal, step, roundTrip, pace);
  await quiet(terminal, 400 + 2 * roundTrip);
}

async function playStep(terminal: ScreenTerminal, step: CaseStep, roundTrip: number, pace: KeyPace): Promise<void> {
  if (typeof step !== 'string') {
    if ('resize' in step) terminal.resize(...step.resize);
    else await sleep(step.wait + roundTrip);
    return;
  }
  for (const key of pace === 'burst' ? [step] : (step.match(KEY) ?? [])) {
    terminal.type(key);
    if (pace === 'single') await sleep(KEY_GAP);
  }
  await sleep(STEP_GAP);
  if (['\r', '\n', '\x0f'].includes(step.slice(-1))) await quiet(terminal, 250 + 2 * roundTrip);
}

/** Until nothing has been written for `ms`, at most four seconds. */
async function quiet(terminal: ScreenTerminal, ms: number): Promise<void> {
  const started = performance.now();
  let last = started;
  let length = terminal.output.length;
  while (performance.now() - last < ms && performance.now() - started < LONGEST_QUIET && terminal.exitCode === null) {
    await sleep(15);
    if (terminal.output.length === length) continue;
    length = terminal.output.length;
    last = performance.now();
  }
}

/** `command.submitted` without those that turned out not to be executed. */
function derivedFrom(events: readonly JsonObject[]): Pick<CaseOutcome, 'texts' | 'opaque' | 'hidden' | 'flagged'> {
  const unconfirmed = new Set(of(events, 'command.unconfirmed').map((event) => field(event, 'command', 'of')));
  const submitted = of(events, 'command.submitted');
  const executed = submitted.filter((event) => !unconfirmed.has(event['id']));
  return {
    texts: executed.map(textOf),
    opaque: submitted.some((event) => field(event, 'command', 'confidence') === 'opaque'),
    hidden: submitted.some((event) => field(event, 'command', 'text') === null),
    flagged: submitted.some(isStopped),
  };
}

/** The text of a line; what was not echoed is not in the log, only what was decided about it. */
function textOf(event: JsonObject): string {
  const text = field(event, 'command', 'text');
  if (text !== null) return String(text);
  if (field(event, 'command', 'confidence') === 'opaque') return '';
  return isStopped(event) ? NOT_ECHOED.flagged : NOT_ECHOED.passed;
}

function isStopped(event: JsonObject): boolean {
  return field(event, 'policy', 'decision') !== 'allow';
}

function of(events: readonly JsonObject[], type: string): readonly JsonObject[] {
  return events.filter((event) => event['type'] === type);
}

function field(event: JsonObject, block: string, name: string): unknown {
  const found = event[block];
  return typeof found === 'object' && found !== null ? Object.entries(found).find(([key]) => key === name)?.[1] : null;
}

function flaggedIn(truth: readonly string[], gateCase: GateCase): readonly string[] {
  const needles = [...FLAGGED, ...(gateCase.flagged_substring === undefined ? [] : [gateCase.flagged_substring])];
  return truth.filter((line) => needles.some((needle) => line.includes(needle)));
}
