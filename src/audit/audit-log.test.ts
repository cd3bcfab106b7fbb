import { generateKeyPairSync } from 'node:crypto';
import { appendFile, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sha256Hex } from '../base/digest.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { createSignatureChecker, createSigner } from '../base/signing.ts';
import type { AuditEvent } from '../model/audit-event.ts';
import { GENESIS } from './audit-line.ts';
import { AuditLog, type AuditLogOptions } from './audit-log.ts';
import { type AuditFilter, readAudit } from './read.ts';
import { describeVerification, verifyAudit } from './verify.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const checker = createSignatureChecker([publicKey]);
const TODAY = 'audit-2026-11-20.ndjson';

let directory: string;
let clock: FakeClock;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'heldline-audit-'));
  clock = new FakeClock();
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

function open(more: Partial<AuditLogOptions> = {}): Promise<AuditLog> {
  return AuditLog.open({
    directory,
    node: { id: 'n1', boot: 'b1', version: '0.1.0' },
    clock,
    signer: createSigner(privateKey),
    onListenerFailure: (failure) => expect.unreachable(String(failure)),
    ...more,
  });
}

async function events(filter: AuditFilter = {}): Promise<AuditEvent[]> {
  const found: AuditEvent[] = [];
  for await (const entry of readAudit(directory, filter)) {
    if (entry.kind === 'damaged') throw new Error(`damaged line ${entry.line}`);
    found.push(entry.event);
  }
  return found;
}

async function lines(file: string = TODAY): Promise<string[]> {
  return (await readFile(join(directory, file), 'utf8')).split('\n').slice(0, -1);
}

async function filled(count: number): Promise<AuditLog> {
  const log = await open();
  await Promise.all(Array.from({ length: count }, (_, i) => log.append({ type: 'test.fact', detail: { i } })));
  return log;
}

