import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../base/fake-clock.ts';
import { uuidv7 } from '../base/ids.ts';
import { createSignatureChecker, createSigner } from '../base/signing.ts';
import { findRecording, listRecordings } from './catalogue.ts';
import type { RecordingEvent } from './event-line.ts';
import type { LiveItem } from './live-feed.ts';
import { openRecording, type ReadReport, type RecordingFiles, readEvents } from './reader.ts';
import { Recorder, type RecorderOptions } from './recorder.ts';
import { HourlyQuotas } from './recording-quota.ts';
import { recoverRecordings } from './recover.ts';
import { Sealer } from './sealer.ts';
import { verifyRecording } from './verify.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const checker = createSignatureChecker([publicKey]);

let root: string;
let clock: FakeClock;
let sealer: Sealer;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'heldline-recording-'));
  clock = new FakeClock();
  sealer = await Sealer.open(root, 'n1', createSigner(privateKey));
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

function open(more: Partial<RecorderOptions> = {}, session: string = uuidv7(clock.now())): Promise<Recorder> {
  return Recorder.open({
    root,
    clock,
    sealer,
    meta: {
      session,
      node: 'n1',
      boot: 'b1',
      user: 'alice',
      target: 'db1',
      login: 'postgres',
      door: 'direct',
      kind: 'shell',
      address: '10.0.0.7',
      size: { cols: 80, rows: 24 },
      term: 'xterm-256color',
      policyHash: 'sha256:00',
    },
    onListenerFailure: (failure) => expect.unreachable(String(failure)),
    ...more,
  });
}

async function only(): Promise<RecordingFiles> {
  const [entry, second] = await listRecordings(root);
  if (entry === undefined || second !== undefined) throw new TypeError('not one recording');
  return entry.files;
}

async function readAll(files: RecordingFiles): Promise<{ events: RecordingEvent[]; report: ReadReport }> {
  const events: RecordingEvent[] = [];
  const report = await readEvents(files, (event) => {
    events.push(event);
    return undefined;
  });
  return { events, report };
}

function bytesOf(events: readonly RecordingEvent[], stream: 'stdout' | 'stderr'): Buffer {
  const parts = events.flatMap((event) =>
    event.kind === 'output' && event.stream === stream ? [event.bytes ?? Buffer.from(event.text)] : [],
  );
  return Buffer.concat(parts);
}

async function segments(directory: string): Promise<string[]> {
  return (await readdir(directory)).filter((name) => name.endsWith('.cast.gz')).sort();
}

async function text(files: RecordingFiles): Promise<string> {
  const names = await segments(files.directory);
  const parts = await Promise.all(names.map((name) => readFile(join(files.directory, name))));
  return gunzipSync(Buffer.concat(parts)).toString();
}

