/**
 * Which bytes count as an answer of the user's terminal: an exact grammar per question, nothing else. A report is
 * at most 64 bytes and has no control character inside (ECMA-48 §8.3; xterm control sequences).
 */
import type { QueryKind } from './query-ledger.ts';

/** Longest report that is taken for one, in bytes. */
export const LONGEST_REPLY = 64;

interface Grammar {
  readonly kind: QueryKind;
  readonly shape: RegExp;
}

/** After ESC [ */
const SEQUENCES: readonly Grammar[] = [
  { kind: 'device-attributes', shape: /^\?\d+(;\d+)*c$/ },
  { kind: 'secondary-attributes', shape: /^>\d+(;\d+)*c$/ },
  { kind: 'status', shape: /^[03]n$/ },
  { kind: 'cursor-position', shape: /^\d+;\d+R$/ },
  { kind: 'private-status', shape: /^\?\d+(;\d+)*[nR]$/ },
  { kind: 'private-mode', shape: /^\?\d+;\d\$y$/ },
  { kind: 'ansi-mode', shape: /^\d+;\d\$y$/ },
  { kind: 'keyboard-flags', shape: /^\?\d+u$/ },
  { kind: 'window-size', shape: /^\d+(;\d+){0,2}t$/ },
];

/** After ESC P, before ST */
const DEVICE_STRINGS: readonly Grammar[] = [
  { kind: 'tertiary-attributes', shape: /^!\|[0-9A-Fa-f]{0,16}$/ },
  { kind: 'terminal-version', shape: /^>\|[\w .()+-]*$/ },
  { kind: 'setting', shape: /^[01]\$r[\d;:]*[ "$']?[a-z]*$/ },
  { kind: 'capability', shape: /^[01]\+r[0-9A-Fa-f]*(=[0-9A-Fa-f]*)?$/ },
];

/** After ESC ], before ST or BEL */
const COLOUR = /^(?:4;\d{1,3}|(1[0-9]));rgba?:[0-9A-Fa-f]{1,4}(?:\/[0-9A-Fa-f]{1,4}){2,3}$/;

/** The question that `body` (all after ESC [) answers; undefined when it is no report. */
export function sequenceReply(body: string): QueryKind | undefined {
  return SEQUENCES.find((grammar) => grammar.shape.test(body))?.kind;
}

/** The question that the device control string `body` (between ESC P and ST) answers. */
export function deviceStringReply(body: string): QueryKind | undefined {
  return DEVICE_STRINGS.find((grammar) => grammar.shape.test(body))?.kind;
}

/** The question that the operating system command `body` (between ESC ] and its end) answers. */
export function commandReply(body: string): QueryKind | undefined {
  const match = COLOUR.exec(body);
  if (match === null) return undefined;
  return `colour-${match[1] === undefined ? 4 : Number(match[1])}`;
}