describe('AuditLog', () => {
  test('takes typed passwords out of command text and keeps the hash of the original', async () => {
    const log = await open();
    await log.append({ type: 'command.held', command: { text: 'mysql -ps3cret shop' } });
    await log.append({ type: 'command.held', command: { text: 'ls' } });
    await log.close();
    const [held, plain] = await events({ types: ['command.held'] });
    expect(held?.command).toEqual({
      text: 'mysql -pREDACTED shop',
      sha256: sha256Hex('mysql -ps3cret shop'),
      redacted: true,
    });
    expect(plain?.command).toEqual({ text: 'ls' });
    expect((await lines()).join('')).not.toContain('s3cret');
  });

  test('begins a file with its opening entry and keeps the order of the calls', async () => {
    const log = await filled(3);
    await log.close();
    const all = await events();
    expect(all.map((event) => event.type)).toEqual([
      'audit.opened',
      'test.fact',
      'test.fact',
      'test.fact',
      'audit.checkpoint',
    ]);
    expect(all.map((event) => event.seq)).toEqual([1, 2, 3, 4, 5]);
    expect(all[0]).toMatchObject({ prev: GENESIS, detail: { prevFile: null }, time: '2026-11-20T10:00:00.000000Z' });
    expect(all.slice(1, 4).map((event) => event.detail?.['i'])).toEqual([0, 1, 2]);
  });

  test('is readable by its owner only', async () => {
    const log = await open();
    expect((await stat(join(directory, TODAY))).mode & 0o777).toBe(0o600);
    await log.close();
  });

  test('resolves an append when the line is in the file', async () => {
    const log = await open();
    const event = await log.append({ type: 'test.fact', command: { text: 'rm -rf "\u202e"' } });
    expect((await lines()).at(-1)).toBe(JSON.stringify(event));
    expect(log.head).toEqual({ seq: event.seq, hash: event.hash });
    await log.close();
  });

  test('tells subscribers in order, once the event is on the disk', async () => {
    const log = await open();
    const heard: number[] = [];
    log.subscribe((event) => heard.push(event.seq));
    await Promise.all([log.append({ type: 'a.a' }), log.append({ type: 'a.b' })]);
    expect(heard).toEqual([2, 3]);
    await log.close();
  });

  test('goes on where it stopped, in the same file', async () => {
    await (await filled(2)).close();
    const log = await open();
    await log.append({ type: 'test.more' });
    await log.close();
    expect((await events()).filter((event) => event.type === 'audit.opened')).toHaveLength(1);
    expect((await verifyAudit({ directory, checker })).problems).toEqual([]);
  });

  test('begins a new file with the new day and links it to the old one', async () => {
    const log = await filled(1);
    clock.advance(20 * 3_600_000);
    await log.append({ type: 'test.tomorrow' });
    await log.close();
    expect(await readdir(directory)).toEqual([TODAY, 'audit-2026-11-21.ndjson']);
    const old = await lines();
    const [opening] = await events({ types: ['audit.opened'], since: Date.UTC(2026, 10, 21) });
    expect(opening?.detail).toEqual({ prevFile: TODAY, prevHead: JSON.parse(old.at(-1) ?? '').hash });
    expect((await verifyAudit({ directory, checker })).kind).toBe('ok');
  });

  test('does not reopen an older file when the clock jumps back', async () => {
    const log = await filled(1);
    clock.jump(-48 * 3_600_000);
    await log.append({ type: 'test.fact' });
    await log.close();
    expect(await readdir(directory)).toEqual([TODAY]);
  });

  test('signs after 60 seconds, after 1000 events, and not when nothing was written', async () => {
    const log = await filled(2);
    clock.advance(60_000);
    clock.advance(600_000);
    for (let i = 0; i < 1000; i += 250)
      await Promise.all(Array.from({ length: 250 }, () => log.append({ type: 'x.y' })));
    await log.close();
    const signed = (await events({ types: ['audit.checkpoint'] })).map((event) => event.detail?.['seq']);
    expect(signed).toEqual([3, 1004]);
  });

  test('notices a second writer and stops', async () => {
    const log = await filled(1);
    await appendFile(join(directory, TODAY), 'x');
    const told: string[] = [];
    log.onFailure((failure) => told.push(failure.code));
    await expect(log.append({ type: 'test.fact' })).rejects.toMatchObject({ code: 'append.second-writer' });
    await expect(log.append({ type: 'test.fact' })).rejects.toMatchObject({ code: 'append.second-writer' });
    expect(told).toEqual(['append.second-writer']);
    await expect(log.close()).rejects.toMatchObject({ code: 'append.second-writer' });
  });

  test.each([1, 40, 200])('cuts a last line torn %i bytes before its end and says so', async (missing) => {
    await (await filled(3)).close();
    const path = join(directory, TODAY);
    await truncate(path, (await stat(path)).size - missing);
    const log = await open();
    await log.close();
    expect((await events({ types: ['audit.recovered'] }))[0]?.detail).toMatchObject({ file: TODAY });
    expect((await verifyAudit({ directory, checker })).kind).toBe('ok');
  });

  test('starts again in a file whose first line was torn', async () => {
    await writeFile(join(directory, TODAY), '{"v":1,"seq":1');
    const log = await open();
    await log.close();
    expect((await events()).map((event) => event.type).slice(0, 2)).toEqual(['audit.opened', 'audit.recovered']);
    expect((await verifyAudit({ directory, checker })).kind).toBe('ok');
  });

  test('refuses damage before the last line', async () => {
    await (await filled(3)).close();
    const all = await lines();
    await writeFile(join(directory, TODAY), `${[...all.slice(0, 2), ...all.slice(3)].join('\n')}\n`);
    await expect(open()).rejects.toMatchObject({ code: 'audit.damaged' });
  });

  test('refuses a whole last line that was edited', async () => {
    await (await filled(3)).close();
    const text = await readFile(join(directory, TODAY), 'utf8');
    const at = text.lastIndexOf('n1');
    await writeFile(join(directory, TODAY), `${text.slice(0, at)}n2${text.slice(at + 2)}`);
    await expect(open()).rejects.toMatchObject({ code: 'audit.damaged' });
  });

  test('refuses to go on when the store knows an entry that the log has not', async () => {
    const log = await filled(3);
    const { head } = log;
    await log.close();
    await (await open({ expected: head })).close();
    await expect(open({ expected: { seq: 900, hash: head.hash } })).rejects.toMatchObject({
      code: 'audit.rolled-back',
    });
    await expect(open({ expected: { seq: head.seq, hash: GENESIS } })).rejects.toMatchObject({
      code: 'audit.rolled-back',
    });
  });
});

