/**
 * What a MySQL or MariaDB statement does, by its first keyword and a few words behind it. An unknown first
 * keyword is opaque: the server may know it.
 */
import type { OpaquePart } from '../analysis.ts';
import { type MysqlToken, mysqlTokens } from './mysql-tokens.ts';
import type { SqlStatement } from './sql-statement.ts';

interface Reading {
  readonly tokens: readonly MysqlToken[];
  readonly ids: Set<string>;
  opaque: string | null;
  readOnly: boolean;
}

type Reader = (reading: Reading) => void;

/** Reads one statement without its terminator. */
export function readMysql(text: string): { readonly statement: SqlStatement; readonly opaque: readonly OpaquePart[] } {
  const reading: Reading = { tokens: mysqlTokens(text), ids: new Set(), opaque: null, readOnly: false };
  classify(reading);
  readCalls(reading);
  const ids = [...reading.ids];
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  const opaque: readonly OpaquePart[] =
    reading.opaque === null
      ? []
      : [
          {
            reason: 'sql',
            detail: `The statement \`${shown}\` ${reading.opaque}.`,
            word: shown,
            rewrite: 'write the statement itself',
          },
        ];
  return { statement: { text, ids, readOnly: reading.readOnly && ids.length === 0 && opaque.length === 0 }, opaque };
}

/** Words at the top level, from the first keyword on. */
function words(reading: Reading): readonly string[] {
  return reading.tokens.map((token) => token.text);
}

function classify(reading: Reading): void {
  const first = reading.tokens.find((token) => token.text !== '(')?.text;
  if (first === undefined) {
    reading.readOnly = true;
    return;
  }
  const reader = READERS.get(first);
  if (reader === undefined) reading.opaque = `starts with \`${first}\`, which is not known here`;
  else reader(reading);
}

const readOnly: Reader = (reading) => {
  reading.readOnly = true;
};
const plain: Reader = () => {};
const fact =
  (id: string): Reader =>
  (reading) => {
    reading.ids.add(id);
  };
const opaque =
  (why: string): Reader =>
  (reading) => {
    reading.opaque = why;
  };

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ...entries('SHOW DESC DESCRIBE HELP USE VALUES TABLE CHECKSUM', readOnly),
  ...entries(
    'INSERT REPLACE BEGIN START COMMIT ROLLBACK SAVEPOINT RELEASE UNLOCK HANDLER XA SIGNAL ANALYZE CHECK DEALLOCATE CACHE END',
    plain,
  ),
  ['SELECT', readSelect],
  ['WITH', readWith],
  ['EXPLAIN', readExplain],
  ['DELETE', (reading) => readWhere(reading, 'sql.delete-no-where')],
  ['UPDATE', (reading) => readWhere(reading, 'sql.update-no-where')],
  ['DROP', (reading) => reading.ids.add(isAccount(reading) ? 'sql.grant' : 'sql.drop')],
  ['TRUNCATE', fact('sql.truncate')],
  ['ALTER', (reading) => reading.ids.add(isAccount(reading) ? 'sql.grant' : 'sql.alter')],
  ['RENAME', (reading) => reading.ids.add(isAccount(reading) ? 'sql.grant' : 'sql.alter')],
  ['CREATE', readCreate],
  ...entries('GRANT REVOKE', fact('sql.grant')),
  ...entries('FLUSH KILL SHUTDOWN RESTART RESET PURGE CHANGE STOP CLONE BINLOG IMPORT', fact('sql.server-admin')),
  ['START', readStart],
  ...entries('INSTALL UNINSTALL', fact('sql.create-code')),
  ...entries('LOCK OPTIMIZE REPAIR', fact('sql.lock')),
  ['LOAD', readLoad],
  ['SET', readSet],
  ...entries('CALL EXECUTE PREPARE DO', opaque('runs code that the line does not show')),
]);

function entries(names: string, reader: Reader): readonly (readonly [string, Reader])[] {
  return names.split(' ').map((name) => [name, reader] as const);
}

function isAccount(reading: Reading): boolean {
  const [, second, third] = words(reading);
  return [second, second === 'OR' || second === 'IF' ? third : undefined].some(
    (word) => word === 'USER' || word === 'ROLE',
  );
}

function readSelect(reading: Reading): void {
  const all = words(reading);
  reading.readOnly = !all.includes('INTO') && !(all.includes('FOR') && all.includes('UPDATE'));
  if (all.includes('OUTFILE') || all.includes('DUMPFILE')) reading.ids.add('sql.file-access');
}

/** The first statement word behind the CTEs decides. */
function readWith(reading: Reading): void {
  const verb = reading.tokens.find(
    (token) => token.depth === 0 && /^(?:SELECT|UPDATE|DELETE|INSERT|REPLACE)$/u.test(token.text),
  );
  const reader = READERS.get(verb?.text ?? '');
  if (reader === undefined || verb === undefined) reading.opaque = 'has no statement that is known here';
  else {
    const rest: Reading = { ...reading, tokens: reading.tokens.slice(reading.tokens.indexOf(verb)) };
    reader(rest);
    reading.readOnly = rest.readOnly;
    reading.opaque = rest.opaque;
  }
}

/** Plain EXPLAIN runs nothing; EXPLAIN ANALYZE does. */
function readExplain(reading: Reading): void {
  const at = reading.tokens.findIndex((token) => token.text === 'ANALYZE');
  if (at === -1) {
    reading.readOnly = true;
    return;
  }
  const rest: Reading = { ...reading, tokens: reading.tokens.slice(at + 1) };
  classify(rest);
  reading.readOnly = rest.readOnly;
  reading.opaque = rest.opaque;
}

