import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, chmod, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EmbeddedDatabase } from './embedded-database.ts';
import { appendAndSync } from './journal.ts';

let directory: string;

beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'heldline-store-')), 'store');
});

afterEach(async () => {
  await rm(join(directory, '..'), { recursive: true, force: true });
});

async function initialised(): Promise<EmbeddedDatabase> {
  await EmbeddedDatabase.initialise(directory);
  return EmbeddedDatabase.open({ directory });
}

function putNote(database: EmbeddedDatabase, id: string, seq: number): Promise<void> {
  return database.transact((transaction) => transaction.put('notes', id, { seq, hash: 'x' }));
}

describe('files', () => {
  test('are readable by the owner alone, before and after compaction', async () => {
    await EmbeddedDatabase.initialise(directory);
    const database = await EmbeddedDatabase.open({ directory, compactAfterRecords: 3 });
    for (let i = 0; i < 7; i++) await putNote(database, `n${i}`, i);
    const names = (await readdir(directory)).filter((name) => !name.endsWith('.sock'));
    expect(names.sort()).toEqual(['journal.ndjson', 'snapshot.json', 'snapshot.prev.json']);
    for (const name of names) expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    await database.close();
  });

  test('that a killed owner did not finish are removed, and nothing else', async () => {
    await (await initialised()).close();
    await writeFile(join(directory, 'snapshot.json.123.tmp'), '{"half');
    await writeFile(join(directory, 'notes.txt'), 'mine');
    const database = await EmbeddedDatabase.open({ directory });
    await database.close();
    expect((await readdir(directory)).sort()).toEqual(['journal.ndjson', 'notes.txt', 'snapshot.json']);
  });

  test('open to others refuse to be used', async () => {
    await (await initialised()).close();
    await chmod(join(directory, 'snapshot.json'), 0o644);
    await expect(EmbeddedDatabase.open({ directory })).rejects.toMatchObject({ code: 'store.mode' });
  });

  test('missing ones are an error, never an empty store', async () => {
    await expect(EmbeddedDatabase.open({ directory })).rejects.toMatchObject({ code: 'store.missing' });
    await (await initialised()).close();
    await rm(join(directory, 'journal.ndjson'));
    await expect(EmbeddedDatabase.open({ directory })).rejects.toMatchObject({ code: 'store.missing' });
    await expect(EmbeddedDatabase.initialise(directory)).rejects.toMatchObject({ code: 'store.exists' });
  });

  test('unparsable snapshot and other schema refuse to start', async () => {
    await (await initialised()).close();
    await writeFile(join(directory, 'snapshot.json'), '{"schema":99,"seq":0,"tables":{}}');
    await expect(EmbeddedDatabase.open({ directory })).rejects.toMatchObject({ code: 'store.schema' });
    await writeFile(join(directory, 'snapshot.json'), '{"schema":1,');
    await expect(EmbeddedDatabase.open({ directory })).rejects.toMatchObject({ code: 'store.damaged' });
  });
});

describe('transactions', () => {
  test('survive a restart, with and without compaction', async () => {
    await EmbeddedDatabase.initialise(directory);
    for (const compactAfterRecords of [1000, 4]) {
      const database = await EmbeddedDatabase.open({ directory, compactAfterRecords });
      for (let i = 0; i < 10; i++) await putNote(database, `${compactAfterRecords}-${i}`, i);
      await database.transact((transaction) => transaction.remove('notes', `${compactAfterRecords}-3`));
      await database.close();
    }
    const database = await EmbeddedDatabase.open({ directory });
    expect(database.all('notes')).toHaveLength(18);
    expect(database.get('notes', '4-3')).toBeUndefined();
    expect(database.sequence).toBe(22);
    await database.close();
  });

  test('are serial and atomic: a throwing one changes nothing, its neighbours stay', async () => {
    const database = await initialised();
    const add = (): Promise<void> =>
      database.transact((transaction) => {
        const seq = transaction.get('notes', 'counter')?.seq ?? 0;
        transaction.put('notes', 'counter', { seq: seq + 1, hash: '' });
      });
    const failing = database.transact((transaction) => {
      transaction.put('notes', 'counter', { seq: 1000, hash: '' });
      throw new RangeError('no');
    });
    const rejected = expect(failing).rejects.toThrow('no');
    await Promise.all([...Array(600)].map(add));
    await rejected;
    expect(database.get('notes', 'counter')?.seq).toBe(600);
    await database.close();
  });

  test('are not visible before they are stored', async () => {
    await EmbeddedDatabase.initialise(directory);
    let open: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      open = resolve;
    });
    const database = await EmbeddedDatabase.open({
      directory,
      append: async (file, bytes) => {
        await held;
        await appendAndSync(file, bytes);
      },
    });
    const writing = putNote(database, 'a', 1);
    await Promise.resolve();
    await Promise.resolve();
    expect(database.get('notes', 'a')).toBeUndefined();
    open();
    await writing;
    expect(database.get('notes', 'a')?.seq).toBe(1);
    await database.close();
  });

  test('a full disk closes the store: nothing is acknowledged, visible or accepted any more', async () => {
    await EmbeddedDatabase.initialise(directory);
    let full = false;
    const database = await EmbeddedDatabase.open({
      directory,
      append: async (file, bytes) => {
        if (!full) return appendAndSync(file, bytes);
        await file.write(bytes.subarray(0, 7));
        throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      },
    });
    await putNote(database, 'before', 1);
    full = true;
    const failures: string[] = [];
    database.onFailure((failure) => failures.push(failure.code));
    const results = await Promise.allSettled([putNote(database, 'a', 1), putNote(database, 'b', 2)]);
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected']);
    expect(database.get('notes', 'a')).toBeUndefined();
    full = false;
    await expect(putNote(database, 'c', 3)).rejects.toMatchObject({ code: 'store.unavailable' });
    expect(failures).toEqual(['store.unavailable']);
    await database.close();
    const again = await EmbeddedDatabase.open({ directory });
    expect(again.all('notes')).toEqual([{ seq: 1, hash: 'x' }]);
    await putNote(again, 'd', 4);
    await again.close();
  });
});

