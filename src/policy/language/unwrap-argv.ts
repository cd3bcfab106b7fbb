/** Wrappers that run the rest of their words: sudo, env, timeout and the like. Data is in wrapper-options.ts. */
import type { StructuralFact, Word } from '../analysis.ts';
import { type Inner, type Invocation, joinWords, NO_FACTS, opaque, type Unwrapped, unwrapped } from './unwrapping.ts';
import { findInner, hasOption, type InnerPosition, optionValue } from './wrapper-arguments.ts';
import { ARGV_WRAPPERS, type WrapperOptions } from './wrapper-options.ts';

/** Wrappers that change the user; a shell under them is a shell of another user. */
export const USER_CHANGERS: ReadonlySet<string> = new Set([
  'sudo',
  'doas',
  'run0',
  'pkexec',
  'su',
  'runuser',
  'gosu',
  'su-exec',
  'setuidgid',
]);

function innerCommands(args: readonly Word[], position: InnerPosition): readonly Inner[] {
  return position.starts.map((start) => ({ kind: 'argv', words: args.slice(start), assigns: position.assigns }));
}

export function unwrapArgv(call: Invocation, options: WrapperOptions): Unwrapped | null {
  const position = findInner(call.args, options);
  const start = position.starts[0];
  if (position.inert || start === undefined) return null;
  return unwrapped(innerCommands(call.args, position), start);
}

/** `sudo`, `doas`, `run0`: also interactive shells (`-i`, `-s`) and editing (`-e`). */
export function unwrapSudo(call: Invocation): Unwrapped | null {
  const options = ARGV_WRAPPERS.get(call.name);
  if (options === undefined) return null;
  const position = findInner(call.args, options);
  if (position.inert || hasOption(position, '-e', '--edit')) return null;
  const start = position.starts[0];
  const shell = hasOption(position, '-i', '-s', '--login', '--shell');
  if (!shell) return start === undefined ? null : unwrapped(innerCommands(call.args, position), start);
  if (start === undefined) return shellOnStdin(call);
  const words = call.args.slice(start);
  const label = `${call.name} -s`;
  // One word is a text for the shell; the characters of several are escaped, so they stay words.
  if (words.length > 1) return unwrapped([{ kind: 'argv', words, label }], start);
  return unwrapped([{ kind: 'text', text: joinWords(words), scope: 'fresh', label }], start);
}

/** An interactive shell of another user, or one that is fed by stdin. */
export function shellOnStdin(call: Invocation): Unwrapped {
  switch (call.stdin.kind) {
    case 'inherited':
      return unwrapped([], null, ['root-shell']);
    case 'static':
      return unwrapped([{ kind: 'text', text: textWord(call.stdin.text), scope: 'fresh', fromStdin: true }]);
    case 'pipe':
    case 'file':
    case 'dynamic': {
      const fact: StructuralFact =
        call.stdin.kind === 'pipe' && call.stdin.network ? 'remote-script' : 'stdin-not-static';
      return unwrapped([unknownStdin(call.name)], null, [fact]);
    }
  }
}

export function textWord(text: string): Word {
  return { text, kind: 'static', pieces: null, quoted: true };
}

export function unknownStdin(name: string): Inner {
  return opaque(
    'stdin',
    `\`${name}\` runs what it reads from its input, which the line does not show.`,
    name,
    'type the commands themselves',
  );
}

/** `env`: `-S TEXT` splits a text into words. */
export function unwrapEnv(call: Invocation): Unwrapped | null {
  const options = ARGV_WRAPPERS.get('env');
  if (options === undefined) return null;
  const position = findInner(call.args, { ...options, short: 'uCS', long: [...options.long, '--split-string'] });
  const split = optionValue(position, '-S', '--split-string');
  const start = position.starts[0];
  if (split !== null) {
    const rest = start === undefined ? [] : call.args.slice(start);
    return unwrapped(
      [{ kind: 'text', text: joinWords([split, ...rest]), scope: 'fresh', label: 'env -S' }],
      start ?? null,
    );
  }
  return start === undefined ? null : unwrapped(innerCommands(call.args, position), start, NO_FACTS);
}

/** `nsenter`, `chroot`, `unshare` without a command start a shell. */
export function unwrapNamespace(call: Invocation): Unwrapped | null {
  const options = ARGV_WRAPPERS.get(call.name);
  if (options === undefined) return null;
  const position = findInner(call.args, options);
  if (position.inert) return null;
  const start = position.starts[0];
  if (start !== undefined) return unwrapped(innerCommands(call.args, position), start);
  if (call.args.length === 0 || call.stdin.kind === 'inherited') return null;
  return shellOnStdin(call);
}