const CLAUSES_BEHIND_WHERE: ReadonlySet<string> = new Set(['ORDER', 'LIMIT', 'RETURNING', 'GROUP', 'HAVING']);

function readWhere(reading: Reading, id: string): void {
  const at = reading.tokens.findIndex((token) => token.depth === 0 && token.text === 'WHERE');
  if (at === -1) {
    reading.ids.add(id);
    return;
  }
  const behind = reading.tokens.slice(at + 1);
  const end = behind.findIndex((token) => token.depth === 0 && CLAUSES_BEHIND_WHERE.has(token.text));
  if (isTrue(end === -1 ? behind : behind.slice(0, end))) reading.ids.add('sql.where-tautology');
}

/** Constant true, `x = x`, an OR with one of these, an AND of these. */
function isTrue(tokens: readonly MysqlToken[]): boolean {
  const inner = withoutParentheses(tokens);
  const or = split(inner, ['OR', '|']);
  if (or.length > 1) return or.some(isTrue);
  const and = split(inner, ['AND', '&']);
  if (and.length > 1) return and.every(isTrue);
  const [first] = inner;
  if (inner.length === 1) return first?.text === 'TRUE' || (first?.kind === 'number' && Number(first.text) !== 0);
  return isTrueComparison(inner);
}

function isTrueComparison(tokens: readonly MysqlToken[]): boolean {
  const at = tokens.findIndex((token) => /^[=<>!]$/u.test(token.text) || token.text === 'LIKE');
  if (at < 1) return false;
  const left = tokens
    .slice(0, at)
    .map((token) => token.text)
    .join(' ');
  const right = tokens.slice(at).filter((token) => !/^[=<>!]$/u.test(token.text));
  const operator = tokens
    .slice(at)
    .filter((token) => /^[=<>!]$/u.test(token.text))
    .map((token) => token.text)
    .join('');
  const other = right.map((token) => token.text).join(' ');
  if (tokens[at]?.text === 'LIKE') return /^LIKE ['"]%+['"]$/u.test(other);
  if (left === other) return ['=', '<=>', '<=', '>='].includes(operator);
  return /^\d/u.test(left) && /^\d/u.test(other) && compareConstants(Number(left), operator, Number(other));
}

function compareConstants(a: number, operator: string, b: number): boolean {
  if (operator === '<' || operator === '<=') return a < b;
  if (operator === '>' || operator === '>=') return a > b;
  return (operator === '<>' || operator === '!=') && a !== b;
}

function withoutParentheses(tokens: readonly MysqlToken[]): readonly MysqlToken[] {
  const first = tokens[0];
  const last = tokens.at(-1);
  if (first?.text !== '(' || last?.text !== ')' || first.depth !== last.depth) return tokens;
  const closes = tokens.slice(1, -1).some((token) => token.text === ')' && token.depth === first.depth);
  return closes ? tokens : withoutParentheses(tokens.slice(1, -1));
}

function split(tokens: readonly MysqlToken[], signs: readonly string[]): readonly (readonly MysqlToken[])[] {
  const depth = Math.min(...tokens.map((token) => token.depth));
  const groups: MysqlToken[][] = [[]];
  for (const token of tokens) {
    if (token.depth === depth && signs.includes(token.text)) groups.push([]);
    else groups.at(-1)?.push(token);
  }
  return groups.filter((group) => group.length > 0);
}

const CODE: ReadonlySet<string> = new Set(['FUNCTION', 'PROCEDURE', 'TRIGGER', 'EVENT', 'PACKAGE']);

function readCreate(reading: Reading): void {
  const head = words(reading).slice(0, 16);
  if (isAccount(reading)) reading.ids.add('sql.grant');
  else if (head.some((word) => CODE.has(word)) && !head.includes('TABLE')) reading.ids.add('sql.create-code');
  else if (head.includes('SERVER')) reading.ids.add('sql.server-admin');
}

function readStart(reading: Reading): void {
  const second = words(reading)[1] ?? '';
  if (/^(?:SLAVE|REPLICA|GROUP_REPLICATION|ALL)$/u.test(second)) reading.ids.add('sql.server-admin');
}

function readLoad(reading: Reading): void {
  reading.ids.add(words(reading).includes('LOCAL') ? 'sql.bulk-load' : 'sql.file-access');
}

const PRIVILEGE_SETTINGS: ReadonlySet<string> = new Set([
  'FOREIGN_KEY_CHECKS',
  'SQL_LOG_BIN',
  'UNIQUE_CHECKS',
  'SQL_SAFE_UPDATES',
  'SQL_LOG_OFF',
]);

function readSet(reading: Reading): void {
  const all = words(reading);
  if (all[1] === 'PASSWORD') reading.ids.add('sql.grant');
  if (all[1] === 'ROLE' || (all[1] === 'DEFAULT' && all[2] === 'ROLE')) reading.ids.add('sql.session-privilege');
  for (const word of all) {
    if (/^(?:GLOBAL|PERSIST|PERSIST_ONLY|@@GLOBAL|@@PERSIST)$/u.test(word)) reading.ids.add('sql.server-admin');
    if (PRIVILEGE_SETTINGS.has(word.replace(/^@@(?:SESSION\.)?/u, ''))) reading.ids.add('sql.session-privilege');
  }
}

/** Functions that reach out of the database. */
function readCalls(reading: Reading): void {
  for (const [index, token] of reading.tokens.entries()) {
    if (token.kind !== 'word' || reading.tokens[index + 1]?.text !== '(') continue;
    if (token.text === 'LOAD_FILE') reading.ids.add('sql.file-access');
    if (/^SYS_(?:EXEC|EVAL)$/u.test(token.text)) reading.ids.add('sql.shell-escape');
  }
}