describe('recovery', () => {
  async function threeRecords(): Promise<string> {
    const database = await initialised();
    for (let i = 1; i <= 3; i++) await putNote(database, `n${i}`, i);
    await database.close();
    return readFile(join(directory, 'journal.ndjson'), 'utf8');
  }

  test('cuts a torn last record at every length', async () => {
    const text = await threeRecords();
    const lastStart = text.lastIndexOf('\n', text.length - 2) + 1;
    for (const length of [lastStart + 1, lastStart + 9, lastStart + 20, text.length - 1]) {
      await writeFile(join(directory, 'journal.ndjson'), text.slice(0, length));
      const database = await EmbeddedDatabase.open({ directory });
      expect(database.sequence).toBe(2);
      await database.close();
      expect(await readFile(join(directory, 'journal.ndjson'), 'utf8')).toBe(text.slice(0, lastStart));
    }
  });

  test.each([
    ['the first record', 12],
    ['a middle record', 70],
    ['the last complete record', -10],
  ])('refuses damage in %s', async (_where, offset) => {
    const text = await threeRecords();
    const at = offset < 0 ? text.length + offset : offset;
    const damaged = `${text.slice(0, at)}~${text.slice(at + 1)}`;
    await writeFile(join(directory, 'journal.ndjson'), damaged);
    await expect(EmbeddedDatabase.open({ directory })).rejects.toMatchObject({ code: 'store.damaged' });
    expect(await readFile(join(directory, 'journal.ndjson'), 'utf8')).toBe(damaged);
  });

  test('refuses a missing record', async () => {
    const lines = (await threeRecords()).split('\n');
    await writeFile(join(directory, 'journal.ndjson'), [lines[0], lines[2], ''].join('\n'));
    await expect(EmbeddedDatabase.open({ directory })).rejects.toMatchObject({ code: 'store.damaged' });
  });

  test('takes records that the snapshot contains already for what they are', async () => {
    const text = await threeRecords();
    const database = await EmbeddedDatabase.open({ directory, compactAfterRecords: 1 });
    await putNote(database, 'n4', 4);
    await database.close();
    await truncate(join(directory, 'journal.ndjson'), 0);
    await appendFile(join(directory, 'journal.ndjson'), text);
    const again = await EmbeddedDatabase.open({ directory });
    expect(again.sequence).toBe(4);
    expect(again.all('notes')).toHaveLength(4);
    await again.close();
  });
});

describe('a killed process', () => {
  const child = fileURLToPath(new URL('../../../test/support/acknowledging-writer.ts', import.meta.url));

  test('twelve times: loses nothing that was acknowledged and leaves no lock', { timeout: 120_000 }, async () => {
    await EmbeddedDatabase.initialise(directory);
    let highest = -1;
    for (let round = 0; round < 12; round++) {
      highest = await writeUntilKilled(highest + 1, 20 + round * 37);
      const database = await EmbeddedDatabase.open({ directory });
      const stored = [...Array(highest + 1).keys()].map((i) => database.get('notes', `n${i}`)?.seq);
      await database.close();
      expect(stored).toEqual([...Array(highest + 1).keys()]);
    }
  });

  /** Starts a writer, kills it after `enough` acknowledgements, and returns the last number that was acknowledged. */
  async function writeUntilKilled(first: number, enough: number): Promise<number> {
    const writer = spawn('node', ['--import', 'tsx', child, directory, String(first)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(writer, 'exit');
    let highest = first - 1;
    for await (const line of createInterface({ input: writer.stdout })) {
      highest = Number(line);
      if (highest === first + enough) writer.kill('SIGKILL');
    }
    await exited;
    expect(writer.signalCode).toBe('SIGKILL');
    return highest;
  }

  test('while it lives, a second process is refused by its number', { timeout: 60_000 }, async () => {
    await EmbeddedDatabase.initialise(directory);
    const writer = spawn('node', ['--import', 'tsx', child, directory, '0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(writer, 'exit');
    await once(writer.stdout, 'data');
    writer.stdout.resume();
    await expect(EmbeddedDatabase.open({ directory })).rejects.toMatchObject({
      code: 'store.owned',
      message: `Another process (number ${writer.pid}) already uses this state directory.`,
    });
    writer.kill('SIGKILL');
    await exited;
    await (await EmbeddedDatabase.open({ directory })).close();
  });
});
