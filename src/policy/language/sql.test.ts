import { beforeAll, describe, expect, test } from 'vitest';
import { analyse } from './analyse.ts';
import { prepareSql } from './postgres-parser.ts';
import { analyseSql } from './sql.ts';
import { SqlBuffer } from './sql-buffer.ts';

beforeAll(prepareSql);

const idsOf = (text: string, client: 'psql' | 'mysql'): readonly string[] =>
  analyseSql(text, client, true).statements.flatMap((statement) => statement.ids);

describe('PostgreSQL', () => {
  test.each([
    ['DELETE FROM users;', ['sql.delete-no-where']],
    ['delete\nfrom only users u using bans b;', ['sql.delete-no-where']],
    ['EXPLAIN ANALYZE DELETE FROM users;', ['sql.delete-no-where']],
    ['EXPLAIN (ANALYZE true) DELETE FROM users;', ['sql.delete-no-where']],
    ['PREPARE p AS DELETE FROM users;', ['sql.delete-no-where']],
    ['WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d;', ['sql.delete-no-where']],
    ['CREATE TABLE x AS WITH d AS (UPDATE t SET a=1 RETURNING *) SELECT * FROM d;', ['sql.update-no-where']],
    ['/* WHERE */ DELETE FROM t -- WHERE\n;', ['sql.delete-no-where']],
    ['UPDATE t SET a = 1 WHERE 1 = 1;', ['sql.where-tautology']],
    ['UPDATE t SET a = 1 WHERE b OR true;', ['sql.where-tautology']],
    ['DELETE FROM t WHERE id = id;', ['sql.where-tautology']],
    ["DELETE FROM t WHERE 'a' = 'a' AND 2 > 1;", ['sql.where-tautology']],
    ['DELETE FROM t WHERE NOT false;', ['sql.where-tautology']],
    ['DELETE FROM t WHERE 1 IN (1, 2);', ['sql.where-tautology']],
    ["DELETE FROM t WHERE name LIKE '%';", ['sql.where-tautology']],
    ['DROP TABLE a; TRUNCATE b;', ['sql.drop', 'sql.truncate']],
    ['DROP OWNED BY eve;', ['sql.drop']],
    ['ALTER TABLE t OWNER TO eve;', ['sql.alter', 'sql.grant']],
    ['DROP ROLE eve;', ['sql.grant']],
    ['REVOKE ALL ON t FROM eve;', ['sql.grant']],
    ["COPY t FROM PROGRAM 'id';", ['sql.copy-program']],
    ['COPY t TO STDOUT;', ['exfil.sql-copy']],
    ["SELECT pg_catalog.pg_read_file('/etc/passwd');", ['sql.file-access']],
    ["SELECT set_config('role', 'postgres', false);", ['sql.session-privilege']],
    ['VACUUM (FULL) t;', ['sql.lock']],
    ['CREATE TRIGGER t AFTER INSERT ON x EXECUTE FUNCTION f();', ['sql.create-code']],
    ['\\! id', ['sql.shell-escape']],
    ['SELECT 1 \\g | sh', ['sql.shell-escape']],
    ["\\copy t from program 'id'", ['sql.shell-escape']],
    ['\\copy (select 1) to stdout', ['exfil.sql-copy']],
    ['\\set x `id`', ['sql.shell-escape']],
    ['DELETE FROM t \\g', ['sql.delete-no-where']],
  ])('%s is %j', (text, ids) => {
    expect([...idsOf(text, 'psql')].sort()).toEqual([...ids].sort());
  });

  test.each([
    'SELECT 1;',
    'EXPLAIN DELETE FROM users;',
    'EXPLAIN (ANALYZE off) DELETE FROM users;',
    "SELECT 'DROP TABLE users';",
    'DELETE FROM t WHERE a = b;',
    'DELETE FROM t WHERE id IN (1, 2);',
    "UPDATE t SET a = 'x' WHERE id = 7;",
    '-- DELETE FROM users\nSELECT now();',
    'INSERT INTO log VALUES ($tag$ DELETE FROM x; $tag$);',
    'SELECT a::text, b[1:2] FROM t;',
    'VACUUM t;',
    '\\d users',
    '\\?',
    '\\o out.txt',
    '\\set n 7\nDELETE FROM t WHERE id = :n;',
    'RESET ROLE;',
  ])('%s adds nothing', (text) => {
    const found = analyseSql(text, 'psql', true);
    expect(found.statements.flatMap((statement) => statement.ids)).toEqual([]);
    expect(found.opaque).toEqual([]);
    expect(found.incomplete).toBeNull();
  });

  test.each([
    ['DELETE users;', 'sql'],
    ['DO $$ BEGIN NULL; END $$;', 'sql'],
    ['EXECUTE p;', 'sql'],
    ['CALL proc();', 'sql'],
    ["SELECT dblink_exec('x', 'drop table y');", 'sql'],
    ['DELETE FROM :tbl WHERE id = 1;', 'sql-variable'],
    ['\\i x.sql', 'script'],
    ['\\e', 'editor'],
    ["SELECT 'drop table x' \\gexec", 'sql'],
  ])('%s is opaque: %s', (text, reason) => {
    expect(analyseSql(text, 'psql', true).opaque.map((part) => part.reason)).toContain(reason);
  });

  test('only reading is read-only', () => {
    const readOnly = (text: string): boolean => analyseSql(text, 'psql', true).statements.every((one) => one.readOnly);
    expect(readOnly('SELECT count(*) FROM t;')).toBe(true);
    expect(readOnly('SHOW ssl;')).toBe(true);
    expect(readOnly("SELECT nextval('s');")).toBe(false);
    expect(readOnly('SELECT * INTO x FROM t;')).toBe(false);
    expect(readOnly('INSERT INTO t VALUES (1);')).toBe(false);
  });

  test('what escapes goes through the shell analyser', () => {
    const found = analyse('\\! rm -rf /srv', { context: 'psql', dialect: 'bash' });
    expect(found.commands.map((command) => [command.name, command.via.map((layer) => layer.name)])).toEqual([
      ['sql', []],
      ['rm', ['psql']],
    ]);
  });

  test('an unfinished statement waits at a prompt and runs in an option', () => {
    expect(analyse('DELETE FROM t', { context: 'psql', dialect: 'bash' })).toMatchObject({
      commands: [],
      incomplete: 'the end of a statement',
    });
    expect(idsOf('DELETE FROM t', 'psql')).toEqual([]);
    expect(analyseSql('DELETE FROM t', 'psql', false).statements[0]?.ids).toEqual(['sql.delete-no-where']);
  });

  test.each(['SELECT 1; /*', "SELECT '", 'SELECT $$', `${'('.repeat(60)}`, '\\', '\\;', ':', "E'\\"])(
    '%j does not throw',
    (text) => {
      expect(() => analyseSql(text, 'psql', false)).not.toThrow();
    },
  );
});

