/** Compares what was derived with what the shell executed, and asks whether a flagged line would have been held. */
import type { Played, PlayedLine } from './case-player.ts';
import type { GateCase } from './gate-case.ts';

/** The rules in use when the cases were made, besides a case's own flagged text. */
const FLAGGED: readonly string[] = ['rm -rf', 'reboot', 'shutdown', 'mkfs', 'DROP TABLE', 'systemctl stop'];

export interface CaseScore {
  /** Derived as executed, or opaque where that is acceptable. */
  readonly ok: boolean;
  /** Must hold, but nothing was flagged or opaque. */
  readonly leak: boolean;
  /** Nothing in it needs a hold, yet something was flagged or opaque. */
  readonly falseHold: boolean;
  readonly derived: readonly string[];
}

export function scoreCase(gateCase: GateCase, played: Played): CaseScore {
  const opaque = played.lines.some((line) => line.reading.line.confidence === 'opaque');
  const flagged = played.lines.some((line) => isFlagged(line, gateCase));
  const derived = derivedLines(played.lines, gateCase);
  const expected =
    gateCase.truth_source === 'exec-log' ? null : without(physical(gateCase.expect_commands), gateCase.not_commands);
  const logged = played.truth === null ? null : without(physical(played.truth), gateCase.not_commands);
  const same =
    expected === null
      ? physical(gateCase.expect_commands).every((line) => derived.some((text) => text.includes(line)))
      : equal(derived, expected) || (logged !== null && equal(derived, logged));
  const held = opaque || flagged;
  const acceptable = gateCase.opaque_ok === true || gateCase.may_hold === true;
  return {
    ok: same || (opaque && acceptable),
    leak: gateCase.must_hold && !held,
    falseHold: !gateCase.must_hold && held && !acceptable,
    derived,
  };
}

function isFlagged(line: PlayedLine, gateCase: GateCase): boolean {
  const needles = [...FLAGGED, ...(gateCase.flagged_substring === undefined ? [] : [gateCase.flagged_substring])];
  return line.reading.candidates.some(({ text }) => {
    const flat = text.replace(/\s*\n\s*/g, ' ').replace(/ ;/g, ';');
    return needles.some((needle) => flat.includes(needle) || text.includes(needle));
  });
}

function derivedLines(lines: readonly PlayedLine[], gateCase: GateCase): readonly string[] {
  const texts = lines
    .filter((line) => line.executed && line.token !== 'paste')
    .map((line) => line.reading.line.text ?? '')
    .filter((text) => text.trim() !== '');
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

function equal(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((line, index) => line === other[index]);
}
