/** One command for each verb that the daemon carries out: parse here, run there, play the talk here. */
import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { runInDaemon } from '../app/admin/admin-client.ts';
import { describeFailure, HeldlineError } from '../base/heldline-error.ts';
import { optionUsage } from '../console/help-text.ts';
import type { EvidenceVerb, OptionSpec, VerbCall, VerbSpec } from '../console/verb.ts';
import type { CommandContext } from './command-context.ts';
import { commandAt } from './command-tree.ts';
import { adminSocketPath } from './locate.ts';
import type { TypedVerb } from './on-files.ts';
import type { OwnTerminal } from './own-terminal.ts';
import { accountName } from './process-surroundings.ts';

type Values = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** Adds a verb to the tree. @param offline runs on the files alone when no daemon does; absent where that cannot be */
export function addDaemonVerb(
  program: Command,
  spec: VerbSpec,
  context: CommandContext,
  offline: EvidenceVerb | undefined,
): void {
  const command = commandAt(program, spec.path).description(spec.summary);
  for (const argument of spec.arguments) {
    command.argument(argument.required ? `<${argument.name}>` : `[${argument.name}]`, argument.help);
  }
  for (const option of spec.options) command.addOption(commanderOption(option));
  command.option('--json', 'one JSON object a line').option('--no-input', 'fail instead of asking');
  command.addHelpText('after', `\nExamples:\n${spec.examples.map((line) => `  heldline ${line}\n`).join('')}`);
  command.action(async () => {
    // `requests show ID --json`: the parser gives an option that `requests` has too to `requests`.
    const typed = await read(spec, command.args, command.optsWithGlobals<Values>(), context.terminal);
    context.finish(
      offline === undefined ? await inDaemon(typed, context) : await inDaemonOrHere(typed, context, offline),
    );
  });
}

function commanderOption(option: OptionSpec): Option {
  const value = option.value === undefined ? '' : ` <${option.value}>`;
  const flags = optionUsage({ ...option, value: undefined as never }).trimEnd() + value;
  const made = new Option(flags, option.help);
  return option.many === true
    ? made.argParser((one: string, all: string[] | undefined) => [...(all ?? []), one])
    : made;
}

/** What was typed, with its files read. */
async function read(
  spec: VerbSpec,
  words: readonly string[],
  values: Values,
  terminal: OwnTerminal,
): Promise<TypedVerb> {
  const call = { arguments: words, options: await readFiles(spec, byName(spec, values), terminal) };
  const interactive = terminal.interactive && values['input'] !== false;
  for (const { name, saves, signs } of spec.options) {
    const path = call.options[name];
    if (saves === true && typeof path === 'string') terminal.saveTo(path);
    if (signs === true && typeof path === 'string') terminal.signWith(path);
  }
  return { path: spec.path, call, json: values['json'] === true, interactive };
}

async function inDaemon(typed: TypedVerb, { terminal, configOption }: CommandContext): Promise<number> {
  const socket = await adminSocketPath(configOption());
  const message = { kind: 'call', ...typed, size: terminal.size, account: accountName() } as const;
  return runInDaemon(socket, message, terminal);
}

/** Evidence can be read without a daemon, and a recording given by its path without anything. */
async function inDaemonOrHere(typed: TypedVerb, context: CommandContext, verb: EvidenceVerb): Promise<number> {
  const { looseRecording, playLoose, runOnFiles } = await import('./on-files.ts');
  const loose = await looseRecording(typed);
  if (loose !== undefined) return playLoose(typed, context.terminal, loose);
  try {
    return await inDaemon(typed, context);
  } catch (failure) {
    if (!(failure instanceof HeldlineError) || failure.code !== 'admin.unreachable') throw failure;
    return runOnFiles(verb, typed, context);
  }
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
