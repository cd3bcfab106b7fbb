/** psql and mariadb through the bastion, on real servers, with the policy that `init` writes. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BastionAndHost } from '../support/bastion-and-host.ts';
import { type DatabaseServer, startMariadb, startPostgres } from '../support/database-server.ts';
import { Person } from '../support/person.ts';
import type { ScreenTerminal } from '../support/screen-terminal.ts';
import { waitUntil } from '../support/wait-until.ts';

interface Client {
  readonly start: () => Promise<DatabaseServer>;
  /** The line that opens the client in a shell. */
  readonly open: (port: number) => string;
  readonly prompt: RegExp;
  readonly more: RegExp;
  /** A statement that does harm only for a server that reads more than comments. */
  readonly hidden: string;
}

const CLIENTS: Readonly<Record<string, Client>> = {
  psql: {
    start: startPostgres,
    open: (port) => `psql -X -h 127.0.0.1 -p ${port} -U owner postgres`,
    prompt: /postgres=#\s*$/,
    more: /postgres-#\s*$/,
    hidden: '/* no */DELETE FROM t;',
  },
  mariadb: {
    start: startMariadb,
    open: (port) => `mariadb --no-defaults -h 127.0.0.1 -P ${port} -u root test`,
    prompt: /\[test\]>\s*$/,
    more: /->\s*$/,
    hidden: '/*!50000 DROP TABLE t */;',
  },
};

let world: BastionAndHost;

beforeAll(async () => {
  world = await BastionAndHost.start({ sandboxed: true, policy: {}, labels: ['env=dev'] });
});
afterAll(() => world[Symbol.asyncDispose]());

describe.each(Object.entries(CLIENTS))('%s', (name, client) => {
  let server: DatabaseServer;
  /** Somebody for each, so that nobody waits for a code. */
  let person: Person;

  beforeAll(async () => {
    person = await Person.join(world.bastion, `${name}-user`, ['dev']);
    server = await client.start();
  }, 90_000);
  afterAll(() => server[Symbol.asyncDispose]());
  beforeEach(async () => {
    await server.query('DROP TABLE IF EXISTS t; CREATE TABLE t (id int);\nINSERT INTO t VALUES (1), (2), (3);\n');
  });

  const rows = async (): Promise<string> => (await server.query('SELECT count(*) FROM t;\n')).trim();

  async function openClient(): Promise<ScreenTerminal> {
    const terminal = await person.window('host');
    await terminal.waitFor(/[$#]\s*$/);
    terminal.type(`${client.open(server.port)}\r`);
    await terminal.waitFor(client.prompt);
    return terminal;
  }

  async function typeLines(terminal: ScreenTerminal, ...lines: string[]): Promise<void> {
    for (const line of lines) {
      terminal.type(`${line}\r`);
      await terminal.waitFor((screen) => screen.includes(line) && client.more.test(screen));
    }
  }

  test('a statement over three lines is held at the one that ends it, and runs once with the own code', async () => {
    await using terminal = await openClient();
    await typeLines(terminal, 'DELETE', 'FROM t');
    terminal.type(';\r');
    await terminal.waitFor((screen) => screen.includes('HELD') && screen.includes('DELETE FROM t ;'));
    expect(await rows()).toBe('3');
    terminal.type(`${await person.phone.code()}\r`);
    await terminal.waitFor('approved by');
    await waitUntil('the rows are gone', async () => (await rows()) === '0');
    await terminal.waitFor((screen) => screen.includes('DELETE FROM t ;') && client.prompt.test(screen));
  });

  test('a statement over three lines that is cancelled leaves the rows, and the next one is not part of it', async () => {
    await using terminal = await openClient();
    await typeLines(terminal, 'DELETE', 'FROM t');
    terminal.type(';\r');
    await terminal.waitFor('HELD');
    terminal.type('\x1b');
    await terminal.waitFor((screen) => screen.includes('cancelled') && client.prompt.test(screen));
    terminal.type('SELECT count(*) + 39 FROM t;\r');
    await terminal.waitFor((screen) => screen.includes('42') && client.prompt.test(screen));
  });

  test('a statement with a comment at the end of a line is stopped, for it cannot be put on one', async () => {
    await using terminal = await openClient();
    await typeLines(terminal, 'DELETE -- all');
    terminal.type('FROM t;\r');
    await terminal.waitFor((screen) => screen.includes('Type it out on') && client.prompt.test(screen));
    expect(terminal.history()).toContain('it continues the line above');
    expect(await rows()).toBe('3');
  });

  test('typed out on one line it is held, and runs once with the own code', async () => {
    await using terminal = await openClient();
    terminal.type('DELETE FROM t;\r');
    await terminal.waitFor('HELD');
    expect(await rows()).toBe('3');
    terminal.type(`${await person.phone.code()}\r`);
    await waitUntil('the rows are gone', async () => (await rows()) === '0');
    await terminal.waitFor(client.prompt);
  });

  test('a held statement that is cancelled leaves the rows', async () => {
    await using terminal = await openClient();
    terminal.type(`${client.hidden}\r`);
    await terminal.waitFor('HELD');
    terminal.type('\x1b');
    await terminal.waitFor('cancelled');
    expect(await rows()).toBe('3');
  });

  test('an escape to the shell is held', async () => {
    const file = world.at('kept');
    await writeFile(file, '');
    await using terminal = await openClient();
    terminal.type(`\\! rm -rf ${file}\r`);
    await terminal.waitFor('HELD');
    terminal.type('\x1b');
    await terminal.waitFor('cancelled');
    expect(existsSync(file)).toBe(true);
  });

  test('what only reads is not held', async () => {
    await using terminal = await openClient();
    terminal.type("SELECT 'DELETE FROM t;', count(*) + 39 FROM t;\r");
    await terminal.waitFor((screen) => screen.includes('42') && client.prompt.test(screen));
    expect(terminal.history()).not.toContain('HELD');
  });
});
