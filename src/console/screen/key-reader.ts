/**
 * Keys of a person's terminal for full-screen pages. An escape sequence that arrives in two reads is one key; an
 * Esc that nothing follows is the key Esc once `flush` is called.
 */
import { StringDecoder } from 'node:string_decoder';

type NamedKey =
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'page-up'
  | 'page-down'
  | 'home'
  | 'end'
  | 'enter'
  | 'tab'
  | 'escape'
  | 'erase'
  | 'other';

export type ScreenKey =
  | { readonly kind: NamedKey }
  /** One printable character. */
  | { readonly kind: 'text'; readonly text: string }
  /** A control key, by its small letter. */
  | { readonly kind: 'ctrl'; readonly letter: string };

/** What follows CSI or SS3 (xterm, "PC-Style Function Keys"). */
const SEQUENCES: ReadonlyMap<string, NamedKey> = new Map([
  ['A', 'up'],
  ['B', 'down'],
  ['C', 'right'],
  ['D', 'left'],
  ['H', 'home'],
  ['F', 'end'],
  ['M', 'enter'],
  ['1~', 'home'],
  ['4~', 'end'],
  ['5~', 'page-up'],
  ['6~', 'page-down'],
]);

const SINGLES: ReadonlyMap<string, NamedKey> = new Map([
  ['\r', 'enter'],
  ['\n', 'enter'],
  ['\t', 'tab'],
  ['\x7f', 'erase'],
  ['\b', 'erase'],
  ['\x1b', 'escape'],
]);

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for.
const NEXT_KEY = /\x1b(?:\[([0-?]*[ -/]*[@-~])|O([@-~]))|[\s\S]/gu;
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for.
const UNFINISHED = /\x1b(?:\[[0-?]*[ -/]*|O)?$/u;
/** Characters of one sequence; longer ones are nobody's keys. */
const LONGEST = 32;

export class KeyReader {
  readonly #decoder = new StringDecoder('utf8');
  #pending = '';

  /** Whether the beginning of a sequence, or a lone Esc, waits for what follows. */
  get isWaiting(): boolean {
    return this.#pending !== '';
  }

  /** The keys that are complete. */
  push(bytes: Uint8Array): ScreenKey[] {
    const text = this.#pending + this.#decoder.write(Buffer.from(bytes));
    const unfinished = UNFINISHED.exec(text)?.[0] ?? '';
    this.#pending = unfinished.length > LONGEST ? '' : unfinished;
    return keysIn(text.slice(0, text.length - unfinished.length));
  }

  /** What was waited for does not come: a lone Esc is a key, half a sequence is none. */
  flush(): ScreenKey[] {
    const pending = this.#pending;
    this.#pending = '';
    return pending === '\x1b' ? [{ kind: 'escape' }] : [];
  }
}

function keysIn(text: string): ScreenKey[] {
  return [...text.matchAll(NEXT_KEY)].map(([whole, csi, ss3]) => {
    const sequence = csi ?? ss3;
    return sequence === undefined ? singleKey(whole) : { kind: SEQUENCES.get(sequence) ?? 'other' };
  });
}

function singleKey(character: string): ScreenKey {
  const named = SINGLES.get(character);
  if (named !== undefined) return { kind: named };
  const code = character.codePointAt(0) ?? 0;
  if (code > 0 && code < 27) return { kind: 'ctrl', letter: String.fromCharCode(code + 96) };
  return /[\p{Cc}\p{Cf}]/u.test(character) ? { kind: 'other' } : { kind: 'text', text: character };
}
