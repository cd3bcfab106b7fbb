/**
 * What recording costs, printed and compared with `script` (Debian package bsdutils) and `asciinema`. Only what
 * does not depend on the machine is checked.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { tempDir } from '../support/temp-dir.ts';
import { listing, type RecorderCost, recorderAlone, recordersAround } from './recorder-cost.ts';

const SIZE = process.env['HELDLINE_BENCH'] === 'short' ? 2e6 : 16e6;

let bulk: Buffer;

beforeAll(async () => {
  bulk = await listing(SIZE);
});

function say(what: string, { cpu, stored }: RecorderCost): void {
  const kept = (stored * 100).toFixed(1).padStart(6);
  process.stdout.write(`${what.padEnd(44)} ${cpu.toFixed(1).padStart(6)} CPU ms/MB ${kept} % stored\n`);
}

describe('the cost of recording', () => {
  test('of bulk output', async () => {
    await recorderAlone(bulk.subarray(0, 2e6), 4096);
    const cost = await recorderAlone(bulk, 4096);
    say('recorder alone, ls -lR in 4 KiB pieces', cost);
    expect(cost.stored).toBeLessThan(0.3);
  });

  test('of an interactive shell', async () => {
    const raw = bulk.subarray(0, 1e6);
    const slow = await recorderAlone(raw, 61, 20);
    say('recorder alone, 61-byte pieces every 20 ms', slow);
    const fast = await recorderAlone(raw, 61, 0.2);
    say('recorder alone, 61-byte pieces at once', fast);
    expect(fast.stored).toBeLessThanOrEqual(slow.stored);
  });

  test('of other recorders with the same program', async () => {
    await using folder = await tempDir({ name: 'recorders' });
    const costs = await recordersAround(folder.path, bulk);
    for (const [name, cost] of Object.entries(costs)) say(`${name}, in a pty`, cost);
    expect(costs['heldline']?.stored).toBeLessThan(costs['script']?.stored ?? 0);
  });
});
