import { describe, expect, test } from 'vitest';
import { makeTestRecording } from '../../../test/support/test-recording.ts';
import type { FakeClock } from '../../base/fake-clock.ts';
import type { RecordingFiles } from '../reader.ts';
import type { Recorder } from '../recorder.ts';
import { type ExportFormat, exportRecording } from './export-recording.ts';

async function exported(files: RecordingFiles, format: ExportFormat): Promise<string> {
  let out = '';
  await exportRecording(files, format, (text) => {
    out += text;
  });
  return out;
}

async function exportedFrom(
  script: (recorder: Recorder, clock: FakeClock) => void,
  format: ExportFormat,
): Promise<string> {
  await using recording = await makeTestRecording(script);
  return exported(recording.files, format);
}

function lines(text: string): unknown[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

function hostile(recorder: Recorder, clock: FakeClock): void {
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
    expect(lines(await exportedFrom(hostile, 'cast'))).toEqual([
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
    expect(lines(await exportedFrom(hostile, 'cast3'))).toEqual([
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
    const raw = await exportedFrom(hostile, 'raw');
    expect(raw).toContain('\\u001b]52;c;ZXZpbA==');
    expect(raw).toContain(`"B","${Buffer.from([0x64, 0xff]).toString('base64')}"`);
  });

  test('json: one object a line, nothing that a terminal obeys', async () => {
    const json = await exportedFrom((recorder) => recorder.output(Buffer.from('\x9b6n\u202e')), 'json');
    expect(json).not.toMatch(/[\u0080-\u009f\u202e]/);
    expect(lines(json)).toEqual([
      expect.objectContaining({ v: 1, type: 'recording', user: 'alice' }),
      { v: 1, type: 'output', time: 0, stream: 'stdout', text: '\x9b6n\u202e' },
    ]);
  });

  test('txt: what scrolled by and what is on the screen, wrapped lines joined', async () => {
    await using recording = await makeTestRecording((recorder) => {
      recorder.output(Buffer.from('$ seq 9\r\n'));
      for (let i = 1; i <= 9; i++) recorder.output(Buffer.from(`${i}\r\n`));
      recorder.output(Buffer.from(`${'w'.repeat(30)}\r\npasswrd\b\bord\r\n`));
    });
    expect(await exported(recording.files, 'txt')).toBe(
      `$ seq 9\n${[1, 2, 3, 4, 5, 6, 7, 8, 9].join('\n')}\n${'w'.repeat(30)}\npassword\n`,
    );
  });

  test('txt: keeps what a clear wipes away and the last screen of a full-screen program', async () => {
    await using recording = await makeTestRecording((recorder, clock) => {
      recorder.output(Buffer.from('first\r\n'));
      clock.advance(10);
      recorder.output(Buffer.from('\x1b[H\x1b[2J\x1b[3Jsecond\r\n'));
      clock.advance(10);
      recorder.output(Buffer.from('\x1b[?1049h\x1b[Hin the editor'));
      clock.advance(10);
      recorder.output(Buffer.from('\x1b[?1049lthird'));
    });
    expect(await exported(recording.files, 'txt')).toBe(
      'first\nsecond\n--- full-screen program, last screen ---\n| in the editor\n---\nthird\n',
    );
  });
});
