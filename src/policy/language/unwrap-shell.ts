/** Programs that take program text: shells, `eval`, `su -c`, `source`, `trap`, and interpreters. */
import type { OpaqueReason, StructuralFact, Word } from '../analysis.ts';
import { shellOnStdin, textWord, USER_CHANGERS, unknownStdin } from './unwrap-argv.ts';
import { type Inner, type Invocation, joinWords, opaque, type Unwrapped, unwrapped } from './unwrapping.ts';
import { findInner, hasOption, optionValue } from './wrapper-arguments.ts';
import { RUNUSER_OPTIONS, SU_OPTIONS } from './wrapper-options.ts';

const HELP: ReadonlySet<string> = new Set(['--version', '--help', '-V']);

interface ShellArguments {
  readonly command: boolean;
  readonly stdin: boolean;
  readonly parseOnly: boolean;
  readonly operands: readonly Word[];
}

/** Long options of shells with a value in the next word. */
const SHELL_VALUES: ReadonlySet<string> = new Set(['--rcfile', '--init-file', '--init-command', '--emulate']);

function readShellArguments(args: readonly Word[]): ShellArguments {
  let letters = '';
  let i = 0;
  for (; i < args.length; i += 1) {
    const text = args[i]?.text ?? '';
    if (text === '--' || text === '-') {
      i += 1;
      break;
    }
    if (!isShellOption(text)) break;
    if (SHELL_VALUES.has(text) || /^[-+][A-Za-z]*[oO]$/u.test(text)) i += 1;
    if (/^-[A-Za-z]+$/u.test(text)) letters += text.slice(1);
  }
  return {
    command: letters.includes('c'),
    stdin: letters.includes('s'),
    parseOnly: letters.includes('n'),
    operands: args.slice(i),
  };
}

function isShellOption(text: string): boolean {
  return text.startsWith('--') || /^[-+][A-Za-z]+$/u.test(text);
}

/** sh, bash, dash, zsh, ksh, fish ... */
export function unwrapShell(call: Invocation): Unwrapped | null {
  if (call.args.some((word) => HELP.has(word.text))) return null;
  const read = readShellArguments(call.args);
  const first = read.operands[0];
  if (read.command) return first === undefined ? null : runText(call, first, `${call.name} -c`);
  if (read.parseOnly) return null;
  if (first !== undefined && !read.stdin) return runScript(call, first);
  return fromStdin(call);
}

function remoteFacts(call: Invocation): readonly StructuralFact[] {
  return call.network ? ['remote-script'] : [];
}

function runText(call: Invocation, text: Word, label: string): Unwrapped {
  const own = call.args.indexOf(text);
  return unwrapped([{ kind: 'text', text, scope: 'fresh', label }], own === -1 ? null : own + 1, remoteFacts(call));
}

function runScript(call: Invocation, script: Word): Unwrapped {
  const detail = `\`${call.name} ${script.text}\` runs a script whose content the line does not show.`;
  return unwrapped([opaque('script', detail, script.text, 'type the commands of the script')], null, remoteFacts(call));
}

function fromStdin(call: Invocation): Unwrapped {
  if (call.stdin.kind !== 'inherited') {
    const fed = shellOnStdin(call);
    return call.stdin.kind === 'dynamic' ? { ...fed, inner: [...fed.inner, asTyped(call.stdin.text)] } : fed;
  }
  const changed = call.via.some((layer) => USER_CHANGERS.has(layer.name));
  return unwrapped([], null, [changed ? 'root-shell' : 'nested-shell']);
}

/** The text of an input with expansions: read as typed, so that what it shows is still matched. */
function asTyped(text: string): Inner {
  return { kind: 'text', text: textWord(text), scope: 'fresh' };
}

/** `su`, `runuser`: `-c TEXT`, a user and the shell's own arguments, or an interactive shell. */
export function unwrapSu(call: Invocation): Unwrapped | null {
  const runuser = call.name === 'runuser';
  const position = findInner(call.args, runuser ? RUNUSER_OPTIONS : SU_OPTIONS);
  if (hasOption(position, '--help', '-h', '--version', '-V')) return null;
  const text = optionValue(position, '-c', '--command', '--session-command') ?? lateCommand(call.args);
  if (text !== null) return runText(call, text, `${call.name} -c`);
  const start = position.starts[0];
  if (runuser && start !== undefined && hasOption(position, '-u', '--user')) {
    return unwrapped([{ kind: 'argv', words: call.args.slice(start) }], start);
  }
  return shellOnStdin(call);
}

