import { describe, expect, test } from 'vitest';
import { makeTestRecording } from '../../../test/support/test-recording.ts';
import { Viewer } from '../../../test/support/viewer.ts';
import { listRecordings } from '../catalogue.ts';
import { SafeOutput } from '../export/safe-output.ts';
import type { RecordingFiles } from '../reader.ts';
import type { Recorder } from '../recorder.ts';
import { LiveWatch, type WatchEnd, type WatchOptions } from './live-watch.ts';

interface Watched {
  readonly viewer: Viewer;
  readonly recorder: Recorder;
  readonly end: Promise<WatchEnd>;
}

/** Watches a recording while `act` goes on with it; returns how the watching ended. */
async function watched(
  before: (recorder: Recorder) => void,
  act: (watched: Watched) => Promise<void>,
  more: Partial<WatchOptions> = {},
): Promise<WatchEnd> {
  let end: Promise<WatchEnd> = Promise.resolve('quit');
  await using _recording = await makeTestRecording(async (recorder, _clock, root) => {
    before(recorder);
    const files = await stored(root);
    const viewer = new Viewer({ cols: 60, rows: 6 });
    const subscribe = recorder.subscribe.bind(recorder);
    end = LiveWatch.watch({ files, subscribe, terminal: viewer, clock: viewer.clock, mayKill: true, ...more });
    await expect.poll(() => viewer.status).toContain('watching  alice -> root@db1');
    await act({ viewer, recorder, end });
  });
  return end;
}

async function stored(root: string): Promise<RecordingFiles> {
  const [entry] = await listRecordings(root);
  if (entry === undefined) throw new TypeError('no recording');
  return entry.files;
}

describe('LiveWatch', () => {
  test('joins what is stored, what is in memory and what is new, each byte once', async () => {
    const end = await watched(
      (recorder) => {
        recorder.output(Buffer.from('stored '));
        void recorder.critical();
        recorder.output(Buffer.from('in memory '));
      },
      async ({ viewer, recorder }) => {
        recorder.output(Buffer.from('€'));
        recorder.resize({ cols: 30, rows: 4 });
        recorder.output(Buffer.from('\r\nnew\x1b]52;c;ZXZpbA==\x07\x1b[6n'));
        await viewer.pass(80);
        expect(viewer.rows()[0]).toBe('stored in memory €            |');
        expect(viewer.rows()[1]).toBe('new                           |');
        expect(new SafeOutput().push(viewer.written)).toBe(viewer.written);
        viewer.press('q');
      },
    );
    expect(end).toBe('quit');
  });

  test('ends with the session', async () => {
    let viewer: Viewer | null = null;
    const end = watched(
      () => {},
      async (session) => {
        viewer = session.viewer;
        await session.recorder.close('complete');
        await session.viewer.pass(80);
        await session.end;
      },
    );
    expect(await end).toBe('ended');
    expect(viewer).toMatchObject({ alternate: false });
  });

  test('asks before it wants the session ended', async () => {
    const end = await watched(
      () => {},
      async ({ viewer }) => {
        viewer.press('kn');
        viewer.press('k');
        await expect.poll(() => viewer.status).toContain('End this session?');
        viewer.press('y');
      },
    );
    expect(end).toBe('kill');
  });

  test('cannot end a session without the right to', async () => {
    const end = await watched(
      () => {},
      async ({ viewer }) => viewer.press('kyq'),
      { mayKill: false },
    );
    expect(end).toBe('quit');
  });

  test('gives up on a viewer that does not keep up, without slowing the session', async () => {
    const end = await watched(
      () => {},
      async ({ viewer, recorder, end: ended }) => {
        let resume = (): void => {};
        viewer.stuck = new Promise((resolve) => {
          resume = resolve;
        });
        recorder.output(Buffer.from('x'));
        viewer.clock.advance(40);
        for (let i = 0; i < 10; i++) recorder.output(Buffer.alloc(1 << 20, 'y'));
        resume();
        await viewer.pass(80);
        await ended;
      },
    );
    expect(end).toBe('too-slow');
  });
});
