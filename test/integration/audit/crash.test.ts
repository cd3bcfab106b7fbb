import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AuditLog } from '../../../src/audit/audit-log.ts';
import { readAudit } from '../../../src/audit/read.ts';
import { FakeClock } from '../../../src/base/fake-clock.ts';
import { createSigner } from '../../../src/base/signing.ts';

const CHILD = fileURLToPath(new URL('append-until-killed.ts', import.meta.url));

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'heldline-audit-crash-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function killAfter(events: number): Promise<number> {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  let last = 0;
  let heard = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    last = Math.max(last, Number(line));
    heard += 1;
    if (heard === events) child.kill('SIGKILL');
  }
  await ended;
  return last;
}

describe('a log whose writer is killed', () => {
  test.each([5, 200, 1500])('has every event that was acknowledged (killed after %i)', async (events) => {
    const acknowledged = await killAfter(events);
    const log = await AuditLog.open({
      directory,
      node: { id: 'n1', boot: 'b2', version: '0.1.0' },
      clock: new FakeClock(Date.now()),
      signer: createSigner(generateKeyPairSync('ed25519').privateKey),
      onListenerFailure: (failure) => expect.unreachable(String(failure)),
    });
    await log.append({ type: 'test.after' });
    await log.close();
    const seqs: number[] = [];
    for await (const entry of readAudit(directory)) {
      expect(entry.kind).toBe('event');
      if (entry.kind === 'event') seqs.push(entry.event.seq);
    }
    expect(seqs).toEqual(seqs.map((_, i) => i + 1));
    expect(seqs.length).toBeGreaterThan(acknowledged);
  });
});