/** `su - bob -c TEXT`: the option may follow the user. */
function lateCommand(args: readonly Word[]): Word | null {
  for (const [index, word] of args.entries()) {
    if (/^-[a-z]*c$/u.test(word.text) || word.text === '--command') return args[index + 1] ?? null;
    if (word.text.startsWith('--command=')) return textWord(word.text.slice('--command='.length));
  }
  return null;
}

export function unwrapEval(call: Invocation): Unwrapped | null {
  if (call.args.length === 0) return null;
  const words = call.args[0]?.text === '--' ? call.args.slice(1) : call.args;
  return unwrapped([{ kind: 'text', text: joinWords(words), scope: 'same', label: 'eval' }], null, remoteFacts(call));
}

export function unwrapSource(call: Invocation): Unwrapped | null {
  const script = call.args.find((word) => word.text !== '--');
  return script === undefined ? null : runScript(call, script);
}

export function unwrapTrap(call: Invocation): Unwrapped | null {
  const words = call.args.filter((word) => word.text !== '--');
  const first = words[0];
  if (first === undefined || words.length < 2 || first.text === '-' || first.text === '') return null;
  if (/^-[lpP]/u.test(first.text)) return null;
  return unwrapped([{ kind: 'text', text: first, scope: 'child', label: 'trap' }]);
}

export function unwrapAlias(call: Invocation): Unwrapped | null {
  const inner = call.args.flatMap((word): readonly Inner[] => {
    const equals = word.text.indexOf('=');
    if (equals < 1 || word.text.startsWith('-')) return [];
    const text = {
      ...textWord(word.text.slice(equals + 1)),
      kind: word.kind === 'dynamic' ? 'dynamic' : 'static',
    } as const;
    return text.text === '' ? [] : [{ kind: 'text', text, scope: 'child', label: 'alias' }];
  });
  return inner.length === 0 ? null : unwrapped(inner);
}

/** How an interpreter names its program on the command line. */
interface Interpreter {
  /** Short options with program text, e.g. `c` or `eE`; they may end a cluster. */
  readonly code: string;
  readonly longCode: readonly string[];
  /** Other short options with a value. */
  readonly values: string;
  /** Options after which nothing is run. */
  readonly inert: readonly string[];
}

const INTERPRETERS: ReadonlyMap<string, Interpreter> = new Map([
  ['python', { code: 'c', longCode: [], values: 'WXQm', inert: ['-V', '--version', '-h', '--help'] }],
  ['pypy', { code: 'c', longCode: [], values: 'WXm', inert: ['--version', '--help'] }],
  ['perl', { code: 'eE', longCode: [], values: 'IMmFxC', inert: ['-v', '-V', '--version', '--help', '-c'] }],
  ['ruby', { code: 'e', longCode: [], values: 'ICrEFKTW', inert: ['-v', '--version', '--help', '-h', '-c'] }],
  [
    'node',
    {
      code: 'ep',
      longCode: ['--eval', '--print'],
      values: 'rC',
      inert: ['-v', '--version', '-h', '--help', '-c', '--check'],
    },
  ],
  ['nodejs', { code: 'ep', longCode: ['--eval', '--print'], values: 'rC', inert: ['-v', '--version', '-h', '--help'] }],
  [
    'deno',
    { code: '', longCode: [], values: '', inert: ['--version', '-V', '--help', 'fmt', 'lint', 'check', 'info'] },
  ],
  ['bun', { code: 'ep', longCode: ['--eval', '--print'], values: '', inert: ['--version', '--help', 'install'] }],
  [
    'php',
    {
      code: 'rBRE',
      longCode: ['--run'],
      values: 'dcStz',
      inert: ['-v', '-i', '-m', '-l', '-S', '--version', '--help'],
    },
  ],
  ['lua', { code: 'e', longCode: [], values: 'l', inert: ['-v'] }],
  ['luajit', { code: 'e', longCode: [], values: 'ljbO', inert: ['-v'] }],
  ['tclsh', { code: '', longCode: [], values: '', inert: [] }],
  ['expect', { code: 'c', longCode: [], values: 'fb', inert: ['-v'] }],
  ['Rscript', { code: 'e', longCode: [], values: '', inert: ['--version', '--help'] }],
  ['julia', { code: 'eE', longCode: ['--eval', '--print'], values: 'LpJCtH', inert: ['-v', '--version', '--help'] }],
  ['groovy', { code: 'e', longCode: [], values: 'c', inert: ['-v', '--version', '--help'] }],
  [
    'pwsh',
    {
      code: 'c',
      longCode: ['-Command', '-command', '-EncodedCommand', '-File', '-file'],
      values: '',
      inert: ['--version', '-v', '-Help'],
    },
  ],
  ['osascript', { code: 'e', longCode: [], values: 'ls', inert: [] }],
  ['irb', { code: '', longCode: [], values: 'rI', inert: ['-v', '--version', '--help'] }],
  ['ipython', { code: 'c', longCode: [], values: 'm', inert: ['--version', '--help'] }],
  ['guile', { code: 'c', longCode: [], values: 'lL', inert: ['-v', '--version', '--help'] }],
  [
    'gdb',
    {
      code: '',
      longCode: ['-ex', '-eval-command', '--eval-command', '-x', '--command'],
      values: 'p',
      inert: ['-v', '--version', '--help'],
    },
  ],
]);

