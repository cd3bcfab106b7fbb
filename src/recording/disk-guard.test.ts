import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../base/fake-clock.ts';
import { DiskGuard } from './disk-guard.ts';
import { HourlyQuotas } from './recording-quota.ts';

const GIB = 1 << 30;
const MIB = 1 << 20;

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'heldline-guard-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

function guard(free: number, total: number, minFree?: number): DiskGuard {
  return new DiskGuard({
    directory,
    measure: async () => ({ free, total }),
    ...(minFree === undefined ? {} : { minFree }),
  });
}

describe('DiskGuard', () => {
  test.each([
    [2 * GIB, 100 * GIB, undefined, 'admitted'],
    [0.9 * GIB, 100 * GIB, undefined, 'refused'],
    [0.2 * GIB, 2 * GIB, undefined, 'admitted'],
    [0.05 * GIB, 2 * GIB, undefined, 'refused'],
    [0.05 * GIB, 2 * GIB, 10 * MIB, 'admitted'],
  ])('%i free of %i with %s required: %s', async (free, total, minFree, kind) => {
    expect((await guard(free, total, minFree).admit()).kind).toBe(kind);
  });

  test('says in words why it refuses', async () => {
    expect(await guard(5 * MIB, GIB, 10 * MIB).admit()).toEqual({
      kind: 'refused',
      why: 'Only 5 MiB are left for recordings; 10 MiB are required.',
    });
  });

  test('lays ballast down once, gives it up, and not when there is no room', async () => {
    const path = join(directory, 'ballast');
    expect(await guard(GIB, GIB).keepBallast()).toBe(true);
    expect(await guard(GIB, GIB).keepBallast()).toBe(true);
    expect((await stat(path)).size).toBe(8 * MIB);
    await guard(0, GIB).dropBallast();
    await guard(0, GIB).dropBallast();
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await guard(20 * MIB, GIB).keepBallast()).toBe(false);
  });

  test('does not let a recorder eat the ballast', async () => {
    expect(await guard(8 * MIB, GIB).hasRoom()).toBe(false);
    expect(await guard(17 * MIB, GIB).hasRoom()).toBe(true);
  });

  test('measures the real disk', async () => {
    expect((await new DiskGuard({ directory, minFree: 1 }).admit()).kind).toBe('admitted');
  });
});

describe('HourlyQuotas', () => {
  test('count for each user, and begin again after an hour', () => {
    const clock = new FakeClock();
    const quotas = new HourlyQuotas(100, clock);
    const alice = quotas.of('alice');
    expect([alice.spend(60), alice.spend(40), quotas.of('alice').spend(1), quotas.of('bob').spend(100)]).toEqual([
      true,
      true,
      false,
      true,
    ]);
    clock.advance(3_600_000);
    expect(alice.spend(100)).toBe(true);
  });
});
