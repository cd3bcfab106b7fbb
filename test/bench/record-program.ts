/**
 * A child process for the bench: records what PROGRAM prints in a pty, as the bastion does, and copies it to
 * stdout: `node --import tsx record-program.ts ROOT PROGRAM ARGUMENT...`.
 */
import { generateKeyPairSync } from 'node:crypto';
import { spawn } from 'node-pty';
import { systemClock } from '../../src/base/clock.ts';
import { uuidv7 } from '../../src/base/ids.ts';
import { createSigner } from '../../src/base/signing.ts';
import { Recorder } from '../../src/recording/recorder.ts';
import { Sealer } from '../../src/recording/sealer.ts';

const [root = '', program = '', ...words] = process.argv.slice(2);
const recorder = await Recorder.open({
  root,
  clock: systemClock,
  sealer: await Sealer.open(root, 'n1', createSigner(generateKeyPairSync('ed25519').privateKey)),
  meta: {
    session: uuidv7(Date.now()),
    node: 'n1',
    boot: 'b1',
    user: 'alice',
    target: 'db1',
    login: 'root',
    door: 'direct',
    kind: 'shell',
    address: '192.0.2.7',
    size: { cols: 80, rows: 24 },
    term: 'xterm',
    policyHash: 'sha256:00',
  },
  onListenerFailure: (failure) => process.stderr.write(`${String(failure)}\n`),
});
const terminal = spawn(program, words, { cols: 80, rows: 24, encoding: null });
terminal.onData((data) => {
  // With a null encoding the data are bytes, whatever the declared type says.
  const bytes = Buffer.from(data);
  recorder.output(bytes);
  process.stdout.write(bytes);
});
terminal.onExit(() => void recorder.close('complete'));