export const INTERPRETER_NAMES: readonly string[] = [...INTERPRETERS.keys()].filter((name) => name !== 'gdb');

/** python, perl, ruby, node ...: program text, a script, or a REPL. `python -m MODULE` is a command of its own. */
export function unwrapInterpreter(call: Invocation): Unwrapped | null {
  const spec = INTERPRETERS.get(call.name) ?? INTERPRETERS.get(call.name.replace(/[\d.]+$/u, ''));
  if (spec === undefined || call.args.some((word) => spec.inert.includes(word.text))) return null;
  for (let i = 0; i < call.args.length; i += 1) {
    const text = call.args[i]?.text ?? '';
    if (text === '-') break;
    const found = programAt(call, spec, i);
    if (found !== null) return found;
    if (text.length === 2 && spec.values.includes(text.charAt(1))) i += 1;
  }
  return interpreterOnStdin(call);
}

function programAt(call: Invocation, spec: Interpreter, at: number): Unwrapped | null {
  const text = call.args[at]?.text ?? '';
  if (text === '-m' && call.name.startsWith('py')) {
    return unwrapped([{ kind: 'argv', words: call.args.slice(at + 1), label: `${call.name} -m` }]);
  }
  if (isCode(spec, text)) return code(call, call.args[at + 1]?.text ?? text);
  return text.startsWith('-') ? null : code(call, text);
}

function isCode(spec: Interpreter, text: string): boolean {
  if (spec.longCode.some((name) => text === name || text.startsWith(`${name}=`))) return true;
  if (!/^-[A-Za-z0-9]+/u.test(text) || text.startsWith('--')) return false;
  for (const letter of text.slice(1)) {
    if (spec.code.includes(letter)) return true;
    if (spec.values.includes(letter)) return false;
  }
  return false;
}

function code(call: Invocation, word: string, reason: OpaqueReason = 'code'): Unwrapped {
  const shown = word.length > 60 ? `${word.slice(0, 60)}…` : word;
  const detail = `\`${call.name}\` runs a program that is not shell text: \`${shown}\`.`;
  return unwrapped([opaque(reason, detail, shown, 'use a command that shows what it does')], null, remoteFacts(call));
}

function interpreterOnStdin(call: Invocation): Unwrapped {
  switch (call.stdin.kind) {
    case 'inherited':
      return unwrapped([], null, ['nested-shell']);
    case 'static':
      return code(call, call.stdin.text);
    case 'pipe':
    case 'file':
    case 'dynamic': {
      const network = call.stdin.kind === 'pipe' && call.stdin.network;
      return unwrapped([unknownStdin(call.name)], null, [network ? 'remote-script' : 'stdin-not-static']);
    }
  }
}
