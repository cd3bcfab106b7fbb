import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { uuidv7 } from '../../base/ids.ts';
import { createSigner } from '../../base/signing.ts';
import { findRecording } from '../catalogue.ts';
import type { RecordingFiles } from '../reader.ts';
import { Recorder } from '../recorder.ts';
import { Sealer } from '../sealer.ts';
import { type ExportFormat, exportRecording } from './export-recording.ts';

let root: string;
let clock: FakeClock;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'heldline-export-'));
  clock = new FakeClock();
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

async function record(script: (recorder: Recorder) => void): Promise<RecordingFiles> {
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
      door: 'direct',
      kind: 'shell',
      address: '10.0.0.7',
      size: { cols: 20, rows: 4 },
      term: 'xterm',
      policyHash: 'sha256:00',
    },
    onListenerFailure: (failure) => expect.unreachable(String(failure)),
  });
  script(recorder);
  const { session } = await recorder.close('complete');
  const found = await findRecording(root, session);
  if (found.kind !== 'found') throw new TypeError(found.kind);
  return found.entry.files;
}

async function exported(files: RecordingFiles, format: ExportFormat): Promise<string> {
  let out = '';
  await exportRecording(files, format, (text) => {
    out += text;
  });
  return out;
}

function lines(text: string): unknown[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

function hostile(recorder: Recorder): void {
  recorder.output(Buffer.from('a\x1b]52;c;ZXZpbA==\x07b\x1b[6'));
  clock.advance(1000);
  recorder.output(Buffer.from('nc'));
  recorder.marker('HELD 7KQ2');
  clock.advance(500);
  recorder.output(Buffer.from([0x64, 0xff]));
  recorder.resize({ cols: 30, rows: 0 });
  recorder.exit({ kind: 'signal', signal: 'TERM', coreDumped: false, message: '' });
}

describe('exportRecording', () => {
  test('cast: absolute times, safe output, markers', async () => {
    expect(lines(await exported(await record(hostile), 'cast'))).toEqual([
      expect.objectContaining({ version: 2, width: 20, height: 4 }),
      [0, 'o', 'ab'],
      [1, 'o', 'c'],
      [1, 'm', 'HELD 7KQ2'],
      [1.5, 'o', 'd\ufffd'],
      [1.5, 'r', '30x1'],
      [1.5, 'x', 'SIGTERM'],
    ]);
  });

  test('cast3: intervals', async () => {
    expect(lines(await exported(await record(hostile), 'cast3'))).toEqual([
      expect.objectContaining({ version: 3, term: { cols: 20, rows: 4, type: 'xterm' } }),
      [0, 'o', 'ab'],
      [1, 'o', 'c'],
      [0, 'm', 'HELD 7KQ2'],
      [0.5, 'o', 'd\ufffd'],
      [0, 'r', '30x1'],
      [0, 'x', 'SIGTERM'],
    ]);
  });

  test('raw: everything as it was, exact bytes too', async () => {
    const raw = await exported(await record(hostile), 'raw');
    expect(raw).toContain('\\u001b]52;c;ZXZpbA==');
    expect(raw).toContain(`"B","${Buffer.from([0x64, 0xff]).toString('base64')}"`);
  });

  test('json: one object a line, nothing that a terminal obeys', async () => {
    const json = await exported(await record((recorder) => recorder.output(Buffer.from('\x9b6n\u202e'))), 'json');
    expect(json).not.toMatch(/[\u0080-\u009f\u202e]/);
    expect(lines(json)).toEqual([
      expect.objectContaining({ v: 1, type: 'recording', user: 'alice' }),
      { v: 1, type: 'output', time: 0, stream: 'stdout', text: '\x9b6n\u202e' },
    ]);
  });

  test('txt: what scrolled by and what is on the screen, wrapped lines joined', async () => {
    const files = await record((recorder) => {
      recorder.output(Buffer.from('$ seq 9\r\n'));
      for (let i = 1; i <= 9; i++) recorder.output(Buffer.from(`${i}\r\n`));
      recorder.output(Buffer.from(`${'w'.repeat(30)}\r\npasswrd\b\bord\r\n`));
    });
    expect(await exported(files, 'txt')).toBe(
      `$ seq 9\n${[1, 2, 3, 4, 5, 6, 7, 8, 9].join('\n')}\n${'w'.repeat(30)}\npassword\n`,
    );
  });

  test('txt: keeps what a clear wipes away and the last screen of a full-screen program', async () => {
    const files = await record((recorder) => {
      recorder.output(Buffer.from('first\r\n'));
      clock.advance(10);
      recorder.output(Buffer.from('\x1b[H\x1b[2J\x1b[3Jsecond\r\n'));
      clock.advance(10);
      recorder.output(Buffer.from('\x1b[?1049h\x1b[Hin the editor'));
      clock.advance(10);
      recorder.output(Buffer.from('\x1b[?1049lthird'));
    });
    expect(await exported(files, 'txt')).toBe(
      'first\nsecond\n--- full-screen program, last screen ---\n| in the editor\n---\nthird\n',
    );
  });
});
