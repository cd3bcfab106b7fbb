/** The tree of commands: those that the daemon carries out come from the verb table, the rest have a file each here. */
import { Command, CommanderError } from 'commander';
import { VERSION } from '../app/version.ts';
import { EXIT } from '../console/verb.ts';
import { EVIDENCE_VERBS, VERBS } from '../console/verbs.ts';
import { addBackup } from './backup.ts';
import type { CommandContext } from './command-context.ts';
import { commandAt } from './command-tree.ts';
import { addCompletion } from './completion.ts';
import { addConfig } from './config.ts';
import { addDaemonVerb } from './daemon-verb.ts';
import { addDemo } from './demo.ts';
import { addDoctor } from './doctor.ts';
import { addInit } from './init.ts';
import type { OwnTerminal } from './own-terminal.ts';
import { addPolicy } from './policy.ts';
import { addServe } from './serve.ts';

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

/** Codes with which commander ends after printing what was asked for. */
const SHOWN = new Set(['commander.helpDisplayed', 'commander.help', 'commander.version']);

/** The whole command line. `finish` is called with the exit code of the command that ran. */
export function buildProgram(terminal: OwnTerminal, finish: (code: number) => void): Command {
  const program = new Command('heldline')
    .description('SSH and Mosh bastion that holds a flagged command until it is approved.')
    .option('-c, --config <FILE>', 'configuration (default: HELDLINE_CONFIG, then the usual places)')
    .version(VERSION, '-V, --version', 'print the version');
  const context: CommandContext = { terminal, finish, configOption: () => program.opts<{ config?: string }>().config };
  for (const add of [addDemo, addInit, addServe, addConfig, addPolicy, addDoctor, addBackup, addCompletion]) {
    add(program, context);
  }
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
