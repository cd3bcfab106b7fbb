/**
 * A child process that records for the tests: `node --import tsx record-until-killed.ts ROOT SESSION`. Says on
 * stdout, one JSON object a line, what it took (`taken`), what it was told is on the disk (`durable`), and when
 * the disk refuses (`failed`) and comes back (`recovered`). A line `close` on stdin ends the recording.
 */
import { generateKeyPairSync } from 'node:crypto';
import { createInterface } from 'node:readline';
import { systemClock } from '../../../src/base/clock.ts';
import { createSigner } from '../../../src/base/signing.ts';
import { DiskGuard } from '../../../src/recording/disk-guard.ts';
import { Recorder } from '../../../src/recording/recorder.ts';
import { Sealer } from '../../../src/recording/sealer.ts';

const [root = '', session = ''] = process.argv.slice(2);

function say(fact: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(fact)}\n`);
}

const sealer = await Sealer.open(root, 'n1', createSigner(generateKeyPairSync('ed25519').privateKey));
const guard = new DiskGuard({ directory: root, ballast: 32 * 1024 });
say({ ballast: await guard.keepBallast() });
const recorder = await Recorder.open({
  root,
  clock: systemClock,
  sealer,
  guard,
  meta: {
    session,
    node: 'n1',
    boot: 'b1',
    user: 'alice',
    target: 'db1',
    login: 'root',
    door: 'direct',
    kind: 'shell',
    address: '10.0.0.7',
    size: { cols: 80, rows: 24 },
    term: 'xterm',
    policyHash: 'sha256:00',
  },
  onListenerFailure: (failure) => say({ listener: String(failure) }),
});
recorder.onFailure((failure) => say({ failed: failure.code }));
recorder.onRecovered(() => say({ recovered: true }));

let count = 0;
const timer = setInterval(() => {
  if (recorder.failure !== null) return;
  count += 1;
  // Hardly compressible, so that a small disk fills up.
  const noise = Array.from({ length: 120 }, (_, i) => ((count * 2_654_435_761 + i * 40_503) >>> 0).toString(36)).join(
    '',
  );
  recorder.output(Buffer.from(`line ${count} ${noise}\r\n`));
  say({ taken: count });
  if (count % 20 === 0) void sayDurable(count);
}, 5);

async function sayDurable(number: number): Promise<void> {
  try {
    await recorder.critical();
    say({ durable: number });
  } catch (failure) {
    say({ refused: String(failure) });
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  if (line !== 'close') continue;
  clearInterval(timer);
  const seal = await recorder.close('complete');
  say({ sealed: seal.state, count });
  process.stdin.destroy();
}
