/**
 * Reads what a database client is given: statements with their facts, client commands, and what escapes to a
 * shell. PostgreSQL is read by its own grammar (see postgres-parser.ts, `prepareSql`), MySQL by its keywords.
 */
import type { OpaquePart } from '../analysis.ts';
import { readMysqlCommand } from './mysql-commands.ts';
import { readMysql } from './mysql-facts.ts';
import { readPostgres } from './postgres-facts.ts';
import { type ClientCommand, readPsqlCommand } from './psql-commands.ts';
import { interpolate, noteVariable } from './psql-variables.ts';
import { type SqlClient, splitSql } from './sql-lexer.ts';
import type { SqlStatement } from './sql-statement.ts';

export interface SqlFindings {
  readonly statements: readonly SqlStatement[];
  readonly opaque: readonly OpaquePart[];
  /** Texts that the client hands to a shell. */
  readonly shell: readonly string[];
  /** What is missing when the last statement does not end; null when it does. */
  readonly incomplete: string | null;
}

interface Collector {
  readonly client: SqlClient;
  readonly statements: SqlStatement[];
  readonly opaque: OpaquePart[];
  readonly shell: string[];
  readonly variables: Map<string, string>;
}

/**
 * @param interactive At a prompt an unfinished statement waits for more; in `-c`, `-e` and pipes it runs.
 */
export function analyseSql(text: string, client: SqlClient, interactive: boolean): SqlFindings {
  const collector: Collector = { client, statements: [], opaque: [], shell: [], variables: new Map() };
  const split = splitSql(text, client);
  for (const unit of split.units) {
    if (unit.kind === 'statement') addStatement(collector, unit.text);
    else addCommand(collector, unit.text, unit.before);
  }
  const rest = isOnlyComment(split.rest) ? '' : split.rest.trim();
  if (rest !== '' && !interactive) addStatement(collector, rest);
  const incomplete = rest !== '' && interactive ? `the end of ${split.open ?? 'a statement'}` : null;
  return { statements: collector.statements, opaque: collector.opaque, shell: collector.shell, incomplete };
}

function isOnlyComment(rest: string): boolean {
  return /^(?:\s|--[^\n]*(?:\n|$)|\/\*(?!M?!).*?\*\/)*$/su.test(rest);
}

function addStatement(collector: Collector, text: string): void {
  const read = collector.client === 'psql' ? readPsqlStatement(collector, text) : readMysql(text);
  collector.statements.push(read.statement);
  collector.opaque.push(...read.opaque);
}

function readPsqlStatement(collector: Collector, text: string): ReturnType<typeof readPostgres> {
  const { text: whole, unknown } = interpolate(text, collector.variables);
  if (unknown === null) return readPostgres(whole);
  const part: OpaquePart = {
    reason: 'sql-variable',
    detail: `The variable \`${unknown}\` is not known here.`,
    word: unknown,
    rewrite: `write the value of \`${unknown}\``,
  };
  // Read with a name in its place, so that what the statement shows still counts.
  const guessed = readPostgres(whole.replace(/(?<!:):(?:['"]\w+['"]|[A-Za-z_]\w*)/gu, 'unknown'));
  return { statement: { ...guessed.statement, text, readOnly: false }, opaque: [part] };
}

function addCommand(collector: Collector, text: string, before: string): void {
  const psql = collector.client === 'psql';
  const command: ClientCommand = psql ? readPsqlCommand(text) : readMysqlCommand(text);
  if (psql) noteVariable(text, collector.variables);
  if (command.runsBuffer && before !== '') addStatement(collector, before);
  collector.statements.push({ text, ids: command.ids, readOnly: command.readOnly });
  collector.opaque.push(...command.opaque);
  collector.shell.push(...command.shell);
}