describe('Recorder', () => {
  test('writes asciicast v2 that any gunzip reads', async () => {
    const recorder = await open();
    recorder.output(Buffer.from('$ ls\r\n'));
    clock.advance(1500);
    recorder.marker('$ ls');
    recorder.resize({ cols: 100, rows: 30 });
    recorder.event('command.submitted', { id: 'e1' });
    recorder.exit({ kind: 'code', code: 3 });
    await recorder.close('complete');
    const [header = '', ...lines] = (await text(await only())).trimEnd().split('\n');
    expect(JSON.parse(header)).toMatchObject({
      version: 2,
      width: 80,
      height: 24,
      title: 'alice -> postgres@db1',
      env: { TERM: 'xterm-256color' },
      x_heldline: { user: 'alice', proto: 'ssh', node: 'n1', boot: 'b1' },
    });
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      [0, 'o', '$ ls\r\n'],
      [1.5, 'm', '$ ls'],
      [1.5, 'r', '100x30'],
      [1.5, 'e', '{"id":"e1","t":"command.submitted"}'],
      [1.5, 'x', '3'],
    ]);
  });

  test('keeps files for its owner only', async () => {
    const recorder = await open();
    await recorder.close('complete');
    const { directory } = await only();
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    for (const name of await readdir(directory)) {
      expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600);
    }
  });

  test('joins output that comes close together, not output that comes later', async () => {
    const recorder = await open();
    for (const letter of 'abc') {
      recorder.output(Buffer.from(letter));
      clock.advance(2);
    }
    clock.advance(20);
    recorder.output(Buffer.from('d'));
    await recorder.close('complete');
    const { events } = await readAll(await only());
    expect(events.map((event) => event.kind === 'output' && event.text)).toEqual(['abc', 'd']);
  });

  test('stores the last output before a silence within the flush interval', async () => {
    const recorder = await open();
    recorder.output(Buffer.from('last words'));
    clock.advance(500);
    await expect.poll(() => recorder.head.frame).toBe(0);
    expect(await text(await only())).toContain('last words');
    expect(recorder.pendingBytes).toBe(0);
    await recorder.close('complete');
  });

  test('has everything on the disk when critical resolves', async () => {
    const recorder = await open();
    recorder.output(Buffer.from('before the key'));
    recorder.event('hold.released', { id: '7KQ2' });
    const head = await recorder.critical();
    expect(head).toEqual(recorder.head);
    expect(await text(await only())).toContain('hold.released');
    expect(await recorder.critical()).toEqual(head);
    await recorder.close('complete');
  });

  test('never cuts a character and keeps what is no UTF-8', async () => {
    const recorder = await open();
    const euro = Buffer.from('€');
    recorder.output(euro.subarray(0, 1));
    clock.advance(100);
    recorder.output(euro.subarray(1));
    clock.advance(100);
    recorder.output(Buffer.from([0x61, 0xff, 0x62]));
    recorder.errorOutput(Buffer.from([0xe2, 0x82]));
    await recorder.close('complete');
    const { events } = await readAll(await only());
    expect(events).toEqual([
      { kind: 'output', time: 100_000, text: '€', bytes: null, stream: 'stdout' },
      { kind: 'output', time: 200_000, text: 'a\ufffdb', bytes: Buffer.from([0x61, 0xff, 0x62]), stream: 'stdout' },
      { kind: 'output', time: 200_000, text: '\ufffd', bytes: Buffer.from([0xe2, 0x82]), stream: 'stderr' },
    ]);
  });

  test('makes markers visible and short', async () => {
    const recorder = await open();
    recorder.marker(`$ printf '\x1b]52;c;x\x07' ${'y'.repeat(5000)}`);
    await recorder.close('complete');
    const { events } = await readAll(await only());
    const [marker] = events;
    if (marker?.kind !== 'marker') expect.unreachable('no marker');
    else expect(marker.label).toMatch(/^\$ printf '\\x1b]52;c;x\\x07' y{900,970}\.\.\.$/);
  });

  test('begins a new segment after ten minutes and after 8 MiB', async () => {
    const recorder = await open();
    recorder.output(Buffer.from('early'));
    await recorder.critical();
    clock.advance(600_000);
    recorder.output(Buffer.from('late'));
    await recorder.critical();
    const noise = Buffer.alloc(9 << 20);
    for (let i = 0; i < noise.length; i++) noise[i] = 32 + ((i * 7919 + (i >> 7) * 104_729) % 95);
    recorder.output(noise);
    await recorder.close('complete');
    const files = await only();
    expect((await segments(files.directory)).length).toBeGreaterThanOrEqual(2);
    const { events, report } = await readAll(files);
    expect(report).toMatchObject({ reason: null, final: true });
    expect(bytesOf(events, 'stdout').equals(Buffer.concat([Buffer.from('earlylate'), noise]))).toBe(true);
    expect((await verifyRecording(files.directory, checker)).kind).toBe('complete');
  });

  test('says when too much waits for the disk and when there is room again', async () => {
    const recorder = await open();
    let drained = 0;
    recorder.onDrained(() => {
      drained += 1;
    });
    const random = Buffer.from(Array.from({ length: 1 << 16 }, (_, i) => 0x80 | ((i * 31) & 0x7f)));
    while (!recorder.congested) recorder.output(random);
    await recorder.critical();
    expect(drained).toBe(1);
    expect(recorder.congested).toBe(false);
    await recorder.close('complete');
  });

  test('tells once when the allowance is used up', async () => {
    const quotas = new HourlyQuotas(10, clock);
    const recorder = await open({ quota: quotas.of('alice') });
    let told = 0;
    recorder.onOverQuota(() => {
      told += 1;
    });
    recorder.output(Buffer.from('x'));
    await recorder.critical();
    recorder.output(Buffer.from('y'));
    await recorder.critical();
    expect(told).toBe(1);
    expect(quotas.of('bob').spend(5)).toBe(true);
    await recorder.close('complete');
  });

  test('gives checkpoints of what is on the disk about every minute', async () => {
    const recorder = await open();
    const heads: number[] = [];
    recorder.onCheckpoint((head) => heads.push(head.frame));
    for (let i = 0; i < 4; i++) {
      recorder.output(Buffer.from('x'));
      clock.advance(30_000);
      await recorder.critical();
    }
    expect(heads).toEqual([1, 3]);
    await recorder.close('complete');
  });

  test('takes nothing after its end', async () => {
    const recorder = await open();
    recorder.output(Buffer.from('before'));
    const closed = recorder.close('complete');
    recorder.output(Buffer.alloc(200_000, 'after'));
    recorder.marker('after');
    const seal = await closed;
    expect(await recorder.close('failed')).toBe(seal);
    clock.advance(10_000);
    expect(await text(await only())).not.toContain('after');
    expect(recorder.pendingBytes).toBe(0);
  });

  test('refuses to record a session twice', async () => {
    const session = uuidv7(clock.now());
    const recorder = await open({}, session);
    await expect(open({}, session)).rejects.toMatchObject({ code: 'recording.directory' });
    await recorder.close('complete');
  });

  test('shows watchers what was and what comes, and cuts off one that fails', async () => {
    const failures: unknown[] = [];
    const recorder = await open({ onListenerFailure: (failure) => failures.push(failure) });
    recorder.output(Buffer.from('old'));
    const heard: LiveItem[] = [];
    recorder.subscribe((item) => heard.push(item));
    recorder.subscribe(() => {
      throw new TypeError('slow viewer');
    });
    recorder.output(Buffer.from('new'));
    await recorder.close('complete');
    expect(heard.map((item) => [item.kind, item.offset])).toEqual([
      ['output', 0],
      ['output', 3],
      ['closed', 6],
    ]);
    expect(failures).toHaveLength(1);
  });

  test('links each seal to the one before, across restarts', async () => {
    const first = await (await open()).close('complete');
    sealer = await Sealer.open(root, 'n1', createSigner(privateKey));
    const second = await (await open()).close('complete');
    expect(first.prevSeal).toBeNull();
    expect(second.prevSeal).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('verifyRecording', () => {
  async function recorded(): Promise<RecordingFiles> {
    const recorder = await open();
    for (let i = 0; i < 5; i++) {
      recorder.output(Buffer.from(`frame ${i}\r\n`.repeat(50)));
      clock.advance(1000);
      await recorder.critical();
    }
    await recorder.close('complete');
    return only();
  }

  async function change(files: RecordingFiles, edit: (bytes: Buffer) => Buffer): Promise<void> {
    const path = join(files.directory, '000000.cast.gz');
    await writeFile(path, edit(await readFile(path)));
  }

  async function frameEnds(files: RecordingFiles): Promise<number[]> {
    const bytes = await readFile(join(files.directory, '000000.cast.gz'));
    const ends: number[] = [];
    for (let at = 0; at < bytes.length; at += bytes.readUInt32LE(at + 24)) ends.push(at + bytes.readUInt32LE(at + 24));
    return ends;
  }

  test('accepts what was recorded', async () => {
    const files = await recorded();
    expect(await verifyRecording(files.directory, checker)).toMatchObject({
      kind: 'complete',
      exitCode: 0,
      findings: [],
    });
  });

  test('calls a running recording incomplete', async () => {
    const recorder = await open();
    await recorder.critical();
    expect(await verifyRecording((await only()).directory, checker)).toMatchObject({ kind: 'incomplete', exitCode: 2 });
    await recorder.close('complete');
  });

  test('finds frames cut off at a frame boundary', async () => {
    const files = await recorded();
    const ends = await frameEnds(files);
    await change(files, (bytes) => bytes.subarray(0, ends[2]));
    expect(await verifyRecording(files.directory, checker)).toMatchObject({ kind: 'tampered', exitCode: 3 });
  });

  test('finds such a cut without a seal only through the audit log', async () => {
    const files = await recorded();
    const ends = await frameEnds(files);
    const anchor = (await readAll(files)).report.head;
    await rm(join(files.directory, 'seal.json'));
    await change(files, (bytes) => bytes.subarray(0, ends[2]));
    expect((await verifyRecording(files.directory, checker)).kind).toBe('incomplete');
    expect((await verifyRecording(files.directory, checker, [anchor])).kind).toBe('tampered');
  });

  test('finds a frame that was taken out', async () => {
    const files = await recorded();
    const ends = await frameEnds(files);
    await change(files, (bytes) => Buffer.concat([bytes.subarray(0, ends[0]), bytes.subarray(ends[1])]));
    expect((await verifyRecording(files.directory, checker)).kind).toBe('tampered');
  });

  test('finds a changed meta.json', async () => {
    const files = await recorded();
    await writeFile(join(files.directory, 'meta.json'), files.metaText.replace('alice', 'mallo'));
    expect((await verifyRecording(files.directory, checker)).kind).toBe('tampered');
  });

  test.each([
    ['"frames": 6', '"frames": 5'],
    ['"state": "complete"', '"state": "recovered"'],
  ])('finds a seal in which %s became %s', async (from, to) => {
    const files = await recorded();
    const path = join(files.directory, 'seal.json');
    const before = await readFile(path, 'utf8');
    expect(before).toContain(from);
    await writeFile(path, before.replace(from, to));
    expect((await verifyRecording(files.directory, checker)).kind).toBe('tampered');
  });

  test('does not trust a seal made with another key', async () => {
    sealer = await Sealer.open(root, 'n1', createSigner(generateKeyPairSync('ed25519').privateKey));
    const files = await recorded();
    expect((await verifyRecording(files.directory, checker)).kind).toBe('tampered');
  });

  test('any flipped bit or cut is reported, never thrown', async () => {
    const files = await recorded();
    const whole = await readFile(join(files.directory, '000000.cast.gz'));
    const complete = (await readAll(files)).report.frames;
    const bit = fc.record({ kind: fc.constant('flip' as const), at: fc.nat(whole.length - 1), bit: fc.nat(7) });
    const cut = fc.record({ kind: fc.constant('cut' as const), at: fc.nat(whole.length - 1), bit: fc.constant(0) });
    await fc.assert(
      fc.asyncProperty(fc.oneof(bit, cut), async (damage) => {
        const copy = Buffer.from(damage.kind === 'cut' ? whole.subarray(0, damage.at) : whole);
        if (damage.kind === 'flip') copy[damage.at] = (copy[damage.at] ?? 0) ^ (1 << damage.bit);
        await change(files, () => copy);
        const { report } = await readAll(files);
        expect(report.frames).toBeLessThanOrEqual(complete);
        expect((await verifyRecording(files.directory, checker)).kind).toBe('tampered');
      }),
      { numRuns: 300 },
    );
  });

  test('any garbage is reported, never thrown', async () => {
    const files = await recorded();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.uint8Array({ maxLength: 400 }), async (segment, json) => {
        await writeFile(join(files.directory, '000000.cast.gz'), segment);
        await writeFile(join(files.directory, 'seal.json'), json);
        expect((await verifyRecording(files.directory, checker)).kind).toBe('tampered');
      }),
      { numRuns: 50 },
    );
  });

  test('does not throw on a directory that is not there', async () => {
    expect(await verifyRecording(join(root, 'none'), checker)).toMatchObject({ kind: 'tampered', report: null });
  });
});

