/** A child process for the tests: appends events to the log in DIRECTORY and says on stdout which are on the disk. */
import { generateKeyPairSync } from 'node:crypto';
import { AuditLog } from '../../../src/audit/audit-log.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { createSigner } from '../../../src/base/signing.ts';

const [directory = ''] = process.argv.slice(2);
const log = await AuditLog.open({
  directory,
  node: { id: 'n1', boot: 'b1', version: '0.1.0' },
  clock: systemClock,
  signer: createSigner(generateKeyPairSync('ed25519').privateKey),
  onListenerFailure: (failure) => process.stderr.write(`${String(failure)}\n`),
});

async function appendForever(): Promise<never> {
  for (;;) {
    const { seq } = await log.append({ type: 'test.fact', detail: { filler: 'x'.repeat(Math.random() * 2000) } });
    process.stdout.write(`${seq}\n`);
  }
}

await Promise.all(Array.from({ length: 8 }, appendForever));
