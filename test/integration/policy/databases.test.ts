/**
 * What the analysis says of SQL, proved on real servers: a statement that it calls dangerous does the damage, one
 * that it passes does none, and a statement over several lines is judged on the line that makes the server run it.
 */
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { analyse } from '../../../src/policy/language/analyse.ts';
import { prepareSql } from '../../../src/policy/language/postgres-parser.ts';
import { SqlBuffer } from '../../../src/policy/language/sql-buffer.ts';
import { type DatabaseServer, startMariadb, startPostgres } from '../../support/database-server.ts';
import { waitUntil } from '../../support/wait-until.ts';

type Client = 'psql' | 'mysql';

function idsOf(line: string, context: Client): readonly string[] {
  const analysis = analyse(line, { context, dialect: 'bash' });
  return [...analysis.commands.flatMap((command) => command.sqlIds), ...analysis.opaque.map((part) => part.reason)];
}

/** Statements that leave other than three rows of value 0 in `t`, and what they are called. */
const HARM: Readonly<Record<Client, readonly (readonly [statement: string, id: string])[]>> = {
  psql: [
    ['DELETE FROM t;', 'sql.delete-no-where'],
    ['/* no */DELETE FROM t;', 'sql.delete-no-where'],
    ['WITH gone AS (DELETE FROM t RETURNING *) SELECT count(*) FROM gone;', 'sql.delete-no-where'],
    ['DELETE FROM t -- WHERE id = 1\n;', 'sql.delete-no-where'],
    ['EXPLAIN ANALYZE DELETE FROM t;', 'sql.delete-no-where'],
    ['PREPARE p AS DELETE FROM t; EXECUTE p;', 'sql.delete-no-where'],
    ['SELECT 1; DELETE FROM t;', 'sql.delete-no-where'],
    ['DELETE FROM t WHERE 1 = 1;', 'sql.where-tautology'],
    ["DELETE FROM t WHERE id = 1 OR 'a' = 'a';", 'sql.where-tautology'],
    ['DELETE FROM t WHERE id = id;', 'sql.where-tautology'],
    ['DELETE FROM t WHERE NOT false;', 'sql.where-tautology'],
    ['UPDATE t SET v = 1;', 'sql.update-no-where'],
    ['UPDATE t SET v = (SELECT max(id) FROM t WHERE id = 3);', 'sql.update-no-where'],
    ['TRUNCATE t;', 'sql.truncate'],
    ['DELETE FROM t \\g', 'sql.delete-no-where'],
    ["DO 'BEGIN DELETE FROM t; END';", 'sql'],
    ['MERGE INTO t USING t AS s ON t.id = s.id WHEN MATCHED THEN DELETE;', 'sql.merge-delete'],
    ["SELECT 'DELETE FROM t' \\gexec", 'sql'],
  ],
  mysql: [
    ['DELETE FROM t;', 'sql.delete-no-where'],
    ['/*!50000 DELETE FROM t */;', 'sql.delete-no-where'],
    ['/*! DELETE FROM t */;', 'sql.delete-no-where'],
    ['/*M! DELETE FROM t */;', 'sql.delete-no-where'],
    ['DELETE /*!50000 FROM */ t;', 'sql.delete-no-where'],
    ['DELETE FROM t # WHERE id = 1\n;', 'sql.delete-no-where'],
    ['DELETE FROM t LIMIT 2;', 'sql.delete-no-where'],
    ['DELETE FROM t WHERE 1;', 'sql.where-tautology'],
    ['DELETE FROM t WHERE id = id;', 'sql.where-tautology'],
    ['UPDATE t SET v = (SELECT 1 FROM (SELECT 1) AS x WHERE 1 = 1);', 'sql.update-no-where'],
    ['TRUNCATE TABLE t;', 'sql.truncate'],
    ['DELETE FROM t\\G', 'sql.delete-no-where'],
    ['DELIMITER //\nDELETE FROM t //', 'sql.delete-no-where'],
  ],
};

/** What looks like harm to a search for words, and is none. */
const HARMLESS: Readonly<Record<Client, readonly string[]>> = {
  psql: [
    "SELECT 'DELETE FROM t;';",
    'SELECT 1 /* DELETE FROM t; */;',
    'SELECT 1 /* a /* nested */ DELETE FROM t; */;',
    'SELECT $x$ ; DELETE FROM t; $x$;',
    '-- DELETE FROM t;\nSELECT 1;',
    "SELECT E'it\\'s; DELETE FROM t;';",
    'EXPLAIN DELETE FROM t WHERE id = 1;',
    'DELETE FROM t WHERE id = 7;',
  ],
  mysql: [
    "SELECT 'DELETE FROM t;';",
    'SELECT 1 /* DELETE FROM t; */;',
    '-- DELETE FROM t;\nSELECT 1;',
    '# DELETE FROM t;\nSELECT 1;',
    "SELECT 'it\\'s; DELETE FROM t;';",
    'DELETE FROM t WHERE id = 7;',
  ],
};

const START: Readonly<Record<Client, () => Promise<DatabaseServer>>> = { psql: startPostgres, mysql: startMariadb };
const UNTOUCHED = '3 0';

describe.each<Client>(['psql', 'mysql'])('%s', (client) => {
  let server: DatabaseServer;

  beforeAll(async () => {
    await prepareSql();
    server = await START[client]();
  }, 90_000);
  afterAll(() => server[Symbol.asyncDispose]());

  beforeEach(async () => {
    await server.query('DROP TABLE IF EXISTS t; CREATE TABLE t (id int, v int);');
    await server.query('INSERT INTO t VALUES (1, 0), (2, 0), (3, 0);');
  });

  async function rows(): Promise<string> {
    const counted = await server.query('SELECT count(*), coalesce(sum(v), 0) FROM t;\n');
    return counted.trim().replace(/[|\t]/, ' ');
  }

  test.each(HARM[client])('%s does harm and is called %s', async (statement, id) => {
    await server.query(`${statement}\n`);
    expect(await rows()).not.toBe(UNTOUCHED);
    expect(idsOf(statement, client)).toContain(id);
  });

  test.each(HARMLESS[client])('%s does none and passes', async (statement) => {
    await server.query(`${statement}\n`);
    expect(await rows()).toBe(UNTOUCHED);
    expect(idsOf(statement, client)).toEqual([]);
  });

  test('an escape to the shell runs, and is judged as shell', async () => {
    const proof = server.at('proof');
    const line = `\\! touch ${proof} && rm -rf ${proof}-not-there`;
    await server.query(`${line}\n`);
    expect(existsSync(proof)).toBe(true);
    const analysis = analyse(line, { context: client, dialect: 'bash' });
    expect(idsOf(line, client)).toContain('sql.shell-escape');
    expect(analysis.commands.map((command) => command.name)).toEqual(expect.arrayContaining(['touch', 'rm']));
  });

  test('over three lines, nothing happens before the one that ends it', async () => {
    const buffer = new SqlBuffer(client);
    const running = await server.client();
    try {
      for (const line of ['DELETE', 'FROM t']) {
        const read = buffer.read(line);
        expect(read.kind).toBe('waits');
        buffer.accept(read);
        await running.write(`${line}\n`);
      }
      expect(await rows()).toBe(UNTOUCHED);
      const last = buffer.read(';');
      expect(last).toMatchObject({ kind: 'runs', rest: '' });
      expect(last.kind === 'runs' ? idsOf(last.text, client) : []).toEqual(['sql.delete-no-where']);
      await running.write(';\n');
      await waitUntil('the rows are gone', async () => (await rows()) === '0 0');
    } finally {
      running.endInput();
      await running.ended;
    }
  });
});
