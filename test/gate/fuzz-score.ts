/** Compares the lines of a random session one by one: right, opaque, or wrong without being opaque. */
import type { Played } from '../support/case-player.ts';
import { FLAGGED } from '../support/case-score.ts';
import type { CaseShell } from '../support/gate-case.ts';

export interface FuzzScore {
  readonly lines: number;
  readonly right: number;
  readonly opaque: number;
  readonly wrong: number;
  /** Wrong lines of which what ran is flagged and what was judged is not. */
  readonly leaks: readonly string[];
  readonly derived: readonly string[];
}

interface Derived {
  readonly text: string;
  readonly opaque: boolean;
  readonly judged: readonly string[];
}

/** These tell what ran from their history, which may keep a line that is repeated at once only once. */
const FORGETS_REPEATS: readonly CaseShell[] = ['busybox', 'python', 'node', 'sqlite3'];

export function scoreFuzz(played: Played, shell: CaseShell): FuzzScore {
  const readings = played.lines.filter(({ executed }) => executed);
  const derived = readings
    .map(
      ({ reading: { line, candidates } }): Derived => ({
        text: normal(line.text ?? ''),
        opaque: line.confidence === 'opaque',
        judged: candidates.map(({ text }) => text),
      }),
    )
    .filter(({ text, opaque }) => text !== '' || opaque);
  const truth = (played.truth ?? [])
    .flatMap((entry) => entry.split('\n'))
    .map(normal)
    .filter((text) => text !== '');
  if (shell === 'psql') return scoreStatements(derived, truth);
  return scoreLines(derived, truth, FORGETS_REPEATS.includes(shell));
}

/** SQL clients log statements, however many lines they were typed in: all text together. */
function scoreStatements(derived: readonly Derived[], truth: readonly string[]): FuzzScore {
  const squash = (texts: readonly string[]): string => texts.join('').replace(/[\s;]/gu, '');
  const same = squash(derived.map(({ text }) => text)).startsWith(squash(truth)) && truth.length > 0;
  const opaque = derived.some((line) => line.opaque);
  const lines = truth.length;
  const texts = derived.map(({ text }) => text);
  if (same) return { lines, right: lines, opaque: 0, wrong: 0, leaks: [], derived: texts };
  return { lines, right: 0, opaque: opaque ? lines : 0, wrong: opaque ? 0 : 1, leaks: [], derived: texts };
}

function scoreLines(derived: readonly Derived[], truth: readonly string[], forgetful: boolean): FuzzScore {
  const pairs = align(derived, truth);
  const leaks: string[] = [];
  const doubtful = derived.filter((line, at) => line.opaque && !pairs.has(at)).length;
  const unmatched = truth.filter((_, at) => ![...pairs.values()].includes(at));
  const right = pairs.size;
  const opaque = Math.min(doubtful, unmatched.length);
  const wrong = unmatched.length - opaque;
  if (wrong > 0) {
    const judged = derived.flatMap((line) => line.judged).join('\n');
    leaks.push(
      ...unmatched.filter((line) => FLAGGED.some((needle) => line.includes(needle) && !judged.includes(needle))),
    );
  }
  // A line that was derived and never ran is wrong too, unless it stands for one that was misread. Of a repeated
  // line the blanks at its end do not count: a screen does not show them.
  const forgotten = (at: number): boolean => forgetful && derived[at]?.text === derived[at - 1]?.text;
  const extra = derived.filter((line, at) => !line.opaque && !pairs.has(at) && !forgotten(at)).length - wrong;
  return {
    lines: truth.length,
    right,
    opaque,
    wrong: wrong + Math.max(0, extra),
    leaks,
    derived: derived.map(({ text }) => text),
  };
}

/** The longest common subsequence: index in `derived` to index in `truth`. */
function align(derived: readonly Derived[], truth: readonly string[]): ReadonlyMap<number, number> {
  const lengths = commonLengths(derived, truth);
  const at = (one: number, other: number): number => lengths[one]?.[other] ?? 0;
  const pairs = new Map<number, number>();
  for (let one = 0, other = 0; one < derived.length && other < truth.length; ) {
    if (derived[one]?.text === truth[other]) pairs.set(one++, other++);
    else if (at(one + 1, other) >= at(one, other + 1)) one += 1;
    else other += 1;
  }
  return pairs;
}

/** Lengths of the common subsequences of everything from index `one` and `other` on. */
function commonLengths(derived: readonly Derived[], truth: readonly string[]): readonly (readonly number[])[] {
  const rows: (readonly number[])[] = [];
  for (let one = derived.length - 1; one >= 0; one -= 1) {
    const below = rows.at(-1) ?? [];
    const row: number[] = [];
    for (let other = truth.length - 1; other >= 0; other -= 1) {
      const longest = Math.max(below[other] ?? 0, row[other + 1] ?? 0);
      row[other] = derived[one]?.text === truth[other] ? 1 + (below[other + 1] ?? 0) : longest;
    }
    rows.push(row);
  }
  return rows.reverse();
}

/** Blanks at the end and runs of blanks inside do not change what runs here. */
function normal(text: string): string {
  // zsh shows a mark that it cannot draw by its number.
  const drawn = text.replace(/<([0-9a-f]{4,6})>/g, (_, code: string) =>
    String.fromCodePoint(Number.parseInt(code, 16)),
  );
  return drawn.normalize('NFC').replace(/\s+/gu, ' ').trim();
}
