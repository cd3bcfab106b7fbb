/** The player's keys: those of asciinema's player, and a few for looking around. */

/** Keys that go to another time. */
export type MoveKey =
  | { readonly kind: 'step'; readonly by: 1 | -1 }
  /** Seconds. */
  | { readonly kind: 'skip'; readonly by: number }
  /** Share of the whole. */
  | { readonly kind: 'skip-share'; readonly by: number }
  | { readonly kind: 'jump-share'; readonly to: number }
  | { readonly kind: 'marker'; readonly by: 1 | -1 }
  | { readonly kind: 'next-hit'; readonly by: 1 | -1 };

/** Keys that change how it is shown, or what the keyboard is for. */
export type ControlKey =
  | { readonly kind: 'pause' | 'idle' | 'search' | 'list' | 'help' | 'quit' | 'enter' | 'escape' | 'erase' }
  | { readonly kind: 'speed'; readonly by: 1 | -1 }
  /** Cells to move the viewport by; also moves in lists. */
  | { readonly kind: 'pan'; readonly cols: number; readonly rows: number };

export type PlayerKey = MoveKey | ControlKey;

const MOVES: ReadonlySet<string> = new Set(['step', 'skip', 'skip-share', 'jump-share', 'marker', 'next-hit']);

/** Whether the key goes to another time. */
export function isMove(key: PlayerKey): key is MoveKey {
  return MOVES.has(key.kind);
}

/** One key: its meaning if it has one, and its character if it types one. */
export interface PressedKey {
  readonly key: PlayerKey | null;
  /** A printable character; empty for other keys. */
  readonly text: string;
}

const KEYS: ReadonlyMap<string, PlayerKey> = new Map<string, PlayerKey>([
  [' ', { kind: 'pause' }],
  ['.', { kind: 'step', by: 1 }],
  [',', { kind: 'step', by: -1 }],
  ['[', { kind: 'marker', by: -1 }],
  [']', { kind: 'marker', by: 1 }],
  ['+', { kind: 'speed', by: 1 }],
  ['=', { kind: 'speed', by: 1 }],
  ['-', { kind: 'speed', by: -1 }],
  ['i', { kind: 'idle' }],
  ['/', { kind: 'search' }],
  ['n', { kind: 'next-hit', by: 1 }],
  ['N', { kind: 'next-hit', by: -1 }],
  ['c', { kind: 'list' }],
  ['?', { kind: 'help' }],
  ['q', { kind: 'quit' }],
  ['h', { kind: 'pan', cols: -8, rows: 0 }],
  ['l', { kind: 'pan', cols: 8, rows: 0 }],
  ['j', { kind: 'pan', cols: 0, rows: 1 }],
  ['k', { kind: 'pan', cols: 0, rows: -1 }],
  ['\r', { kind: 'enter' }],
  ['\n', { kind: 'enter' }],
  ['\x03', { kind: 'quit' }],
  ['\x7f', { kind: 'erase' }],
  ['\b', { kind: 'erase' }],
  ['\x1b', { kind: 'escape' }],
]);

/** Final parts of CSI and SS3 sequences (xterm, "PC-Style Function Keys"). */
const SEQUENCES: ReadonlyMap<string, PlayerKey> = new Map<string, PlayerKey>([
  ['C', { kind: 'skip', by: 5 }],
  ['D', { kind: 'skip', by: -5 }],
  ['1;2C', { kind: 'skip-share', by: 0.1 }],
  ['1;2D', { kind: 'skip-share', by: -0.1 }],
  ['A', { kind: 'pan', cols: 0, rows: -1 }],
  ['B', { kind: 'pan', cols: 0, rows: 1 }],
]);

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for.
const NEXT_KEY = /\x1b[[O]([0-9;]*[@-~])|[\s\S]/gu;

/** The keys in one read of the terminal. A sequence that is cut between reads is taken as its single keys. */
export function pressedKeys(bytes: Uint8Array): PressedKey[] {
  const text = Buffer.from(bytes).toString('utf8');
  return [...text.matchAll(NEXT_KEY)].map(([whole, sequence]) => {
    if (sequence !== undefined) return { key: SEQUENCES.get(sequence) ?? null, text: '' };
    return { key: keyOf(whole), text: /\p{Cc}/u.test(whole) ? '' : whole };
  });
}

function keyOf(character: string): PlayerKey | null {
  if (/^[0-9]$/.test(character)) return { kind: 'jump-share', to: Number(character) / 10 };
  return KEYS.get(character) ?? null;
}