describe('MySQL and MariaDB', () => {
  test.each([
    ['DELETE FROM t;', ['sql.delete-no-where']],
    ['/*!50000 DROP TABLE x */ ;', ['sql.drop']],
    ['/*! DROP TABLE x */;', ['sql.drop']],
    ['/*M!100100 DROP TABLE x */;', ['sql.drop']],
    ['DELETE FROM t WHERE id IN (SELECT id FROM x WHERE y);', []],
    ['DELETE FROM t LIMIT 10;', ['sql.delete-no-where']],
    ['UPDATE t SET a = (SELECT b FROM c WHERE d = 1);', ['sql.update-no-where']],
    ['DELETE FROM t WHERE 1;', ['sql.where-tautology']],
    ['DELETE FROM t WHERE (1=1) OR x = 2;', ['sql.where-tautology']],
    ["DELETE FROM t WHERE 'a' = 'a' ORDER BY id;", ['sql.where-tautology']],
    ['DELETE FROM t WHERE a = 1 OR b = 2;', []],
    ['DROP USER eve;', ['sql.grant']],
    ['CREATE USER eve;', ['sql.grant']],
    ["SET PASSWORD = 'x';", ['sql.grant']],
    ['SET GLOBAL read_only = 0;', ['sql.server-admin']],
    ['SET FOREIGN_KEY_CHECKS = 0;', ['sql.session-privilege']],
    ['FLUSH PRIVILEGES\\G', ['sql.server-admin']],
    ['KILL 7;', ['sql.server-admin']],
    ["LOAD DATA LOCAL INFILE 'x' INTO TABLE t;", ['sql.bulk-load']],
    ["SELECT * INTO OUTFILE '/tmp/x' FROM t;", ['sql.file-access']],
    ["SELECT LOAD_FILE('/etc/passwd');", ['sql.file-access']],
    ['DELIMITER //\nCREATE PROCEDURE p() BEGIN DELETE FROM t; END //\nDELIMITER ;', ['sql.create-code']],
    ['\\! id', ['sql.shell-escape']],
    ['system id', ['sql.shell-escape']],
    ['# DROP TABLE x\nSELECT 1;', []],
    ['-- DROP TABLE x\nSELECT 1;', []],
    ["SELECT 'DROP TABLE x';", []],
    ['SELECT `drop` FROM t;', []],
    ['WITH a AS (SELECT 1) DELETE FROM t;', ['sql.delete-no-where']],
    ['EXPLAIN DELETE FROM t;', []],
    ['OPTIMIZE TABLE t;', ['sql.lock']],
  ])('%s is %j', (text, ids) => {
    expect(idsOf(text, 'mysql')).toEqual(ids);
  });

  test.each([['FROB t;'], ['CALL p();'], ['source x.sql'], ['\\. x.sql'], ["PREPARE s FROM 'drop table t';"]])(
    '%s is opaque',
    (text) => {
      expect(analyseSql(text, 'mysql', true).opaque).not.toEqual([]);
    },
  );
});

describe('SqlBuffer', () => {
  test('earlier lines wait; the last one runs with the whole text', () => {
    const buffer = new SqlBuffer('psql');
    const first = buffer.read('DELETE FROM users');
    expect(first.kind).toBe('waits');
    buffer.accept(first);
    expect(buffer.read('WHERE id = 1')).toMatchObject({ kind: 'waits' });
    expect(buffer.read(';')).toEqual({ kind: 'runs', text: 'DELETE FROM users\n;', rest: '' });
  });

  test('quotes, comments and parentheses hold a semicolon back', () => {
    const buffer = new SqlBuffer('psql');
    for (const line of ["SELECT 'a;", '/* ; /* ; */', '$x$ ;', '(SELECT 1;', "E'\\';", '"a;']) {
      expect(buffer.read(line).kind, line).toBe('waits');
    }
  });

  test('a client command runs at once and reset forgets', () => {
    const buffer = new SqlBuffer('psql');
    buffer.accept(buffer.read('SELECT 1'));
    expect(buffer.read('\\g').kind).toBe('runs');
    buffer.reset();
    expect(buffer.pending).toBe('');
  });

  test('BEGIN ATOMIC holds semicolons back', () => {
    const buffer = new SqlBuffer('psql');
    const line = buffer.read('CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END;');
    expect(line.kind).toBe('waits');
    buffer.accept(line);
    expect(buffer.read('END;').kind).toBe('runs');
  });
});
