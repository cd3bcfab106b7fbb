/** Commands that run elsewhere: ssh, docker and podman, compose, kubectl exec, network namespaces, VMs. */
import type { Word } from '../analysis.ts';
import { shellOnStdin, textWord } from './unwrap-argv.ts';
import { type Inner, type Invocation, joinWords, type Unwrapped, unwrapped } from './unwrapping.ts';
import { findInner, hasOption, type InnerPosition, optionValue } from './wrapper-arguments.ts';
import {
  COMPOSE_GLOBAL_OPTIONS,
  DOCKER_EXEC_OPTIONS,
  DOCKER_GLOBAL_OPTIONS,
  DOCKER_RUN_OPTIONS,
  KUBECTL_OPTIONS,
  SSH_OPTIONS,
  SUBCOMMAND_WRAPPERS,
  type SubcommandWrapper,
  type WrapperOptions,
} from './wrapper-options.ts';

/** `ssh [options] host command words`: the remote shell reads the words joined with blanks. */
export function unwrapSsh(call: Invocation): Unwrapped | null {
  const position = findInner(call.args, SSH_OPTIONS);
  const start = position.starts[0];
  if (start !== undefined) {
    const words = call.args.slice(start);
    const text = joinWords(words[0]?.text === '--' ? words.slice(1) : words);
    return unwrapped([{ kind: 'text', text, scope: 'fresh', remote: true, label: 'ssh' }], start);
  }
  const opensShell = position.operands.length > 0 && !hasOption(position, '-N', '-W', '-O', '-V', '-G', '-Q');
  if (!opensShell || call.stdin.kind === 'inherited') return null;
  const fed = shellOnStdin(call);
  return { ...fed, inner: fed.inner.map((inner) => (inner.kind === 'text' ? { ...inner, remote: true } : inner)) };
}

/** `mosh host -- command`. */
export function unwrapMosh(call: Invocation): Unwrapped | null {
  const at = call.args.findIndex((word) => word.text === '--');
  const words = at === -1 ? call.args.filter((word) => !word.text.startsWith('-')).slice(1) : call.args.slice(at + 1);
  if (words.length === 0) return null;
  return unwrapped([{ kind: 'argv', words, remote: true }], at === -1 ? null : at);
}

/** Position of the sub-command's last word after global options; -1 when it is another sub-command. */
function subcommandEnd(args: readonly Word[], words: readonly string[], options: WrapperOptions): number {
  let at = 0;
  for (const word of words) {
    if (word === '') return at;
    const position = findInner(args.slice(at), { ...options, operands: 0 });
    const hit = position.starts.find((start) => args[at + start]?.text === word);
    if (hit === undefined) return -1;
    at += hit + 1;
  }
  return at;
}

function behind(args: readonly Word[], from: number, options: WrapperOptions, remote: boolean): Unwrapped | null {
  const rest = args.slice(from);
  const position = findInner(rest, options);
  const start = position.starts[0];
  if (position.inert || start === undefined) return null;
  const inner = position.starts.map((at): Inner => ({ kind: 'argv', words: rest.slice(at), remote }));
  return unwrapped(inner, from + start);
}

/** docker, podman, nerdctl: `exec`, `run`, `create`, with `container` and `compose` in front of them. */
export function unwrapContainer(call: Invocation): Unwrapped | null {
  for (const words of [['exec'], ['container', 'exec']]) {
    const at = subcommandEnd(call.args, words, DOCKER_GLOBAL_OPTIONS);
    if (at !== -1) return behind(call.args, at, DOCKER_EXEC_OPTIONS, false);
  }
  for (const words of [['run'], ['create'], ['container', 'run'], ['container', 'create']]) {
    const at = subcommandEnd(call.args, words, DOCKER_GLOBAL_OPTIONS);
    if (at !== -1) return runImage(call.args, at);
  }
  const compose = subcommandEnd(call.args, ['compose'], DOCKER_GLOBAL_OPTIONS);
  return compose === -1 ? null : composeAt(call.args, compose);
}

export function unwrapCompose(call: Invocation): Unwrapped | null {
  return composeAt(call.args, 0);
}

function composeAt(args: readonly Word[], from: number): Unwrapped | null {
  const rest = args.slice(from);
  const exec = subcommandEnd(rest, ['exec'], COMPOSE_GLOBAL_OPTIONS);
  if (exec !== -1) return behind(args, from + exec, DOCKER_EXEC_OPTIONS, false);
  const run = subcommandEnd(rest, ['run'], COMPOSE_GLOBAL_OPTIONS);
  return run === -1 ? null : runImage(args, from + run);
}

