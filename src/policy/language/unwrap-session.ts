/** Programs that run a command in a session of its own or later: tmux, screen, watch, script, flock, at. */
import type { Word } from '../analysis.ts';
import { shellOnStdin } from './unwrap-argv.ts';
import { type Inner, type Invocation, joinWords, opaque, type Unwrapped, unwrapped } from './unwrapping.ts';
import { findInner, hasOption, optionValue } from './wrapper-arguments.ts';
import {
  FLOCK_OPTIONS,
  SCREEN_OPTIONS,
  SCRIPT_OPTIONS,
  TMUX_OPTIONS,
  WATCH_OPTIONS,
  type WrapperOptions,
} from './wrapper-options.ts';

/** One word is a text for a shell; several are argv. */
function wordsOrText(words: readonly Word[]): Inner {
  if (words.length === 1) return { kind: 'text', text: joinWords(words), scope: 'fresh' };
  return { kind: 'argv', words };
}

export function unwrapWatch(call: Invocation): Unwrapped | null {
  const position = findInner(call.args, WATCH_OPTIONS);
  const start = position.starts[0];
  if (position.inert || start === undefined) return null;
  const words = call.args.slice(start);
  if (hasOption(position, '-x', '--exec')) return unwrapped([{ kind: 'argv', words }], start);
  return unwrapped([{ kind: 'text', text: joinWords(words), scope: 'fresh' }], start);
}

/** `flock FILE -c TEXT`, `flock FILE command`; `flock FD` alone locks a descriptor. */
export function unwrapFlock(call: Invocation): Unwrapped | null {
  const position = findInner(call.args, FLOCK_OPTIONS);
  const early = optionValue(position, '-c', '--command');
  if (early !== null) return unwrapped([{ kind: 'text', text: early, scope: 'fresh', label: 'flock -c' }]);
  const start = position.starts[0];
  if (position.inert || start === undefined) return null;
  return unwrapped([flockCommand(call.args.slice(start))], start);
}

function flockCommand(words: readonly Word[]): Inner {
  const [first, second] = words;
  if ((first?.text === '-c' || first?.text === '--command') && second !== undefined) {
    return { kind: 'text', text: second, scope: 'fresh', label: 'flock -c' };
  }
  return { kind: 'argv', words };
}

/** `script -c TEXT FILE` (util-linux) and `script FILE command` (BSD). */
export function unwrapScript(call: Invocation): Unwrapped | null {
  const position = findInner(call.args, SCRIPT_OPTIONS);
  const late = call.args.findIndex((word) => /^-[a-z]*c$/u.test(word.text));
  const text = optionValue(position, '-c', '--command') ?? (late === -1 ? null : (call.args[late + 1] ?? null));
  if (text !== null) return unwrapped([{ kind: 'text', text, scope: 'fresh', label: 'script -c' }]);
  const start = position.starts[0];
  if (position.inert || start === undefined) return null;
  return unwrapped([{ kind: 'argv', words: call.args.slice(start) }], start);
}

/** Commands of tmux that take a shell command, with their options that take a value. */
const TMUX_SHELL: ReadonlyMap<string, WrapperOptions> = new Map(
  [
    ['new-session', 'cefFnstxy'],
    ['new', 'cefFnstxy'],
    ['new-window', 'ceFnt'],
    ['neww', 'ceFnt'],
    ['split-window', 'ceFlpt'],
    ['splitw', 'ceFlpt'],
    ['respawn-pane', 'cet'],
    ['respawnp', 'cet'],
    ['respawn-window', 'cet'],
    ['respawnw', 'cet'],
    ['run-shell', 'cdt'],
    ['run', 'cdt'],
    ['if-shell', 't'],
    ['if', 't'],
    ['pipe-pane', 't'],
    ['pipep', 't'],
    ['popup', 'bcdehsStTwxy'],
    ['display-popup', 'bcdehsStTwxy'],
  ].map(([name = '', short = '']) => [name, { short, long: [], plain: [], operands: 0, assigns: false, inert: [] }]),
);
const TMUX_KEYS: ReadonlySet<string> = new Set(['send-keys', 'send']);
const KEY_NAMES = /^(?:Enter|C-[a-zA-Z]|Escape|Tab|Space|BSpace|KP\w+|Up|Down|Left|Right|Home|End|F\d+|M-.)$/u;