describe('round trip', () => {
  type Step = {
    readonly put: (recorder: Recorder) => void;
    readonly kind: RecordingEvent['kind'] | 'wait';
    readonly bytes?: Uint8Array;
    readonly stream?: 'stdout' | 'stderr';
  };
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.string({ unit: 'binary', maxLength: 20 }).map((value) => new Uint8Array(Buffer.from(value))),
  );
  const step: fc.Arbitrary<Step> = fc.oneof(
    bytes.map((chunk): Step => ({ kind: 'output', stream: 'stdout', bytes: chunk, put: (to) => to.output(chunk) })),
    bytes.map(
      (chunk): Step => ({ kind: 'output', stream: 'stderr', bytes: chunk, put: (to) => to.errorOutput(chunk) }),
    ),
    fc.string({ maxLength: 50 }).map((label): Step => ({ kind: 'marker', put: (to) => to.marker(label) })),
    fc.jsonValue().map((value): Step => ({ kind: 'event', put: (to) => to.event('test', { value }) })),
    fc
      .tuple(fc.integer({ min: 1, max: 999 }), fc.integer({ min: 1, max: 999 }))
      .map(([cols, rows]): Step => ({ kind: 'resize', put: (to) => to.resize({ cols, rows }) })),
    fc.nat(900).map((ms): Step => ({ kind: 'wait', put: () => clock.advance(ms) })),
  );
  const sent = (steps: readonly Step[], stream: 'stdout' | 'stderr'): Buffer =>
    Buffer.concat(steps.flatMap((one) => (one.stream === stream && one.bytes !== undefined ? [one.bytes] : [])));

  test('any sequence of events comes back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const recorder = await open();
        for (const one of steps) one.put(recorder);
        const seal = await recorder.close('complete');
        const found = await findRecording(root, seal.session);
        if (found.kind !== 'found') return expect.unreachable(found.kind);
        const { events, report } = await readAll(found.entry.files);
        expect(report).toMatchObject({ reason: null, final: true, frames: seal.frames, bytes: seal.bytes });
        expect(bytesOf(events, 'stdout').equals(sent(steps, 'stdout'))).toBe(true);
        expect(bytesOf(events, 'stderr').equals(sent(steps, 'stderr'))).toBe(true);
        const others = steps.map((one) => one.kind).filter((kind) => kind !== 'output' && kind !== 'wait');
        expect(events.map((event) => event.kind).filter((kind) => kind !== 'output')).toEqual(others);
        const times = events.map((event) => event.time);
        expect(times).toEqual([...times].sort((a, b) => a - b));
      }),
      { numRuns: 60 },
    );
  });
});

