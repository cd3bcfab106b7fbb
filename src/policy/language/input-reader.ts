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
  if (command.stdin.kind !== 'inherited' && command.stdin.kind !== 'pipe') return null;
  const client = SQL_CLIENTS[command.name];
  if (client !== undefined) return client;
  if (COMMAND_MAKERS.has(command.name)) return 'shell';
  if (command.facts.includes('nested-shell')) return LANGUAGES.test(command.name) ? 'repl' : 'shell';
  const shell = command.facts.includes('root-shell') || command.facts.includes('stdin-not-static');
  return shell || isBareHop(command) ? 'shell' : null;
}

/** `ssh host` without a command: a shell on another host. */
function isBareHop({ name, transparent, args }: SimpleCommand): boolean {
  if (name !== 'ssh' || transparent) return false;
  return args.filter((word) => !word.text.startsWith('-')).length <= 1;
}
