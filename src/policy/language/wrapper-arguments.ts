/** Finds where the inner command starts among a wrapper's words. Knows no wrapper; the tables do. */
import type { Word } from '../analysis.ts';
import type { WrapperOptions } from './wrapper-options.ts';

export interface InnerPosition {
  /** Indexes in `args` at which the inner command may start; the first is the likeliest. Empty: none. */
  readonly starts: readonly number[];
  readonly assigns: readonly Word[];
  /** Operands in front of the inner command. */
  readonly operands: readonly Word[];
  /** Options with their values, in order. */
  readonly flags: readonly { readonly name: string; readonly value: Word | null }[];
  /** An option says that nothing is run. */
  readonly inert: boolean;
}

interface Reading {
  readonly args: readonly Word[];
  readonly options: WrapperOptions;
  readonly starts: number[];
  readonly assigns: Word[];
  readonly operands: Word[];
  readonly flags: { name: string; value: Word | null }[];
  inert: boolean;
}

const ASSIGNMENT = /^[A-Za-z_]\w*\+?=/u;

/** Reads options and operands up to the inner command; both ways where an option is not known. */
export function findInner(args: readonly Word[], options: WrapperOptions): InnerPosition {
  const reading: Reading = { args, options, starts: [], assigns: [], operands: [], flags: [], inert: false };
  read(reading, 0, options.operands, 0);
  return reading;
}

/** Most unknown options that are read both ways. */
const MOST_FORKS = 4;

interface Cursor {
  at: number;
  /** Operands that still come before the inner command. */
  left: number;
  ended: boolean;
  readonly forks: number;
}

function read(reading: Reading, from: number, operands: number, forks: number): void {
  const cursor: Cursor = { at: from, left: operands, ended: false, forks };
  for (let word = reading.args[from]; word !== undefined; word = reading.args[cursor.at]) {
    if (!step(reading, cursor, word)) return;
  }
}

/** False when the inner command was found. */
function step(reading: Reading, cursor: Cursor, word: Word): boolean {
  if (!cursor.ended && word.text.startsWith('-')) {
    cursor.ended = word.text === '--';
    cursor.at += cursor.ended ? 1 : takeOption(reading, word, cursor);
    return true;
  }
  const taken = takeOperand(reading, word, cursor.left);
  if (taken === 'inner') found(reading, cursor);
  if (taken === 'operand') cursor.left -= 1;
  cursor.at += 1;
  return taken !== 'inner';
}

/** Returns how many words the option takes in this reading; starts another where that is not sure. */
function takeOption(reading: Reading, word: Word, { at, left, forks }: Cursor): number {
  const taken = readOption(reading, word, at);
  if (taken !== 'unknown') return taken;
  if (forks < MOST_FORKS) read(reading, at + 2, left, forks + 1);
  return 1;
}

function takeOperand(reading: Reading, word: Word, left: number): 'assignment' | 'operand' | 'inner' {
  if (reading.options.assigns && ASSIGNMENT.test(word.text)) {
    reading.assigns.push(word);
    return 'assignment';
  }
  if (left === 0) return 'inner';
  reading.operands.push(word);
  return 'operand';
}

function found(reading: Reading, { at, left, forks }: Cursor): void {
  const word = reading.args[at];
  // The main reading is found last when an option was read both ways, but it is the likeliest.
  if (forks === 0) reading.starts.unshift(at);
  else reading.starts.push(at);
  const mayBeOption = word?.kind === 'dynamic' && !word.quoted;
  if (mayBeOption && forks < MOST_FORKS) read(reading, at + 1, left, forks + 1);
}

/** How many words the option takes, itself included; `unknown` when it may be one or two. */
function readOption(reading: Reading, word: Word, at: number): 1 | 2 | 'unknown' {
  const { options, args } = reading;
  const text = word.text;
  const next = args[at + 1] ?? null;
  if (options.inert.includes(text)) reading.inert = true;
  const equals = text.indexOf('=');
  if (equals > 1 && (text.startsWith('--') || options.long.includes(text.slice(0, equals)))) {
    reading.flags.push({ name: text.slice(0, equals), value: after(word, equals + 1) });
    return 1;
  }
  if (options.long.includes(text)) {
    reading.flags.push({ name: text, value: next });
    return 2;
  }
  if (text.startsWith('--')) return readUnlisted(reading, text, next);
  return readShort(reading, word, next);
}

function readUnlisted(reading: Reading, text: string, next: Word | null): 1 | 2 | 'unknown' {
  const exact = reading.options.plain.includes(text);
  const long = exact ? undefined : reading.options.long.find((name) => text.length >= 5 && name.startsWith(text));
  reading.flags.push({ name: long ?? text, value: long === undefined ? null : next });
  if (long !== undefined) return 2;
  const plain = reading.options.plain.some((name) => name === text || (text.length >= 5 && name.startsWith(text)));
  return plain || next === null || next.text.startsWith('-') ? 1 : 'unknown';
}

function readShort(reading: Reading, word: Word, next: Word | null): 1 | 2 {
  const text = word.text;
  for (let k = 1; k < text.length; k += 1) {
    const letter = text.charAt(k);
    const name = `-${letter}`;
    if (reading.options.inert.includes(name)) reading.inert = true;
    if (!reading.options.short.includes(letter)) {
      reading.flags.push({ name, value: null });
      continue;
    }
    const attached = k + 1 < text.length;
    reading.flags.push({ name, value: attached ? after(word, k + 1) : next });
    return attached ? 1 : 2;
  }
  return 1;
}

function after(word: Word, offset: number): Word {
  const text = word.text.slice(offset);
  if (word.kind === 'static') return { text, kind: 'static', pieces: null, quoted: word.quoted };
  return { text, kind: 'dynamic', pieces: [{ kind: 'dynamic', text }], quoted: word.quoted };
}

/** The value of the first of these options that was given. */
export function optionValue(position: InnerPosition, ...names: readonly string[]): Word | null {
  return position.flags.find((flag) => names.includes(flag.name) && flag.value !== null)?.value ?? null;
}

export function hasOption(position: InnerPosition, ...names: readonly string[]): boolean {
  return position.flags.some((flag) => names.includes(flag.name));
}
