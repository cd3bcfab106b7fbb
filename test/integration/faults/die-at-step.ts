/**
 * A child process in which a line is held, approved and released on the real store and audit log, and which kills
 * itself (SIGKILL) at one step of that: `node --import tsx die-at-step.ts FOLDER STEP`. What the target ran is in
 * `FOLDER/ran`.
 */
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AuditLog } from '../../../src/audit/audit-log.ts';
import { FakeClock } from '../../../src/base/fake-clock.ts';
import { createSigner } from '../../../src/base/signing.ts';
import { EmbeddedStore } from '../../../src/store/embedded/embedded-store.ts';
import { GateBed } from '../../support/gate-bed.ts';
import { KeptApprovalStore, KeptAudit } from '../../support/kept-approvals.ts';
import { CODE, MemoryApprovals } from '../../support/memory-approvals.ts';

const [folder = '', deadly = ''] = process.argv.slice(2);

function reached(step: string): Promise<void> {
  if (step === deadly) process.kill(process.pid, 'SIGKILL');
  // Nothing that follows happens while the signal is on its way.
  return step === deadly ? new Promise(() => undefined) : Promise.resolve();
}

const store = await EmbeddedStore.open({ directory: join(folder, 'store') });
const node = { id: 'node', boot: 'boot', version: '0' };
const signer = createSigner(generateKeyPairSync('ed25519').privateKey);

/** The clock of the bed moves with the real one, so that writing to the disk is in time. */
async function pass(bed: GateBed, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 5) {
    await sleep(5);
    bed.clock.advance(5);
  }
}

const directory = join(folder, 'audit');
// The same moment as on the clock of the bed; only its own checkpoints would need it to move.
const clock = new FakeClock();
const log = await AuditLog.open({ directory, node, clock, signer, onListenerFailure: () => {} });
const audit = new KeptAudit(log);
const kept = { audit, store: new KeptApprovalStore(store) };
const bed = new GateBed({ approvals: (beds, names) => new MemoryApprovals(beds, names, kept) });
const receive = bed.shell.receive.bind(bed.shell);
bed.shell.receive = (bytes) => {
  receive(bytes);
  if (bed.executed.length > 0) writeFileSync(join(folder, 'ran'), bed.executed.join('\n'));
};
audit.before = (draft) => reached(draft.type);
kept.store.before = (verb) => reached(verb);
bed.approvals.before = (step) => reached(step);

bed.type('rm -r old');
await pass(bed, 100);
bed.type('\r');
await pass(bed, 300);
await reached('held');
bed.judge = (text) => reached('judge').then(() => bed.decide(text));
bed.critical = () => (audit.types().includes('command.released') ? reached('recording') : Promise.resolve());
bed.type(`${CODE}\r`);
for (let waited = 0; waited < 3000 && bed.executed.length === 0; waited += 50) await pass(bed, 50);
await log.close();
await store.close();
