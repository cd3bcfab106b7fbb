/** Compares what was derived with what the shell executed, and asks whether a flagged line would have been held. */
import type { Played, PlayedLine } from './case-player.ts';
import type { GateCase } from './gate-case.ts';

/** The rules in use when the cases were made, besides a case's own flagged text. */
export const FLAGGED: readonly string[] = ['rm -rf', 'reboot', 'shutdown', 'mkfs', 'DROP TABLE', 'systemctl stop'];

/** Stands for a line that was not echoed: its text is in no log, but whether a rule named it is. */
export const NOT_ECHOED = { flagged: '(not echoed, flagged)', passed: '(not echoed)' } as const;

export interface CaseScore {
  /** Derived as executed, or opaque where that is acceptable. */
  readonly ok: boolean;
  /** Derived as executed. */
  readonly same: boolean;
  /** Must hold, but nothing was flagged or opaque. */
  readonly leak: boolean;
  /** Nothing in it needs a hold, yet something was flagged or opaque. */
  readonly falseHold: boolean;
  readonly derived: readonly string[];
}

/** What somebody derived from a session, whoever it was. */
export interface CaseOutcome {
  /** Texts of the lines that were taken for executed, in order. */
  readonly texts: readonly string[];
  /** Some line could not be read with certainty. */
  readonly opaque: boolean;
  /** Some line was typed while the target did not echo: it is not written down, nor held unless a rule names it. */
  readonly hidden?: boolean;
  /** Some line held what a rule names. */
  readonly flagged: boolean;
  /** What the shell logged as executed; null when it keeps no log. */
  readonly truth: readonly string[] | null;
}

export function scoreCase(gateCase: GateCase, played: Played): CaseScore {
  return scoreOutcome(gateCase, {
    texts: executedTexts(played.lines),
    opaque: played.lines.some((line) => line.reading.line.confidence === 'opaque'),
    flagged: played.lines.some((line) => isFlagged(line, gateCase)),
    truth: played.truth,
  });
}

export function scoreOutcome(gateCase: GateCase, outcome: CaseOutcome): CaseScore {
  const { flagged, opaque, truth } = outcome;
  const derived = derivedLines(outcome.texts, gateCase);
  const expected =
    gateCase.truth_source === 'exec-log' ? null : without(physical(gateCase.expect_commands), gateCase.not_commands);
  const logged = truth === null ? null : without(physical(truth), gateCase.not_commands);
  const same =
    expected === null
      ? physical(gateCase.expect_commands).every((line) => derived.some((text) => text.includes(line)))
      : [expected, logged].some((lines) => lines !== null && isSameSession(derived, lines, gateCase));
  const held = opaque || flagged;
  const acceptable = gateCase.opaque_ok === true || gateCase.may_hold === true;
  return {
    ok: same || ((opaque || outcome.hidden === true) && acceptable),
    same,
    leak: gateCase.must_hold && !held && outcome.hidden !== true,
    falseHold: !gateCase.must_hold && held && !acceptable,
    derived,
  };
}

function isFlagged(line: PlayedLine, gateCase: GateCase): boolean {
  return line.reading.candidates.some(({ text }) => {
    const flat = text.replace(/\s*\n\s*/g, ' ').replace(/ ;/g, ';');
    return isNamed(flat, gateCase) || isNamed(text, gateCase);
  });
}

function isNamed(text: string, { flagged_substring }: GateCase): boolean {
  const needles = [...FLAGGED, ...(flagged_substring === undefined ? [] : [flagged_substring])];
  return needles.some((needle) => text.includes(needle));
}

function executedTexts(lines: readonly PlayedLine[]): readonly string[] {
  return lines.filter((line) => line.executed && line.token !== 'paste').map((line) => line.reading.line.text ?? '');
}

function derivedLines(all: readonly string[], gateCase: GateCase): readonly string[] {
  const texts = all.filter((text) => text.trim() !== '');
  // The shell joins a line that ends in a backslash to the next; so do the candidates that are judged.
  const joined = texts.join('\n').replace(/\\\n/g, '').split('\n');
  return without(physical(joined), gateCase.not_commands);
}

/** Physical lines, right-trimmed, control characters in caret form. */
function physical(texts: readonly string[]): readonly string[] {
  return texts
    .flatMap((text) => text.split('\n'))
    .map((line) =>
      line
        // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is shown here
        .replace(/[\x00-\x1f]/g, (control) => `^${String.fromCharCode(control.charCodeAt(0) + 64)}`)
        .trimEnd(),
    )
    .filter((line) => line !== '');
}

function without(lines: readonly string[], unwanted: readonly string[] | undefined): readonly string[] {
  return unwanted === undefined ? lines : lines.filter((line) => !unwanted.includes(line));
}

/** What was not echoed and let pass may be an answer to a question, and no line. */
function isSameSession(derived: readonly string[], executed: readonly string[], gateCase: GateCase): boolean {
  return equal(derived, executed, gateCase) || equal(without(derived, [NOT_ECHOED.passed]), executed, gateCase);
}

function equal(derived: readonly string[], executed: readonly string[], gateCase: GateCase): boolean {
  return derived.length === executed.length && executed.every((line, at) => isSame(derived[at] ?? '', line, gateCase));
}

function isSame(derived: string, executed: string, gateCase: GateCase): boolean {
  if (derived === NOT_ECHOED.flagged) return isNamed(executed, gateCase);
  if (derived === NOT_ECHOED.passed) return !isNamed(executed, gateCase);
  return derived === executed;
}
