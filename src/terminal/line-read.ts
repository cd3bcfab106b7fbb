/** One attempt to read the line at a submission: a reading, or how long to wait for the next attempt. */
import type { Clock } from '../base/clock.ts';
import { readAlternateLine } from './alternate-line.ts';
import type { ChangeWaiter } from './change-waiter.ts';
import type { CookedLine } from './cooked-line.ts';
import type { EchoTimes } from './echo-times.ts';
import { type EditedLine, screenOf } from './edited-line.ts';
import type { Emulator } from './emulator.ts';
import type { KeyToken } from './key-token.ts';
import { type CheckView, checkLine, type DoneVerdict, type Verdict, withPaste } from './line-check.ts';
import type { LineReading, PromptView } from './line-reading.ts';
import { alternateReading, failedReading, readingOf } from './reading-builder.ts';
import type { ScreenLine } from './screen-line.ts';
import { behindKnownPrompt, type CursorRow, cursorRow } from './screen-rows.ts';
import { squash } from './screen-text.ts';
import type { SessionLines } from './session-lines.ts';

interface ReadState {
  readonly emulator: Emulator;
  readonly lines: SessionLines;
  readonly line: EditedLine;
  /** The line that was being edited when a full-screen program appeared. */
  readonly behind: EditedLine | undefined;
  readonly cooked: CookedLine;
  readonly prompt: PromptView;
  readonly times: EchoTimes;
  readonly outOfSync: boolean;
  /** Monotonic ms: of this attempt and of the first one. */
  readonly now: number;
  readonly started: number;
  /** This is not the first attempt. */
  readonly waited: boolean;
}

type ReadOutcome =
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'read'; readonly reading: LineReading };

/** What is the same at every attempt, or changes by itself. */
export type ReadSources = Omit<ReadState, 'now' | 'started' | 'waited'>;

/**
 * Reads the line that `submit` would run as soon as it can be read, or the waits are over.
 * @param sources asked anew for every attempt
 * @throws HeldlineError `aborted` when `signal` aborts
 */
export async function readWhenReady(
  submit: KeyToken,
  sources: () => ReadSources,
  { clock, waiter }: { readonly clock: Pick<Clock, 'monotonic'>; readonly waiter: ChangeWaiter },
  signal: AbortSignal,
): Promise<LineReading> {
  const started = clock.monotonic();
  for (let waited = false; ; waited = true) {
    const outcome = readLine(submit, { ...sources(), now: clock.monotonic(), started, waited });
    if (outcome.kind === 'read') return outcome.reading;
    await waiter.next(outcome.ms, signal);
  }
}

function readLine(submit: KeyToken, state: ReadState): ReadOutcome {
  const { emulator, lines, line, prompt, waited } = state;
  const pasted = submit.kind === 'paste' ? submit.text : '';
  if (emulator.failure !== undefined) return { kind: 'read', reading: failedReading(line.keys.text + pasted, prompt) };
  const screen = screenOf(emulator, line);
  const row = cursorRow(emulator);
  const verdict = checked(state, screen, row);
  if (verdict.kind === 'wait') return verdict;
  if (emulator.alternate) {
    const found = readAlternateLine(emulator, lines.prompts);
    const typed = line.carried + state.cooked.text + pasted;
    return { kind: 'read', reading: alternateReading(found, { typed, prompt, waited, behind: state.behind }) };
  }
  const reading = readingOf(withPaste(verdict, pasted), {
    token: submit,
    prompt,
    anchored: screen !== undefined || (verdict.kind === 'agreed' && verdict.prompted),
    row: row.before + row.after,
    prefillSuspected: line.prefillSuspected || line.anchor?.prefilled === true,
    overlap: screen?.overlap ?? '',
    searching: screen?.search !== undefined,
    waited,
    carried: line.carried,
    strayed: line.strayed,
    cooked: state.cooked,
    distrust: whyDistrusted(verdict, state),
    lines,
  });
  if (verdict.kind === 'agreed' && verdict.prompted && verdict.text !== '') line.echoed = true;
  return { kind: 'read', reading };
}

/** Weighs keys and screen, and remembers control characters that a shell may bring back from its history. */
function checked(state: ReadState, screen: ScreenLine | undefined, row: CursorRow): Verdict {
  const { lines, line, cooked } = state;
  const controls = [...line.keys.controls, ...lines.controls];
  const verdict = checkLine({
    keys: line.keys,
    controls,
    screen,
    row: behindKnownPrompt(row.before, lines.prompts),
    rowAfter: row.after,
    reported: line.reported,
    suggestions: suggestionsAt(state),
    cooked: cooked.erased ? cooked.text : null,
    now: state.now,
    started: state.started,
    times: state.times,
  });
  if (verdict.kind === 'opaque') lines.noteControls(controls, verdict.text ?? '');
  return verdict;
}

/** Some prompts are those of a REPL or of a shell: what a suggestion would make of the line is judged besides. */
function suggestionsAt({ lines, prompt, emulator }: ReadState): CheckView['suggestions'] {
  const contexts = lines.context.contextsOf(prompt.text);
  if (!contexts.includes('repl') || emulator.fishSeen) return 'left';
  return contexts.includes('shell') ? 'perhaps' : 'taken';
}

/** What was typed and echoed is certain whatever the target writes over it; not, where the line begins. */
function whyDistrusted(verdict: DoneVerdict, state: ReadState): string | undefined {
  const { line, outOfSync } = state;
  if (outOfSync) return 'it is no longer certain where lines begin';
  if (verdict.kind === 'agreed') return undefined;
  if (beganBeforePrompt(verdict, state)) return 'a part of it may have been typed before its prompt was there';
  const mixed = verdict.kind === 'unconfirmed' && verdict.hidden && line.reported;
  return mixed ? 'a report of the terminal was mixed with it while nothing was echoed' : line.distrust;
}

/** A terminal driver echoes what is typed too early where it is typed, and never again: behind the prompt it is missing. */
function beganBeforePrompt(verdict: DoneVerdict, { cooked, prompt }: ReadState): boolean {
  const [typed, shown] = [squash(cooked.text), squash(verdict.text ?? '')];
  const early = typed.slice(0, typed.length - shown.length);
  if (early === '' || shown === '' || !typed.endsWith(shown)) return false;
  return verdict.kind === 'unconfirmed' || squash(prompt.text).startsWith(early);
}