export function unwrapTmux(call: Invocation): Unwrapped | null {
  const start = findInner(call.args, TMUX_OPTIONS).starts[0];
  if (start === undefined) return null;
  const inner: Inner[] = [];
  for (const command of splitAt(call.args.slice(start), ';')) {
    const name = command[0]?.text ?? '';
    const options = TMUX_SHELL.get(name);
    if (options !== undefined) inner.push(...tmuxShell(command.slice(1), options));
    else if (TMUX_KEYS.has(name)) inner.push(...tmuxKeys(command.slice(1)));
  }
  return inner.length === 0 ? null : unwrapped(inner);
}

function tmuxShell(args: readonly Word[], options: WrapperOptions): readonly Inner[] {
  const at = findInner(args, options).starts[0];
  return at === undefined ? [] : [wordsOrText(args.slice(at))];
}

function tmuxKeys(args: readonly Word[]): readonly Inner[] {
  const options: WrapperOptions = { short: 'cNt', long: [], plain: [], operands: 0, assigns: false, inert: [] };
  const at = findInner(args, options).starts[0];
  const words = at === undefined ? [] : args.slice(at).filter((word) => !KEY_NAMES.test(word.text));
  return words.length === 0 ? [] : [{ kind: 'text', text: joinWords(words), scope: 'fresh', label: 'tmux send-keys' }];
}

function splitAt(words: readonly Word[], separator: string): readonly (readonly Word[])[] {
  const groups: Word[][] = [[]];
  for (const word of words) {
    if (word.text === separator) groups.push([]);
    else groups.at(-1)?.push(word);
  }
  return groups;
}

/** `screen -dmS NAME command`, `screen -X stuff TEXT`. */
export function unwrapScreen(call: Invocation): Unwrapped | null {
  const x = call.args.findIndex((word) => word.text === '-X');
  if (x !== -1) {
    const [verb, ...words] = call.args.slice(x + 1);
    const runs = verb?.text === 'stuff' || verb?.text === 'exec' || verb?.text === 'screen';
    if (!runs || words.length === 0) return null;
    return unwrapped([{ kind: 'text', text: stuffed(words), scope: 'fresh', label: `screen ${verb.text}` }]);
  }
  const position = findInner(call.args, SCREEN_OPTIONS);
  const start = position.starts[0];
  if (start === undefined || hasOption(position, '-r', '-x', '-ls', '-list')) return null;
  return unwrapped([{ kind: 'argv', words: call.args.slice(start) }], start);
}

/** `stuff` knows `\n` and `^M`; they only end the line. */
function stuffed(words: readonly Word[]): Word {
  const joined = joinWords(words);
  return { ...joined, text: joined.text.replace(/\\n|\\r|\\015|\^M/gu, '\n') };
}

const AT_INERT = /^-(?:[lVcrd]|V)$/u;

/** at, batch: the text comes from stdin or `-f FILE`. */
export function unwrapAt(call: Invocation): Unwrapped | null {
  if (call.args.some((word) => AT_INERT.test(word.text))) return null;
  const file = call.args.findIndex((word) => word.text === '-f');
  if (file !== -1) {
    const name = call.args[file + 1]?.text ?? '';
    return unwrapped([
      opaque('script', `\`${call.name}\` runs the script \`${name}\` later.`, name, 'type its commands'),
    ]);
  }
  if (call.stdin.kind !== 'inherited') return { ...shellOnStdin(call), facts: [] };
  const detail = `\`${call.name}\` runs later what is typed next.`;
  return unwrapped([opaque('stdin', detail, call.name, `use \`echo 'command' | ${call.name} …\``)]);
}
