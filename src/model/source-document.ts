/** A parsed file that still knows where each value stood, so that errors can point at it. */

/** One-based. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface SourceDocument {
  /** Path as the administrator would write it. */
  readonly file: string;
  /** Plain data: maps, lists, strings, numbers, booleans, null. */
  readonly value: unknown;
  /** Where the value at `path` stands; the nearest parent when it is missing. */
  locate(path: readonly PropertyKey[]): Position;
  /** Where the key of the entry at `path` stands; the nearest parent when it is missing. */
  locateKey(path: readonly PropertyKey[]): Position;
}

/** Something wrong in a file: `file:line:column message`. */
export interface Finding {
  readonly file: string;
  readonly position: Position;
  readonly severity: 'error' | 'warning';
  /** What was found, what is allowed, the nearest valid word. */
  readonly message: string;
}