describe('verifyAudit', () => {
  async function tamper(change: (all: string[]) => string[]): Promise<void> {
    await (await filled(6)).close();
    await writeFile(join(directory, TODAY), `${change(await lines()).join('\n')}\n`);
  }

  async function kinds(): Promise<string[]> {
    return (await verifyAudit({ directory, checker })).problems.map((problem) => problem.kind);
  }

  test('says what it saw', async () => {
    await (await filled(6)).close();
    const result = await verifyAudit({ directory, checker });
    expect(describeVerification(result)).toMatch(
      /^ok: 8 entries, 0 recordings, chain unbroken from 2026-11-20 to 2026-11-20, signed by key [0-9a-f]{4}\.$/,
    );
  });

  test('finds an edited line', async () => {
    await tamper((all) => all.map((line) => line.replace('"i":3', '"i":4')));
    expect(await kinds()).toEqual(['edited']);
  });

  test('finds a removed line', async () => {
    await tamper((all) => all.filter((_, i) => i !== 3));
    expect(await kinds()).toEqual(['removed']);
  });

  test('finds reordered lines', async () => {
    await tamper(([a = '', b = '', c = '', ...rest]) => [a, c, b, ...rest]);
    expect(await kinds()).toContain('reordered');
  });

  test('finds lines cut off the end when the head is known', async () => {
    const log = await filled(6);
    await log.close();
    await writeFile(join(directory, TODAY), `${(await lines()).slice(0, -2).join('\n')}\n`);
    const result = await verifyAudit({ directory, checker, expected: log.head });
    expect(result.problems.map((problem) => problem.kind)).toEqual(['truncated']);
    expect(result.kind).toBe('tampered');
  });

  test('finds a log that was written anew without the key', async () => {
    await (await filled(3)).close();
    const forged = createSigner(generateKeyPairSync('ed25519').privateKey);
    await rm(join(directory, TODAY));
    await (await open({ signer: forged })).close();
    expect(await kinds()).toEqual([]);
    const log = await open({ signer: forged });
    await log.append({ type: 'test.fact' });
    await log.close();
    expect(await kinds()).toEqual(['unknown-key']);
  });

  test('finds a removed file', async () => {
    const log = await filled(1);
    for (let day = 0; day < 2; day++) {
      clock.advance(24 * 3_600_000);
      await log.append({ type: 'test.fact' });
    }
    await log.close();
    await rm(join(directory, 'audit-2026-11-21.ndjson'));
    expect(await kinds()).toEqual(expect.arrayContaining(['removed', 'missing-file']));
  });

  test('calls a torn last line incomplete, not tampered', async () => {
    await (await filled(2)).close();
    await appendFile(join(directory, TODAY), '{"v":1');
    expect(await verifyAudit({ directory, checker })).toMatchObject({ kind: 'incomplete' });
  });

  test('finds recordings that are gone or are not the sealed ones', async () => {
    const log = await open();
    for (const id of ['kept', 'gone', 'swapped', 'pruned']) {
      await log.append({ type: 'recording.started', session: { id } });
      await log.append({ type: 'recording.sealed', session: { id }, recording: { head: `head of ${id}` } });
    }
    await log.append({ type: 'recording.deleted', session: { id: 'pruned' } });
    await log.close();
    const result = await verifyAudit({
      directory,
      checker,
      recordings: async (session) =>
        session === 'gone' || session === 'pruned'
          ? { kind: 'missing' }
          : { kind: 'sealed', head: session === 'swapped' ? 'another' : `head of ${session}` },
    });
    expect(result.problems.map((problem) => problem.kind)).toEqual(['missing-recording', 'other-recording']);
  });

  test('does not throw on a directory that is not there', async () => {
    expect(await verifyAudit({ directory: join(directory, 'none'), checker })).toMatchObject({ kind: 'tampered' });
  });
});

describe('readAudit', () => {
  test('filters by type family, session, user and time', async () => {
    const log = await open();
    await log.append({ type: 'approval.vote', session: { id: 's1' }, actor: { user: 'bob' } });
    clock.advance(1000);
    await log.append({ type: 'approval.denied', session: { id: 's2' }, actor: { user: 'bob' } });
    await log.append({ type: 'command.held', session: { id: 's2' }, actor: { user: 'alice' } });
    await log.close();
    const types = async (filter: AuditFilter): Promise<string[]> => (await events(filter)).map((event) => event.type);
    expect(await types({ types: ['approval.*'] })).toEqual(['approval.vote', 'approval.denied']);
    expect(await types({ types: ['approval.vote'] })).toEqual(['approval.vote']);
    expect(await types({ session: 's2', user: 'alice' })).toEqual(['command.held']);
    expect(await types({ since: clock.now(), user: 'bob' })).toEqual(['approval.denied']);
    expect(await types({ until: clock.now(), user: 'bob' })).toEqual(['approval.vote']);
  });
});