describe('recoverRecordings', () => {
  async function crashed(torn: Uint8Array): Promise<RecordingFiles> {
    const recorder = await open();
    recorder.output(Buffer.from('kept'));
    await recorder.critical();
    const files = await only();
    const path = join(files.directory, '000000.cast.gz');
    await writeFile(path, Buffer.concat([await readFile(path), torn]));
    return files;
  }

  test('seals what is there, leaves torn bytes, and says so', async () => {
    const torn = Buffer.from([0x1f, 0x8b, 8, 4]);
    const files = await crashed(torn);
    const size = (await stat(join(files.directory, '000000.cast.gz'))).size;
    const [recovered, second] = await recoverRecordings({ root, sealer, liveBoots: new Set(['b2']) });
    expect(second).toBeUndefined();
    expect(recovered?.draft).toMatchObject({
      type: 'recording.recovered',
      outcome: 'success',
      session: { id: files.meta.session },
      recording: { frames: 1, tornBytes: 4 },
    });
    expect((await stat(join(files.directory, '000000.cast.gz'))).size).toBe(size);
    const opened = await openRecording(files.directory);
    expect(opened).toMatchObject({ files: { seal: { state: 'recovered', frames: 1, tornBytes: 4 } } });
    expect(await verifyRecording(files.directory, checker)).toMatchObject({ kind: 'incomplete', exitCode: 2 });
    expect(await recoverRecordings({ root, sealer, liveBoots: new Set(['b2']) })).toEqual([]);
  });

  test('leaves what a running daemon writes alone', async () => {
    await crashed(Buffer.alloc(0));
    expect(await recoverRecordings({ root, sealer, liveBoots: new Set(['b1']) })).toEqual([]);
  });

  test('tells of a directory that is no recording', async () => {
    const files = await crashed(Buffer.alloc(0));
    await rm(join(files.directory, 'meta.json'));
    const [told] = await recoverRecordings({ root, sealer, liveBoots: new Set() });
    expect(told?.draft).toMatchObject({ type: 'recording.recovered', outcome: 'failure' });
  });
});

describe('catalogue', () => {
  test('finds by id, by unique end, by who and when', async () => {
    const early = await (await open()).close('complete');
    clock.advance(86_400_000);
    const late = await (await open()).close('complete');
    expect(await findRecording(root, early.session)).toMatchObject({ kind: 'found', entry: { state: 'ended' } });
    expect(await findRecording(root, late.session.slice(-8))).toMatchObject({ kind: 'found' });
    expect(await findRecording(root, late.session.slice(0, 4))).toMatchObject({ kind: 'several' });
    expect(await findRecording(root, 'ffff-none')).toEqual({ kind: 'none' });
    expect(await findRecording(root, '')).toEqual({ kind: 'none' });
    const ids = async (filter: Parameters<typeof listRecordings>[1]): Promise<string[]> =>
      (await listRecordings(root, filter)).map((entry) => entry.files.meta.session);
    expect(await ids({})).toEqual([early.session, late.session]);
    expect(await ids({ since: clock.now() - 1000 })).toEqual([late.session]);
    expect(await ids({ until: clock.now() - 1000, user: 'alice', target: 'db1' })).toEqual([early.session]);
    expect(await ids({ user: 'bob' })).toEqual([]);
  });
});
