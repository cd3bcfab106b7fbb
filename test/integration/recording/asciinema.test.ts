import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FakeClock } from '../../../src/base/fake-clock.ts';
import { uuidv7 } from '../../../src/base/ids.ts';
import { createSigner } from '../../../src/base/signing.ts';
import { findRecording } from '../../../src/recording/catalogue.ts';
import { exportCast } from '../../../src/recording/export/cast.ts';
import type { RecordingFiles } from '../../../src/recording/reader.ts';
import { Recorder } from '../../../src/recording/recorder.ts';
import { Sealer } from '../../../src/recording/sealer.ts';

/** Debian package asciinema. */
const run = promisify(execFile);
const environment = { ...process.env, LC_ALL: 'C.UTF-8' };

let root: string;
let files: RecordingFiles;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'heldline-asciinema-'));
  const clock = new FakeClock();
  const sealer = await Sealer.open(root, 'n1', createSigner(generateKeyPairSync('ed25519').privateKey));
  const recorder = await Recorder.open({
    root,
    clock,
    sealer,
    meta: {
      session: uuidv7(clock.now()),
      node: 'n1',
      boot: 'b1',
      user: 'alice',
      target: 'db1',
      login: 'root',
      door: 'mosh',
      kind: 'shell',
      address: '10.0.0.7',
      size: { cols: 80, rows: 24 },
      term: 'xterm',
      policyHash: 'sha256:00',
    },
    onListenerFailure: (failure) => expect.unreachable(String(failure)),
  });
  recorder.output(Buffer.from('$ echo "€ \u{1f600}"\r\n'));
  clock.advance(100);
  recorder.marker('$ echo');
  recorder.event('command.submitted', { id: 'e1' });
  recorder.output(Buffer.from('\x1b]52;c;ZXZpbA==\x07\x1b[31mred\x1b[0m\x1b[6n'));
  await recorder.critical();
  clock.advance(100);
  recorder.resize({ cols: 100, rows: 30 });
  recorder.errorOutput(Buffer.from([0x78, 0xff, 0x79]));
  recorder.exit({ kind: 'code', code: 1 });
  const { session } = await recorder.close('complete');
  const found = await findRecording(root, session);
  if (found.kind !== 'found') throw new TypeError(found.kind);
  files = found.entry.files;
});

afterAll(async () => {
  await rm(root, { recursive: true });
});

/** What `asciinema` prints; run with a terminal of its own (Debian package bsdutils), which `cat` opens. */
async function asciinema(...words: string[]): Promise<string> {
  const out = join(root, 'printed');
  const command = `exec asciinema ${words.map((word) => `'${word}'`).join(' ')} > '${out}'`;
  await run('script', ['-qec', command, '/dev/null'], { env: environment });
  return readFile(out, 'utf8');
}

const SAFE = '$ echo "€ \u{1f600}"\r\n\x1b[31mred\x1b[0mx\ufffdy';

describe("Debian's asciinema", () => {
  test.each(['cat', 'play'])('%s accepts an exported cast', async (verb) => {
    const path = join(root, 'out.cast');
    let cast = '';
    await exportCast(files, (text) => {
      cast += text;
    });
    await writeFile(path, cast);
    const printed = await asciinema(verb, ...(verb === 'play' ? ['-s', '100'] : []), path);
    expect(printed.trimEnd()).toBe(SAFE);
  });

  test('cat accepts the stored segments as zcat prints them', async () => {
    const names = (await readdir(files.directory)).filter((name) => name.endsWith('.cast.gz')).sort();
    const path = join(root, 'stored.cast');
    const { stdout: text } = await run(
      'zcat',
      names.map((name) => join(files.directory, name)),
      { encoding: 'buffer' },
    );
    await writeFile(path, text);
    expect(await asciinema('cat', path)).toContain('\x1b]52;c;ZXZpbA==\x07');
  });
});
