/**
 * What recording costs, of our recorder and of others: CPU time of whole process trees, and what is stored. The text
 * is a long directory listing.
 */
import { execFile } from 'node:child_process';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findProgram } from '../support/find-program.ts';
import { makeTestRecording } from '../support/test-recording.ts';

const run = promisify(execFile);
const CHILD = fileURLToPath(new URL('record-program.ts', import.meta.url));

export interface RecorderCost {
  /** ms of CPU time for each MB (10^6 bytes) of output. */
  readonly cpu: number;
  /** Bytes stored for each byte of output. */
  readonly stored: number;
}

/** `bytes` of what `ls -lR` prints. */
export async function listing(bytes: number): Promise<Buffer> {
  const { stdout } = await run('sh', ['-c', `ls -lR /usr/lib /usr/share /etc 2>/dev/null | head -c ${bytes}`], {
    encoding: 'buffer',
    maxBuffer: 2 * bytes,
  });
  return stdout;
}

/** The recorder alone, fed with a piece of `size` bytes every `pause` ms of a clock that costs nothing. */
export async function recorderAlone(raw: Buffer, size: number, pause = 1): Promise<RecorderCost> {
  let stored = 0;
  const before = process.cpuUsage();
  {
    await using recording = await makeTestRecording(async (recorder, clock) => {
      for (let at = 0; at < raw.length; at += size) {
        recorder.output(raw.subarray(at, at + size));
        clock.advance(pause);
        if (recorder.congested) await recorder.critical();
      }
    });
    stored = await sizeOf(recording.root);
  }
  const { user, system } = process.cpuUsage(before);
  return cost((user + system) / 1000, stored, raw.length);
}

/** The others and ours around `cat` of the text. @param folder for their files */
export async function recordersAround(folder: string, raw: Buffer): Promise<Readonly<Record<string, RecorderCost>>> {
  await writeFile(join(folder, 'bulk'), raw);
  const program = ['cat', join(folder, 'bulk')];
  const command = program.join(' ');
  const plain = await cpuOf(program);
  const [typescript, cast, ours, nothing] = ['typescript', 'cast', 'ours', 'nothing'].map((name) => join(folder, name));
  if (typescript === undefined || cast === undefined || ours === undefined || nothing === undefined) return {};
  const script = await cpuOf([findProgram('script'), '-qec', command, typescript]);
  const asciinema = await cpuOf([findProgram('asciinema'), 'rec', '-q', '--overwrite', '-c', command, cast]);
  await Promise.all([mkdir(ours), mkdir(nothing)]);
  const node = [process.execPath, '--import', 'tsx', CHILD];
  const startUp = await cpuOf([...node, nothing, 'true']);
  const heldline = await cpuOf([...node, ours, ...program]);
  return {
    script: cost(script - plain, (await stat(typescript)).size, raw.length),
    asciinema: cost(asciinema - plain, (await stat(cast)).size, raw.length),
    heldline: cost(heldline - startUp, await sizeOf(ours), raw.length),
  };
}

function cost(cpuMs: number, stored: number, raw: number): RecorderCost {
  return { cpu: cpuMs / (raw / 1e6), stored: stored / raw };
}

/** CPU time of a command with all of its children, ms. */
async function cpuOf(words: readonly string[]): Promise<number> {
  const script = 'TIMEFORMAT="%3U %3S"; time "$@" > /dev/null 2>&1 < /dev/null';
  const { stderr } = await run('bash', ['-c', script, 'bash', ...words], {
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  });
  const [user = 0, system = 0] = stderr.trim().split(' ').map(Number);
  return (user + system) * 1000;
}

async function sizeOf(directory: string): Promise<number> {
  const names = await readdir(directory, { recursive: true });
  const recordings = names.filter((name) => name.endsWith('.cast.gz'));
  const sizes = await Promise.all(recordings.map((name) => stat(join(directory, name))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}
