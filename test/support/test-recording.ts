/** Recordings made for tests, in a directory of their own. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '../../src/base/fake-clock.ts';
import { HeldlineError } from '../../src/base/heldline-error.ts';
import { uuidv7 } from '../../src/base/ids.ts';
import { createSigner } from '../../src/base/signing.ts';
import type { TerminalSize } from '../../src/model/session.ts';
import { findRecording } from '../../src/recording/catalogue.ts';
import type { RecordingFiles } from '../../src/recording/reader.ts';
import { Recorder } from '../../src/recording/recorder.ts';
import { Sealer } from '../../src/recording/sealer.ts';

/** A recording and the directory it lies in; `await using` removes both. */
export interface TestRecording extends AsyncDisposable {
  readonly root: string;
  readonly files: RecordingFiles;
}

/** Records what `script` does, by a clock that stands still unless it is moved. */
export async function makeTestRecording(
  script: (recorder: Recorder, clock: FakeClock, root: string) => void | Promise<void>,
  size: TerminalSize = { cols: 20, rows: 4 },
): Promise<TestRecording> {
  const root = await mkdtemp(join(tmpdir(), 'heldline-recorded-'));
  const clock = new FakeClock();
  const signer = createSigner(generateKeyPairSync('ed25519').privateKey);
  const recorder = await Recorder.open({
    root,
    clock,
    sealer: await Sealer.open(root, 'n1', signer),
    meta: {
      session: uuidv7(clock.now()),
      node: 'n1',
      boot: 'b1',
      user: 'alice',
      target: 'db1',
      login: 'root',
      door: 'direct',
      kind: 'shell',
      address: '192.0.2.7',
      size,
      term: 'xterm',
      policyHash: 'sha256:00',
    },
    onListenerFailure: (failure) => {
      throw new HeldlineError('test.listener', 'A listener failed.', { cause: failure });
    },
  });
  await script(recorder, clock, root);
  const { session } = await recorder.close('complete');
  const found = await findRecording(root, session);
  if (found.kind !== 'found') throw new HeldlineError('test.recording', `The recording is ${found.kind}.`);
  return {
    root,
    files: found.entry.files,
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  };
}
