/**
 * What reads the standard input of a command as commands of its own: a shell, a database client, a language, or
 * a tool that makes command lines of it. Such input has to be judged line by line like what is typed.
 */
import type { CommandContext } from '../../model/command-line.ts';
import type { Analysis, SimpleCommand } from '../analysis.ts';
import { analyse } from './analyse.ts';
import { EXEC_LIMITS } from './limits.ts';

const SQL_CLIENTS: Readonly<Record<string, CommandContext>> = {
  psql: 'psql',
  mysql: 'mysql',
  mariadb: 'mysql',
  sqlite3: 'repl',
  'redis-cli': 'repl',
  mongo: 'repl',
  mongosh: 'repl',
};

/** Programs that make commands of the words or lines that they read. */
const COMMAND_MAKERS = new Set(['xargs', 'parallel', 'at', 'batch']);

const LANGUAGES = /^(?:python|perl|ruby|node|nodejs|php|lua|irb|ipython|pypy)[0-9.]*$/;

/** Without a command they start a shell, which reads the input. */
const SHELL_STARTERS = new Set(
  'unshare chroot script scriptlive machinectl newgrp sg nsenter setpriv runcon capsh toolbox distrobox'.split(' '),
);

/** Their input is a program, or has a command of its own that starts a shell. */
const SCRIPTED = new Set(
  (
    'ed red ex vi vim nvim view vimdiff rvim gdb lldb dc gnuplot lftp octave octave-cli R ghci erl iex jshell ' +
    'groovysh scala clickhouse-client wish m4 virsh lvm bpftrace elinks mail mailx mutt pg more ip tc nslookup'
  ).split(' '),
);

/** Tools whose `-f` names the program that they run. */
const PROGRAM_FILE = /^(?:[gmn]?awk|g?sed|g?make|bpftrace|expect)$/;
const STANDARD_INPUT = /^(?:-f|--file=|--makefile=)?(?:-|\/dev\/stdin|\/dev\/fd\/0|\/proc\/self\/fd\/0)$/;

/** Functions of the shell that run what they are told for every line that they read. */
const CALLBACK_READERS = new Set(['mapfile', 'readarray']);

/** The context in which the input of `command` must be judged; null when it is only data. */
export function readerOfInput(command: string): CommandContext | null {
  const analysis = analyse(command, { context: 'exec', dialect: 'bash', maxBytes: EXEC_LIMITS.bytes });
  if (isUnsure(analysis)) return 'shell';
  for (const one of analysis.commands) {
    const context = readerOf(one);
    if (context !== null) return context;
  }
  return null;
}

/** What cannot be parsed may read anything. */
function isUnsure(analysis: Analysis): boolean {
  if (analysis.unparsable !== null || analysis.tooLong !== null) return true;
  return analysis.opaque.some((part) => part.reason === 'stdin' || part.reason === 'command-name');
}

function readerOf(command: SimpleCommand): CommandContext | null {
  const { name, stdin, facts } = command;
  if (stdin.kind !== 'inherited' && stdin.kind !== 'pipe') return null;
  const client = SQL_CLIENTS[name];
  if (client !== undefined) return client;
  if (facts.includes('nested-shell') && LANGUAGES.test(name)) return 'repl';
  if (readsShell(command)) return 'shell';
  return SCRIPTED.has(name) || readsProgram(command) ? 'repl' : null;
}

function readsShell(command: SimpleCommand): boolean {
  const { name, transparent, facts } = command;
  if (COMMAND_MAKERS.has(name) || (!transparent && SHELL_STARTERS.has(name))) return true;
  const shell: readonly string[] = ['nested-shell', 'root-shell', 'stdin-not-static'];
  return facts.some((fact) => shell.includes(fact)) || isBareHop(command);
}

function readsProgram({ name, args }: SimpleCommand): boolean {
  if (CALLBACK_READERS.has(name)) return args.some((word) => word.text.startsWith('-C'));
  return PROGRAM_FILE.test(name) && args.some((word) => STANDARD_INPUT.test(word.text));
}

/** `ssh host` without a command: a shell on another host. */
function isBareHop({ name, transparent, args }: SimpleCommand): boolean {
  if (name !== 'ssh' || transparent) return false;
  return args.filter((word) => !word.text.startsWith('-')).length <= 1;
}
