/** One command for each verb that the daemon carries out: parse here, run there, play the talk here. */
import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { runInDaemon } from '../app/admin/admin-client.ts';
import { describeFailure, HeldlineError } from '../base/heldline-error.ts';
import { optionUsage } from '../console/help-text.ts';
import type { OptionSpec, Verb, VerbCall, VerbSpec } from '../console/verb.ts';
import type { CommandContext } from './command-context.ts';
import { commandAt } from './command-tree.ts';
import { adminSocketPath } from './locate.ts';
import type { OwnTerminal } from './own-terminal.ts';
import { accountName } from './process-surroundings.ts';

type Values = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** Adds `verb` to the tree. */
export function addDaemonVerb(program: Command, verb: Verb, context: CommandContext): void {
  const { spec } = verb;
  const command = commandAt(program, spec.path).description(spec.summary);
  for (const argument of spec.arguments) {
    command.argument(argument.required ? `<${argument.name}>` : `[${argument.name}]`, argument.help);
  }
  for (const option of spec.options) command.addOption(commanderOption(option));
  command.option('--json', 'one JSON object a line').option('--no-input', 'fail instead of asking');
  command.addHelpText('after', `\nExamples:\n${spec.examples.map((line) => `  heldline ${line}\n`).join('')}`);
  command.action(async () => context.finish(await run(spec, command.args, command.opts<Values>(), context)));
}

function commanderOption(option: OptionSpec): Option {
  const value = option.value === undefined ? '' : ` <${option.value}>`;
  const flags = optionUsage({ ...option, value: undefined as never }).trimEnd() + value;
  const made = new Option(flags, option.help);
  return option.many === true
    ? made.argParser((one: string, all: string[] | undefined) => [...(all ?? []), one])
    : made;
}

async function run(spec: VerbSpec, words: readonly string[], values: Values, context: CommandContext): Promise<number> {
  const { terminal } = context;
  const call = { arguments: words, options: await readFiles(spec, byName(spec, values), terminal) };
  const socket = await adminSocketPath(context.configOption());
  const interactive = terminal.interactive && values['input'] !== false;
  const message = { kind: 'call', path: spec.path, call, json: values['json'] === true, interactive } as const;
  return runInDaemon(socket, { ...message, size: terminal.size, account: accountName() }, terminal);
}

/** Commander's camelCase keys back to the names of the table. */
function byName(spec: VerbSpec, values: Values): Values {
  const camel = (name: string) => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(spec.options.map(({ name }) => [name, values[camel(name)]]));
}

async function readFiles(spec: VerbSpec, values: Values, terminal: OwnTerminal): Promise<VerbCall['options']> {
  const read: Record<string, VerbCall['options'][string]> = { ...values };
  for (const { name, file } of spec.options) {
    const path = values[name];
    if (file === undefined || typeof path !== 'string') continue;
    read[name] = path === '-' ? await fromInput(file, terminal) : await readText(path);
  }
  return read;
}

async function fromInput(part: 'text' | 'line', terminal: OwnTerminal): Promise<string> {
  return part === 'text' ? terminal.wholeInput() : ((await terminal.firstLine()) ?? '');
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new HeldlineError('file.unreadable', `cannot read ${path}: ${describeFailure(cause)}`, { cause });
  }
}
