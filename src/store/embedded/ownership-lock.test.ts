import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { OwnershipLock } from './ownership-lock.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'heldline-lock-'));
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

test('one owner at a time, and again after release', async () => {
  const lock = await OwnershipLock.acquire(root);
  await expect(OwnershipLock.acquire(root)).rejects.toMatchObject({ code: 'store.owned', kind: 'conflict' });
  await lock.release();
  const again = await OwnershipLock.acquire(root);
  await again.release();
  expect(await readdir(root)).toEqual([]);
});

test('of many starters at once at most one becomes owner, whatever dead claims lie about', async () => {
  for (let round = 0; round < 20; round++) {
    const directory = join(root, String(round));
    await mkdir(directory);
    if (round % 2 === 1) await leaveDeadClaim(join(directory, `owner.${round}.sock`));
    const results = await Promise.allSettled([...Array(8)].map(() => OwnershipLock.acquire(directory)));
    const winners = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(winners.length).toBeLessThanOrEqual(1);
    await Promise.all(winners.map((winner) => winner.release()));
    await (await OwnershipLock.acquire(directory)).release();
  }
});

test('a stale socket or a planted file is not an owner', async () => {
  await leaveDeadClaim(join(root, 'owner.7.sock'));
  await writeFile(join(root, 'owner.9.sock'), '1');
  const lock = await OwnershipLock.acquire(root);
  await expect(OwnershipLock.acquire(root)).rejects.toMatchObject({ code: 'store.owned' });
  await lock.release();
});

test('works in a directory whose path is longer than a socket name may be', async () => {
  const directory = join(root, 'x'.repeat(130));
  await mkdir(directory);
  const lock = await OwnershipLock.acquire(directory);
  await expect(OwnershipLock.acquire(directory)).rejects.toMatchObject({ code: 'store.owned' });
  await lock.release();
});

/** A socket file that nobody listens on: the hard link survives the closing of its server. */
async function leaveDeadClaim(path: string): Promise<void> {
  const { link } = await import('node:fs/promises');
  const server = createServer();
  server.listen(`${path}.tmp`);
  await once(server, 'listening');
  await link(`${path}.tmp`, path);
  server.close();
  await once(server, 'close');
}
