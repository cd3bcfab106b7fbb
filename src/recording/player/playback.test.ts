import { describe, expect, test } from 'vitest';
import { makeTestRecording, type TestRecording } from '../../../test/support/test-recording.ts';
import { snapshotOf } from '../../terminal/restore.ts';
import { Playback } from './playback.ts';
import { Timeline } from './timeline.ts';

/** A shell that prints much, resizes, and visits a full-screen program now and then. */
function busy(): Promise<TestRecording> {
  return makeTestRecording(
    (recorder, clock) => {
      for (let i = 0; i < 60; i++) {
        recorder.output(Buffer.from(`\x1b[3${i % 8}m${`line ${i} of output `.repeat(900)}\r\n`));
        clock.advance(100);
        if (i === 20) recorder.resize({ cols: 31, rows: 7 });
        if (i % 15 === 7) recorder.output(Buffer.from('\x1b[?1049h\x1b[2;5H\x1b[7mfull screen\x1b[m'));
        if (i % 15 === 9) recorder.output(Buffer.from('\x1b[?1049l'));
        clock.advance(100);
      }
    },
    { cols: 40, rows: 10 },
  );
}

async function screenAt(timeline: Timeline, time: number): Promise<unknown> {
  const fresh = new Playback(timeline);
  await fresh.seek(time);
  const screen = snapshotOf(fresh.screen);
  fresh.dispose();
  return screen;
}

describe('Playback', () => {
  test('shows the same screen however a time is reached', async () => {
    await using recording = await busy();
    const timeline = await Timeline.load(recording.files);
    const playback = new Playback(timeline);
    await playback.seek(timeline.duration);
    expect(playback.keyframeCount).toBeGreaterThan(2);
    for (const share of [0.9, 0.2, 0.95, 0.5, 0.36, 0.34, 0.99, 0.15, 0, 1]) {
      const time = Math.round(timeline.duration * share);
      await playback.seek(time);
      expect(playback.time).toBe(time);
      expect(snapshotOf(playback.screen), `at ${share}`).toEqual(await screenAt(timeline, time));
    }
    playback.dispose();
  });

  test('steps back to where it stepped forward from', async () => {
    await using recording = await makeTestRecording((recorder, clock) => {
      for (const text of ['a', 'b', 'c', 'd']) {
        recorder.output(Buffer.from(text));
        recorder.marker(text);
        clock.advance(text === 'b' ? 2000 : 10);
      }
    });
    const playback = new Playback(await Timeline.load(recording.files));
    const shown = (): string =>
      playback.screen
        .row(0)
        ?.cells.map((cell) => cell.chars)
        .join('') ?? '';
    const forward = [shown()];
    while (await playback.stepForward()) forward.push(shown());
    expect(forward).toEqual(['', 'a', 'ab', 'abc', 'abcd']);
    const back: string[] = [];
    while (await playback.stepBack()) back.push(shown());
    expect(back).toEqual(['abc', 'ab', 'a', '']);
    playback.dispose();
  });

  test('stays within the recording', async () => {
    await using recording = await makeTestRecording((recorder, clock) => {
      recorder.output(Buffer.from('a'));
      clock.advance(1000);
      recorder.output(Buffer.from('b'));
    });
    const playback = new Playback(await Timeline.load(recording.files));
    await playback.seek(1e12);
    expect(playback.time).toBe(1_000_000);
    expect(await playback.nextTime()).toBeNull();
    await playback.seek(-5);
    expect(playback.time).toBe(0);
    expect(await playback.nextTime()).toBe(1_000_000);
    playback.dispose();
  });
});
