import { appendFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { makeTestRecording, type TestRecording } from '../../../test/support/test-recording.ts';
import { Viewer } from '../../../test/support/viewer.ts';
import type { TerminalSize } from '../../model/session.ts';
import { SafeOutput } from '../export/safe-output.ts';
import { Player, type PlayerOptions } from './player.ts';
import { pressedKeys } from './player-keys.ts';
import { fitText, formatTime, statusLine } from './status-line.ts';

function session(): Promise<TestRecording> {
  return makeTestRecording((recorder, clock) => {
    recorder.output(Buffer.from('$ first\r\n'));
    recorder.marker('$ first');
    clock.advance(1000);
    recorder.output(Buffer.from('$ second\r\n'));
    recorder.marker('$ second');
    clock.advance(60_000);
    recorder.output(Buffer.from('$ third\r\n'));
    recorder.marker('HELD 7KQ2');
    clock.advance(1000);
    recorder.output(Buffer.from('done'));
  });
}

async function watching(
  recording: TestRecording,
  act: (viewer: Viewer) => Promise<void>,
  options: Partial<PlayerOptions> = {},
  size: TerminalSize = { cols: 70, rows: 8 },
): Promise<Viewer> {
  const viewer = new Viewer(size);
  const played = Player.play({ files: recording.files, terminal: viewer, clock: viewer.clock, ...options });
  await expect.poll(() => viewer.status).toMatch(/\d\d:\d\d:\d\d/);
  await act(viewer);
  viewer.press('q');
  await played;
  return viewer;
}

describe('Player', () => {
  test('plays, skips idle time, stops at the end, gives the terminal back', async () => {
    await using recording = await session();
    const viewer = await watching(recording, async (seen) => {
      expect(seen.rows()[0]).toContain('$ first');
      expect(seen.status).toMatch(/^playing {2}00:00:00 \/ 00:01:02 {2}1x {2}idle 2 s {2}\$ first +\? help$/);
      await seen.pass(1100);
      expect(seen.rows()[1]).toContain('$ second');
      await seen.pass(2200);
      expect(seen.rows()[2]).toContain('$ third');
      await seen.pass(1500);
      expect(seen.rows()[3]).toContain('done');
      expect(seen.status).toContain('paused   00:01:02 / 00:01:02  1x  idle 2 s  end');
    });
    expect(viewer.alternate).toBe(false);
  });

  test('shows idle time when asked to, at another speed, from another time', async () => {
    await using recording = await session();
    await watching(
      recording,
      async (viewer) => {
        expect(viewer.status).toContain('00:00:05');
        await viewer.pass(3000);
        expect(viewer.status).toContain('00:00:17');
        viewer.press(' ');
        await expect.poll(() => viewer.status).toContain('paused');
        await viewer.pass(1000);
        expect(viewer.status).toContain('00:00:17');
      },
      { idle: 0, speed: 4, from: 5_000_000 },
    );
  });

  test.each([
    [']', '00:00:01'],
    [']]', '00:01:01'],
    ['9[', '00:00:01'],
    ['5', '00:00:31'],
    ['\x1b[C', '00:00:05'],
    ['5\x1b[D', '00:00:26'],
    ['\x1b[1;2C', '00:00:06'],
    ['5\x1b[1;2D', '00:00:24'],
    ['.', '00:00:01'],
    ['...', '00:01:02'],
    ['...,', '00:01:01'],
  ])('%j goes to %s', async (keys, time) => {
    await using recording = await session();
    await watching(recording, async (viewer) => {
      viewer.press(' ');
      viewer.press(keys);
      await expect.poll(() => viewer.status).toContain(`paused   ${time}`);
    });
  });

  test('searches, lists commands, shows help, changes speed and idle', async () => {
    await using recording = await session();
    await watching(recording, async (viewer) => {
      viewer.press(' /SECOND');
      await expect.poll(() => viewer.status).toContain('/SECOND');
      viewer.press('\r');
      await expect.poll(() => viewer.status).toContain('no later "SECOND"');
      viewer.press('/second\r');
      await expect.poll(() => viewer.status).toContain('00:00:01');
      viewer.press('c');
      await expect
        .poll(() => viewer.rows())
        .toEqual(expect.arrayContaining(['00:00:01  $ second', '00:01:01  HELD 7KQ2']));
      viewer.press('j\r');
      await expect.poll(() => viewer.status).toContain('00:01:01');
      viewer.press('?');
      await expect.poll(() => viewer.rows()[0]).toBe('Keys');
      viewer.press('x++i');
      await expect.poll(() => viewer.status).toContain('4x  idle all');
      viewer.press('-');
      await expect.poll(() => viewer.status).toContain('2x');
    });
  });

  test('pans a recording that is larger than the terminal, and survives a resize', async () => {
    await using recording = await makeTestRecording(
      (recorder) => recorder.output(Buffer.from(`${'a'.repeat(30)}${'b'.repeat(30)}漢\r\nx`)),
      { cols: 62, rows: 10 },
    );
    await watching(
      recording,
      async (viewer) => {
        expect(viewer.rows()[0]).toBe('a'.repeat(24));
        viewer.press('llll');
        await expect.poll(() => viewer.rows()[0]).toBe('b'.repeat(24));
        viewer.press('lllllj');
        await expect.poll(() => viewer.rows()[0]).toBe('');
        viewer.press('kkk');
        await expect.poll(() => viewer.rows()[0]).toBe(`${'b'.repeat(22)}漢`);
        viewer.resize({ cols: 70, rows: 14 });
        await expect.poll(() => viewer.rows()[0]).toBe(`${'a'.repeat(30)}${'b'.repeat(30)}漢|`);
        expect(viewer.rows()[10]).toMatch(/^-+\+$/);
      },
      {},
      { cols: 24, rows: 6 },
    );
  });

  test('a hostile recording does not drive the terminal of its viewer', async () => {
    const attacks = [
      '\x1b]52;c;ZXZpbA==\x07',
      '\x1b]0;title\x1b\\',
      '\x1b[c\x1b[>c\x1b[6n\x1b[?6n\x05\x1bZ',
      '\x1bP+q544e\x1b\\',
      '\x1bP$qm\x1b\\',
      '\x1b[?1000h\x1b[?1006h\x1b[?1004h\x1b[?2004h',
      '\x1b[21t\x1b[8;999;999t',
      '\x9d52;c;ZXZpbA==\x9c\x9b6n',
      '\x1b[>1u\x1b[?u',
      '\x1b_apc\x1b\\\x1b^pm\x1b\\\x1bXsos\x1b\\',
      '\x1b%@\x1b G',
      '\x1b[5i',
      '\x1b[?1049h\x1b[?25h',
      '\x1b[2;3r\x1b[?6h',
      '\u202egnp.exe',
    ];
    await using recording = await makeTestRecording((recorder, clock) => {
      for (const attack of attacks) {
        recorder.output(Buffer.from(`${attack}x`));
        recorder.marker(`$ ${attack}`);
        clock.advance(100);
      }
      recorder.output(Buffer.from([0x1b, 0x5d, 0x35, 0x32, 0xff, 0x9b, 0x63]));
    });
    const viewer = await watching(recording, async (seen) => {
      await seen.pass(2000);
      seen.press('c');
      await seen.pass(40);
      seen.press('c/\x1b]52;c;x\x07\u202e\r');
      await seen.pass(40);
    });
    expect(new SafeOutput().push(viewer.written)).toBe(viewer.written);
    expect(viewer.written).not.toMatch(/[\u202a-\u202e\u0080-\u009f]/);
    expect(viewer.written).toContain('x');
  });

  test('says why a damaged recording ends', async () => {
    await using recording = await session();
    await appendFile(`${recording.files.directory}/000000.cast.gz`, 'garbage');
    await watching(recording, async (viewer) => {
      viewer.press('9');
      await viewer.pass(9000);
      expect(viewer.status).toContain('000000.cast.gz');
    });
  });

  test('ends when its signal aborts', async () => {
    await using recording = await session();
    const abort = new AbortController();
    const viewer = new Viewer({ cols: 40, rows: 5 });
    const played = Player.play({ files: recording.files, terminal: viewer, clock: viewer.clock, signal: abort.signal });
    await expect.poll(() => viewer.alternate).toBe(true);
    abort.abort();
    await played;
    expect(viewer.alternate).toBe(false);
  });
});

describe('keys and lines of the player', () => {
  test('every key of one read is taken', () => {
    expect(pressedKeys(Buffer.from('q\x1b[C\x1bO\x1b5ä')).map(({ key, text }) => [key?.kind ?? null, text])).toEqual([
      ['quit', 'q'],
      ['skip', ''],
      ['escape', ''],
      [null, 'O'],
      ['escape', ''],
      ['jump-share', '5'],
      [null, 'ä'],
    ]);
  });

  test('text is fitted by cells', () => {
    expect(fitText('漢字', 3)).toBe('漢 ');
    expect(fitText('\x1b[31m', 6)).toBe('\\x1b[3');
    expect(statusLine('left', 'right', 12)).toBe('\x1b[0;7mleft   right');
    expect(statusLine('left side', 'right', 12)).toBe('\x1b[0;7mleft side   ');
    expect(formatTime(3_661_999_999)).toBe('01:01:01');
  });
});
