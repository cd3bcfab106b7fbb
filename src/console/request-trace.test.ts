import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AuditLog } from '../audit/audit-log.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { createSigner } from '../base/signing.ts';
import { findTraced, traceRequest } from './request-trace.ts';
import { traceSteps, traceText } from './trace-text.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'heldline-trace-'));
});
afterEach(() => rm(directory, { recursive: true }));

test('tells what was typed, held, voted, spent and released, and nothing of other lines', async () => {
  const clock = new FakeClock();
  const log = await AuditLog.open({
    directory,
    node: { id: 'n', boot: 'b', version: '0' },
    clock,
    signer: createSigner(generateKeyPairSync('ed25519').privateKey),
    onListenerFailure: (failure) => expect.unreachable(String(failure)),
  });
  const session = { id: 's1', channel: 0 };
  const line = { text: 'rm x', sha256: 'aa', context: 'shell' };
  const approval = { id: '7KQ2', uid: 'u1', requester: 'alice' };
  const actor = { user: 'alice' };
  await log.append({ type: 'session.started', session, actor });
  await log.append({ type: 'command.submitted', session, actor, command: { text: 'ls', sha256: 'bb' } });
  await log.append({ type: 'lockdown.on', reason: 'before it was held' });
  const typed = await log.append({ type: 'command.submitted', session, actor, command: line });
  await log.append({ type: 'command.held', session, actor, command: line, approval });
  await log.append({
    type: 'approval.requested',
    session: { id: 's2' },
    approval: { ...approval, uid: 'u2', id: 'XXXX' },
  });
  await log.append({ type: 'policy.changed', policy: { hash: 'sha256:1' } });
  clock.advance(14_000);
  const signature = { statement: 'heldline-approval-v1\n', armored: '-----BEGIN', fingerprint: 'SHA256:abc' };
  const facts = { verdict: 'approve', door: 'console\x1b[2J', signature };
  await log.append({
    type: 'approval.vote',
    session,
    actor: { user: 'bob' },
    reason: 'go',
    approval: { ...approval, ...facts },
  });
  await log.append({ type: 'command.released', session, actor, command: { ...line, of: typed.id }, approval });
  await log.append({ type: 'command.sent', session, actor, command: { of: typed.id } });
  await log.append({ type: 'command.sent', session, actor, command: { of: 'another line' } });
  await log.close();

  expect(await findTraced(directory, '7kq2')).toEqual({ uid: 'u1', session: 's1' });
  expect(await findTraced(directory, 'NONE')).toBeNull();
  const steps = traceSteps(await traceRequest(directory, { uid: 'u1', session: 's1' }));
  expect(steps.map(({ step }) => step)).toEqual([
    'session.started',
    'command.submitted',
    'command.held',
    'policy.changed',
    'approval.vote',
    'command.released',
    'command.sent',
  ]);
  expect(steps.at(4)).toMatchObject({ actor: 'bob', reason: 'go', ms: 14_000, more: facts });
  const text = traceText(steps);
  expect(text).toMatch(/14\.000 s {2}\d\d:\d\d:\d\d\.\d{3} {2}approval\.vote +bob +"go" verdict=approve/);
  expect(text).toContain('signature=SHA256:abc');
  expect(text).not.toContain('BEGIN');
  expect(text).not.toContain('\x1b');
});
