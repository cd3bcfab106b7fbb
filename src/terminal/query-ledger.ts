/**
 * Questions that the target's output has put to the user's terminal and that are still unanswered. A report from
 * the user counts as an answer only while its question is open, and closes it: one reply each.
 */

/** One kind of question; colour questions carry the number of the colour they ask for. */
export type QueryKind =
  | 'device-attributes'
  | 'secondary-attributes'
  | 'tertiary-attributes'
  | 'status'
  | 'cursor-position'
  | 'private-status'
  | 'ansi-mode'
  | 'private-mode'
  | 'terminal-version'
  | 'keyboard-flags'
  | 'setting'
  | 'capability'
  | 'window-size'
  | `colour-${number}`;

/** A program that asks more than this without an answer is not asking. */
const MOST_OPEN = 32;

export class QueryLedger {
  readonly #open = new Map<QueryKind, number>();

  /** A question was seen in the output. */
  ask(kind: QueryKind): void {
    this.#open.set(kind, Math.min(MOST_OPEN, this.open(kind) + 1));
  }

  /** Closes one question of this kind. False if none was open: the report was not asked for. */
  answer(kind: QueryKind): boolean {
    const count = this.open(kind);
    if (count === 0) return false;
    this.#open.set(kind, count - 1);
    return true;
  }

  open(kind: QueryKind): number {
    return this.#open.get(kind) ?? 0;
  }
}
