/** Random keyboard sessions: lines of harmless words, edited with every key that line editors know. */
import fc from 'fast-check';
import type { CaseShell, CaseStep, GateCase } from '../support/gate-case.ts';

/** A shell with a configuration that changes how its line editor draws. */
export interface FuzzShell {
  readonly name: string;
  readonly shell: CaseShell;
  readonly setup: string;
}

const ZSH_PLUGINS = [
  'source /usr/share/zsh-autosuggestions/zsh-autosuggestions.zsh',
  'source /usr/share/zsh-syntax-highlighting/zsh-syntax-highlighting.zsh',
].join('\n');

const FUZZ_SHELLS: readonly FuzzShell[] = [
  { name: 'bash', shell: 'bash', setup: '' },
  {
    name: 'bash-colours',
    shell: 'bash',
    setup: `PS1='\\[\\e[1;32m\\]\\u@box\\[\\e[0m\\]:\\[\\e[34m\\]\\w\\[\\e[0m\\]\\$ '`,
  },
  { name: 'zsh', shell: 'zsh', setup: 'autoload -Uz compinit; compinit -D' },
  { name: 'zsh-plugins', shell: 'zsh', setup: ZSH_PLUGINS },
  { name: 'zsh-right', shell: 'zsh', setup: `RPROMPT='[%~]'` },
  { name: 'fish', shell: 'fish', setup: '' },
  { name: 'dash', shell: 'dash', setup: '' },
  { name: 'ksh', shell: 'ksh', setup: '' },
  { name: 'busybox', shell: 'busybox', setup: '' },
  { name: 'python', shell: 'python', setup: '' },
  { name: 'node', shell: 'node', setup: '' },
  { name: 'psql', shell: 'psql', setup: '' },
  { name: 'sqlite3', shell: 'sqlite3', setup: '' },
];

const LINES_PER_SESSION = 6;

/** One session. The same seed gives the same sessions. */
export interface FuzzSession {
  readonly name: string;
  readonly roundTrip: number;
  readonly byteByByte: boolean;
  readonly gateCase: GateCase;
}

const asciiWord = fc
  .string({ minLength: 1, maxLength: 9, unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789') })
  // From then on every key may run a line, which the tests of those commands look at.
  .filter((text) => !/^(?:bind|bindkey|zle|stty)$/.test(text));
const odd = [
  '漢字',
  'テスト',
  '한글',
  'naïve',
  'e\u0301te\u0301',
  'ﬁn',
  'Straße',
  '界',
  'ｗｉｄｅ',
  'Ω',
  'data-',
  'wd/srv-',
  'reboot',
  '-rf',
  'rm',
];
const word = fc.oneof({ weight: 5, arbitrary: asciiWord }, { weight: 2, arbitrary: fc.constantFrom(...odd) });

/** Keys that every line editor takes; a cooked terminal knows only the first few. */
const COOKED_KEYS = ['\x7f', '\x7f', '\x15', '\x17'];
const EDITOR_KEYS = [
  ...['\x1b[D', '\x1b[D', '\x1b[C', '\x01', '\x05', '\x02', '\x06', '\x0b', '\x7f', '\x7f', '\x1b[3~', '\x15', '\x17'],
  ...[
    '\x19',
    '\x14',
    '\x0c',
    '\x1bb',
    '\x1bf',
    '\x1bd',
    '\x1b\x7f',
    '\x1bc',
    '\x1bu',
    '\x1b.',
    '\x1f',
    '\t',
    '\x1b[H',
    '\x1b[F',
  ],
  ...['\x1b[A', '\x1b[B', '\x10', '\x0e', '\x1b[1;5D', '\x1b[1;5C'],
];
/** Those that python, node and the SQL clients would answer with a listing, or take for another language. */
const UNSUITED = new Set(['\t', '\x1b.', '\x1bc', '\x1bu']);

/** What ran is taken from the history of these, in which a line that was recalled, changed and left stays changed. */
const TOLD_BY_HISTORY: readonly CaseShell[] = ['busybox', 'python', 'sqlite3'];
const RECALLING = new Set(['\x1b[A', '\x1b[B', '\x10', '\x0e']);

function keysOf(shell: CaseShell): readonly string[] {
  if (shell === 'dash') return COOKED_KEYS;
  const shellLike = shell === 'bash' || shell === 'zsh' || shell === 'fish';
  if (shellLike) return EDITOR_KEYS;
  const withoutRecall = TOLD_BY_HISTORY.includes(shell);
  return EDITOR_KEYS.filter((key) => !UNSUITED.has(key) && !(withoutRecall && RECALLING.has(key)));
}

/** What each line begins and ends with, so that it is whole and does nothing. */
const FRAME: Readonly<Record<CaseShell, readonly [string, string]>> = {
  bash: ['echo ', ''],
  zsh: ['echo ', ''],
  fish: ['echo ', ''],
  dash: ['echo ', ''],
  ksh: ['echo ', ''],
  busybox: ['echo ', ''],
  python: ['# ', ''],
  node: ['// ', ''],
  psql: ['select ', ' ;'],
  sqlite3: ['select ', ' ;'],
};

/** sqlite3 tells what it read when it ends. */
const LAST_WORDS: Partial<Record<CaseShell, readonly CaseStep[]>> = {
  sqlite3: ['.quit', '\r', { wait: 200 }],
};

/** busybox draws what is not ASCII as question marks; a cooked terminal erases it byte by byte. */
const ASCII_ONLY: readonly CaseShell[] = ['busybox', 'dash'];

function line(shell: CaseShell): fc.Arbitrary<readonly CaseStep[]> {
  const text = (ASCII_ONLY.includes(shell) ? asciiWord : word).map((one) => `${one} `);
  const key = fc.constantFrom(...keysOf(shell));
  const step = fc.oneof({ weight: 5, arbitrary: text }, { weight: 4, arbitrary: key });
  const [begin, end] = FRAME[shell];
  const sql = end === '' ? [] : ['\x05', end];
  return fc.array(step, { minLength: 1, maxLength: 14 }).map((steps) => [begin, ...steps, ...sql, '\r']);
}

/** @param names of shells to choose from; all of them when empty */
export function fuzzSessions(count: number, seed: number, names: readonly string[]): readonly FuzzSession[] {
  const shells = FUZZ_SHELLS.filter(({ name }) => names.length === 0 || names.includes(name));
  const session = fc.constantFrom(...shells).chain((shell) =>
    fc.record({
      shell: fc.constant(shell),
      cols: fc.oneof(fc.constantFrom(20, 40, 80, 200), fc.integer({ min: 20, max: 200 })),
      roundTrip: fc.constantFrom(0, 0, 20, 60, 150),
      byteByByte: fc.boolean(),
      lines: fc.array(line(shell.shell), { minLength: LINES_PER_SESSION, maxLength: LINES_PER_SESSION }),
    }),
  );
  return fc.sample(session, { numRuns: count, seed }).map(({ shell, cols, roundTrip, byteByByte, lines }, index) => ({
    name: shell.name,
    roundTrip,
    byteByByte,
    gateCase: {
      id: `fuzz-${seed}-${index}`,
      shell: shell.shell,
      cols,
      rows: 24,
      setup: shell.setup,
      keys: [...lines.flat(), ...(LAST_WORDS[shell.shell] ?? [])],
      expect_commands: [],
      truth_source: 'preexec-log',
      must_hold: false,
      opaque_ok: true,
    },
  }));
}
