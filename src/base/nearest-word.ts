/** The word somebody probably meant: for "did you mean" in messages about files and commands. */

/**
 * The member of `words` that is closest to `text`, or undefined when none is close: at most two typing
 * errors, and fewer than half of the letters.
 */
export function nearestWord(text: string, words: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.min(3, Math.ceil(text.length / 2) + 1);
  for (const word of words) {
    const distance = editDistance(text.toLowerCase(), word.toLowerCase(), bestDistance);
    if (distance < bestDistance) {
      best = word;
      bestDistance = distance;
    }
  }
  return best;
}

/** `; did you mean "x"?` or nothing. */
export function didYouMean(text: string, words: Iterable<string>): string {
  const word = nearestWord(text, words);
  return word === undefined ? '' : `; did you mean "${word}"?`;
}

/** Insertions, deletions, replacements and swaps of neighbours from `a` to `b`; `limit` when that many or more. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      current.push(cellOf(a, b, row, column, { beforeLast, last, current }));
    }
    beforeLast = last;
    last = current;
  }
  return Math.min(limit, last[b.length] ?? limit);
}

interface Rows {
  readonly beforeLast: readonly number[];
  readonly last: readonly number[];
  readonly current: readonly number[];
}

function cellOf(a: string, b: string, row: number, column: number, rows: Rows): number {
  const same = a[row - 1] === b[column - 1];
  const replaced = (rows.last[column - 1] ?? 0) + (same ? 0 : 1);
  const removed = (rows.last[column] ?? 0) + 1;
  const added = (rows.current[column - 1] ?? 0) + 1;
  const best = Math.min(replaced, removed, added);
  const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
  return swapped ? Math.min(best, (rows.beforeLast[column - 2] ?? 0) + 1) : best;
}