/** `--entrypoint X image args`: X runs with the arguments. */
function runImage(args: readonly Word[], from: number): Unwrapped | null {
  const rest = args.slice(from);
  const position = findInner(rest, DOCKER_RUN_OPTIONS);
  const start = position.starts[0];
  const entry = optionValue(position, '--entrypoint');
  const image = position.operands[0];
  const words = image === undefined ? [] : rest.slice(rest.indexOf(image) + 1);
  if (entry !== null && entry.text !== '') {
    return unwrapped([{ kind: 'argv', words: [entry, ...words] }], start === undefined ? null : from + start);
  }
  if (start === undefined) return null;
  return unwrapped(
    position.starts.map((at) => ({ kind: 'argv', words: rest.slice(at) })),
    from + start,
  );
}

/** kubectl, oc: `exec POD [options] [--] command`, `run … -- command`, `debug … -- command`, `rsh POD command`. */
export function unwrapKubectl(call: Invocation): Unwrapped | null {
  const exec = firstSubcommand(call.args, ['exec', 'rsh']);
  if (exec !== -1) {
    const dashes = call.args.findIndex((word, index) => index >= exec && word.text === '--');
    if (dashes !== -1) return commandAround(call.args, exec, dashes);
    return behind(call.args, exec, { ...KUBECTL_OPTIONS, operands: 1 }, false);
  }
  const run = firstSubcommand(call.args, ['run', 'debug', 'attach']);
  const dashes = run === -1 ? -1 : call.args.findIndex((word) => word.text === '--');
  return dashes === -1 ? null : words(call.args, dashes + 1);
}

/** `exec POD -- rm -rf x`, and the older `exec POD rm -- -rf x`. */
function commandAround(args: readonly Word[], exec: number, dashes: number): Unwrapped | null {
  if (args[dashes + 1]?.text.startsWith('-') !== true) return words(args, dashes + 1);
  const plain = args.filter((_, index) => index !== dashes);
  return behind(plain, exec, { ...KUBECTL_OPTIONS, operands: 1 }, false);
}

function firstSubcommand(args: readonly Word[], names: readonly string[]): number {
  for (const name of names) {
    const at = subcommandEnd(args, [name], KUBECTL_OPTIONS);
    if (at !== -1) return at;
  }
  return -1;
}

function words(args: readonly Word[], from: number): Unwrapped | null {
  if (from >= args.length) return null;
  return unwrapped([{ kind: 'argv', words: args.slice(from) }], from);
}

/** `ip netns exec`, `lxc exec`, `git submodule foreach` ...: from the table. */
export function unwrapSubcommand(call: Invocation): Unwrapped | null {
  for (const wrapper of SUBCOMMAND_WRAPPERS.get(call.name) ?? []) {
    const found = subcommandWrapper(call, wrapper);
    if (found !== null) return found;
  }
  return null;
}

function subcommandWrapper(call: Invocation, wrapper: SubcommandWrapper): Unwrapped | null {
  const at = subcommandEnd(call.args, wrapper.words, wrapper.options);
  if (at === -1) return null;
  const rest = call.args.slice(at);
  const position = findInner(rest, wrapper.options);
  const start = position.starts[0];
  if (position.inert || start === undefined) return null;
  const inner = rest.slice(start);
  const single = inner.length === 1 && /\s/u.test(inner[0]?.text ?? '');
  if (single) return unwrapped([{ kind: 'text', text: joinWords(inner), scope: 'fresh' }], at + start);
  return unwrapped([{ kind: 'argv', words: inner, remote: wrapper.remote }], at + start);
}

/** `vagrant ssh -c TEXT`, `gcloud compute ssh VM --command TEXT`, `az … run-command … --scripts TEXT`. */
export function unwrapCloudShell(call: Invocation): Unwrapped | null {
  if (!call.args.some((word) => word.text === 'ssh' || word.text === 'run-command')) return null;
  const options: WrapperOptions = {
    short: 'c',
    long: ['--command', '--scripts'],
    plain: [],
    operands: call.args.length,
    assigns: false,
    inert: [],
  };
  const text = lastValue(findInner(call.args, options));
  if (text === null) return null;
  return unwrapped([{ kind: 'text', text, scope: 'fresh', remote: true, label: `${call.name} ssh` }]);
}

function lastValue(position: InnerPosition): Word | null {
  const value = optionValue(position, '--command', '--scripts', '-c');
  return value === null || value.kind === 'dynamic' ? value : textWord(value.text);
}
