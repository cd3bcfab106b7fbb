/**
 * What recording costs, printed and compared with `script` (Debian package bsdutils) and `asciinema`. CPU time is
 * that of whole process trees; only what does not depend on the machine is checked.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findProgram } from '../support/find-program.ts';
import { makeTestRecording } from '../support/test-recording.ts';

const run = promisify(execFile);
const MEGABYTE = 1e6;
const CHILD = fileURLToPath(new URL('record-program.ts', import.meta.url));

let root: string;
let bulk: Buffer;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'heldline-bench-'));
  const { stdout } = await run('sh', ['-c', 'ls -lR /usr/lib /usr/share /etc 2>/dev/null | head -c 16000000'], {
    encoding: 'buffer',
    maxBuffer: 1 << 26,
  });
  bulk = stdout;
  await writeFile(join(root, 'bulk'), bulk);
});

afterAll(async () => {
  await rm(root, { recursive: true });
});

function say(what: string, cpuMs: number, stored: number, raw: number): void {
  const cpu = (cpuMs / (raw / MEGABYTE)).toFixed(1).padStart(6);
  const kept = ((stored / raw) * 100).toFixed(1).padStart(6);
  process.stdout.write(`${what.padEnd(44)} ${cpu} CPU ms/MB ${kept} % stored\n`);
}

/** CPU time of this process while `work` runs, ms. */
async function cpuOf(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** CPU time of a command with all of its children, ms. */
async function cpuOfCommand(words: readonly string[]): Promise<number> {
  const script = 'TIMEFORMAT="%3U %3S"; time "$@" > /dev/null 2>&1 < /dev/null';
  const { stderr } = await run('bash', ['-c', script, 'bash', ...words], {
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  });
  const [user = 0, system = 0] = stderr.trim().split(' ').map(Number);
  return (user + system) * 1000;
}

async function sizeOf(directory: string): Promise<number> {
  const names = await readdir(directory, { recursive: true });
  const sizes = await Promise.all(
    names.filter((name) => name.endsWith('.cast.gz')).map((name) => stat(join(directory, name))),
  );
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

/** The recorder alone, fed with a piece of `size` bytes every `pause` ms of a clock that costs nothing. */
async function recorderAlone(raw: Buffer, size: number, pause = 1): Promise<{ cpu: number; stored: number }> {
  let stored = 0;
  const cpu = await cpuOf(async () => {
    await using recording = await makeTestRecording(async (recorder, clock) => {
      for (let at = 0; at < raw.length; at += size) {
        recorder.output(raw.subarray(at, at + size));
        clock.advance(pause);
        if (recorder.congested) await recorder.critical();
      }
    });
    stored = await sizeOf(recording.root);
  });
  return { cpu, stored };
}

describe('the cost of recording', () => {
  test('of bulk output', async () => {
    await recorderAlone(bulk.subarray(0, 2 * MEGABYTE), 4096);
    const { cpu, stored } = await recorderAlone(bulk, 4096);
    say('recorder alone, ls -lR in 4 KiB pieces', cpu, stored, bulk.length);
    expect(stored / bulk.length).toBeLessThan(0.3);
  });

  test('of an interactive shell', async () => {
    const raw = bulk.subarray(0, MEGABYTE);
    const slow = await recorderAlone(raw, 61, 20);
    say('recorder alone, 61-byte pieces every 20 ms', slow.cpu, slow.stored, raw.length);
    const fast = await recorderAlone(raw, 61, 0.2);
    say('recorder alone, 61-byte pieces at once', fast.cpu, fast.stored, raw.length);
  });

  test('of other recorders with the same program', async () => {
    const program = ['cat', join(root, 'bulk')];
    const out = join(root, 'out');
    const command = program.join(' ');
    const plain = await cpuOfCommand(program);
    const compare = async (
      what: string,
      words: readonly string[],
      size: () => Promise<number>,
      startUp = 0,
    ): Promise<void> => {
      const cpu = await cpuOfCommand(words);
      say(what, cpu - plain - startUp, await size(), bulk.length);
    };
    const outSize = async (): Promise<number> => (await stat(out)).size;
    await compare('script', [findProgram('script'), '-qec', command, out], outSize);
    await compare('asciinema rec', [findProgram('asciinema'), 'rec', '-q', '--overwrite', '-c', command, out], outSize);
    const [ours, nothing] = [join(root, 'ours'), join(root, 'nothing')];
    await run('mkdir', [ours, nothing]);
    const node = [process.execPath, '--import', 'tsx', CHILD];
    const startUp = await cpuOfCommand([...node, nothing, 'true']);
    await compare(
      'node, a pty and the recorder, once started',
      [...node, ours, ...program],
      () => sizeOf(ours),
      startUp,
    );
  });
});
