import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportCast } from '../../../src/recording/export/cast.ts';
import { findProgram } from '../../support/find-program.ts';
import { makeTestRecording, type TestRecording } from '../../support/test-recording.ts';

/** Debian package asciinema. */
const run = promisify(execFile);
const environment = { ...process.env, LC_ALL: 'C.UTF-8' };

let recording: TestRecording;

beforeAll(async () => {
  recording = await makeTestRecording(async (recorder, clock) => {
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
  });
});

afterAll(async () => {
  await recording[Symbol.asyncDispose]();
});

/** What `asciinema` prints; run with a terminal of its own (Debian package bsdutils), which `cat` opens. */
async function asciinema(...words: string[]): Promise<string> {
  const out = join(recording.root, 'printed');
  const command = `exec ${findProgram('asciinema')} ${words.map((word) => `'${word}'`).join(' ')} > '${out}'`;
  await run(findProgram('script'), ['-qec', command, '/dev/null'], { env: environment });
  return readFile(out, 'utf8');
}

const SAFE = '$ echo "€ \u{1f600}"\r\n\x1b[31mred\x1b[0mx\ufffdy';

describe("Debian's asciinema", () => {
  test.each(['cat', 'play'])('%s accepts an exported cast', async (verb) => {
    const path = join(recording.root, 'out.cast');
    let cast = '';
    await exportCast(recording.files, (text) => {
      cast += text;
    });
    await writeFile(path, cast);
    const printed = await asciinema(verb, ...(verb === 'play' ? ['-s', '100'] : []), path);
    expect(printed.trimEnd()).toBe(SAFE);
  });

  test('cat accepts the stored segments as zcat prints them', async () => {
    const names = (await readdir(recording.files.directory)).filter((name) => name.endsWith('.cast.gz')).sort();
    const path = join(recording.root, 'stored.cast');
    const { stdout: text } = await run(
      findProgram('zcat'),
      names.map((name) => join(recording.files.directory, name)),
      { encoding: 'buffer' },
    );
    await writeFile(path, text);
    expect(await asciinema('cat', path)).toContain('\x1b]52;c;ZXZpbA==\x07');
  });
});
