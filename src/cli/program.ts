/**
 * The tree of commands: those that the daemon carries out come from the verb table, the rest have a file each here.
 * Most of the time that a call takes is loading code, so a file is loaded when its command is called, or when all
 * commands are asked for.
 */
import { Command, CommanderError } from 'commander';
import { VERSION } from '../app/version.ts';
import { EXIT } from '../console/verb.ts';
import { EVIDENCE_VERBS, VERBS } from '../console/verbs.ts';
import type { CommandContext } from './command-context.ts';
import { commandAt } from './command-tree.ts';
import { addDaemonVerb } from './daemon-verb.ts';
import type { OwnTerminal } from './own-terminal.ts';

/** What the groups of verbs are about; the verbs describe themselves. */
const GROUPS: Readonly<Record<string, string>> = {
  user: 'people: add, list, show, disable, enable, remove',
  key: 'public keys: add, list, remove',
  totp: 'one-time codes: enroll, import, reset, unlock',
  target: 'hosts: add, list, show, edit, remove, test, trust',
  access: 'access for a time: list, revoke',
  mosh: 'the UDP ports: status',
  session: 'recordings and live sessions: list, show, play, watch, search, export, verify, kill',
  audit: 'the log: tail, verify, export',
};

type Add = (program: Command, context: CommandContext) => void;

/** Commands that the verb table does not have, in the order of the help text. */
const OWN_COMMANDS: ReadonlyMap<string, () => Promise<Add>> = new Map([
  ['demo', async () => (await import('./demo.ts')).addDemo],
  ['init', async () => (await import('./init.ts')).addInit],
  ['serve', async () => (await import('./serve.ts')).addServe],
  ['config', async () => (await import('./config.ts')).addConfig],
  ['policy', async () => (await import('./policy.ts')).addPolicy],
  ['doctor', async () => (await import('./doctor.ts')).addDoctor],
  ['backup', async () => (await import('./backup.ts')).addBackup],
  ['completion', async () => (await import('./completion.ts')).addCompletion],
]);
/** Calls of these need to know all the others. */
const NEED_ALL: readonly string[] = ['completion', 'help'];

/** Codes with which commander ends after printing what was asked for. */
const SHOWN = new Set(['commander.helpDisplayed', 'commander.help', 'commander.version']);

/**
 * The command line as far as `argv` needs it; all of it when that names no command. `finish` is called with the exit
 * code of the command that ran.
 */
export async function buildProgram(
  argv: readonly string[],
  terminal: OwnTerminal,
  finish: (code: number) => void,
): Promise<Command> {
  const program = new Command('heldline')
    .description('SSH and Mosh bastion that holds a flagged command until it is approved.')
    .option('-c, --config <FILE>', 'configuration (default: HELDLINE_CONFIG, then the usual places)')
    .version(VERSION, '-V, --version', 'print the version');
  const context: CommandContext = { terminal, finish, configOption: () => program.opts<{ config?: string }>().config };
  for (const load of ownCommandsFor(argv)) (await load())(program, context);
  for (const verb of VERBS.filter(({ spec }) => spec.where !== 'ssh')) {
    const offline = EVIDENCE_VERBS.find(({ spec }) => spec === verb.spec);
    addDaemonVerb(program, verb.spec, context, offline);
  }
  program
    .command('version')
    .description('print the version')
    .action(() => terminal.out(`heldline ${VERSION}\n`));
  for (const [name, about] of Object.entries(GROUPS)) commandAt(program, [name]).description(about);
  dress(program, terminal);
  return program;
}

/** Loads no command of its own when a verb of the table is called, and only that command when one is. */
function ownCommandsFor(argv: readonly string[]): readonly (() => Promise<Add>)[] {
  const word = commandWord(argv);
  const own = OWN_COMMANDS.get(word);
  const isKnown = own !== undefined || VERBS.some(({ spec }) => spec.path[0] === word) || word === 'version';
  if (!isKnown || NEED_ALL.includes(word)) return [...OWN_COMMANDS.values()];
  return own === undefined ? [] : [own];
}

/** The first word that is no option of the program itself, nor the value of one; empty without any. */
function commandWord(argv: readonly string[]): string {
  const [first = '', , ...rest] = argv;
  if (first === '-c' || first === '--config') return commandWord(rest);
  return first.startsWith('-') ? commandWord(argv.slice(1)) : first;
}

/** The exit code if `failure` is commander's way of ending, else undefined. */
export function usageOutcome(failure: unknown): number | undefined {
  if (!(failure instanceof CommanderError)) return undefined;
  return SHOWN.has(failure.code) ? EXIT.done : EXIT.usage;
}

function dress(command: Command, terminal: OwnTerminal): void {
  command.exitOverride();
  command.configureOutput({
    writeOut: (text) => terminal.out(text),
    writeErr: (text) => terminal.err(text),
    outputError: (text, write) => write(text.replace(/^error: /, 'heldline: ')),
  });
  command.showSuggestionAfterError(true);
  command.helpCommand(command.commands.length > 0 && command.parent === null);
  for (const child of command.commands) dress(child, terminal);
}
