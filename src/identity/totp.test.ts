import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateSync } from 'otplib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { MemoryFactorStore, MemoryUserStore } from '../../test/support/memory-identity-stores.ts';
import { FakeClock } from '../base/fake-clock.ts';
import type { AuditDraft } from '../model/audit-event.ts';
import { enrolmentQr } from './enrolment-qr.ts';
import { SealingKey } from './sealing-key.ts';
import { TotpEnrolment } from './totp-enrolment.ts';
import { TotpService } from './totp-service.ts';

const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const MINUTE = 60_000;

let directory: string;
let sealing: SealingKey;
let clock: FakeClock;
let users: MemoryUserStore;
let store: MemoryFactorStore;
let events: AuditDraft[];
let codes: TotpService;
let enrolment: TotpEnrolment;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'heldline-totp-'));
  sealing = SealingKey.create(join(directory, 'sealing.key'));
});

afterAll(() => rmSync(directory, { recursive: true }));

beforeEach(() => {
  clock = new FakeClock();
  users = new MemoryUserStore();
  store = new MemoryFactorStore(users);
  events = [];
  for (const name of ['alice', 'bob']) {
    const made = { createdAt: 0, createdBy: 'init', rolesChangedAt: 0, rolesChangedBy: 'init' };
    users.users.set(name, { name, roles: [], disabled: false, keys: [], ...made });
  }
  const audit = { append: async (event: AuditDraft) => events.push(event) };
  const onListenerFailure = (failure: unknown): void => {
    throw failure;
  };
  codes = new TotpService({ store, sealing, audit, clock, onListenerFailure });
  enrolment = new TotpEnrolment({ store, users, codes, sealing, audit, clock, issuer: 'bastion', onListenerFailure });
});

function codeAt(offsetSeconds: number, secret: string = SECRET): string {
  return generateSync({ secret, epoch: Math.floor(clock.now() / 1000) + offsetSeconds });
}

function wrongCode(): string {
  const near = new Set([-150, -120, -90, -60, -30, 0, 30, 60, 90, 120, 150].map((offset) => codeAt(offset)));
  return [...Array(20)].map((_, i) => String(100_000 + i)).find((code) => !near.has(code)) ?? '';
}

describe('a code', () => {
  beforeEach(() => enrolment.importSecret('alice', SECRET, 'init'));

  test('is accepted in its step and the next one, once', async () => {
    expect(await codes.verify('alice', codeAt(0))).toMatchObject({ kind: 'accepted' });
    expect(await codes.verify('alice', codeAt(0))).toMatchObject({ kind: 'replayed' });
    clock.advance(60_000);
    const earlier = codeAt(-30);
    expect(await codes.verify('alice', `${earlier.slice(0, 3)} ${earlier.slice(3)} `)).toMatchObject({
      kind: 'accepted',
    });
    expect(await codes.verify('alice', codeAt(-30))).toMatchObject({ kind: 'replayed' });
    expect(await codes.verify('alice', codeAt(0))).toMatchObject({ kind: 'accepted' });
    expect((await store.find('alice'))?.throttle.consecutive).toBe(0);
  });

  test('is used up before it is accepted, whoever asks at the same time', async () => {
    const outcomes = await Promise.all([...Array(8)].map(() => codes.verify('alice', codeAt(0))));
    expect(outcomes.filter((outcome) => outcome.kind === 'accepted')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome.kind === 'replayed')).toHaveLength(7);
  });

  test('that an older store has forgotten is not accepted when the store does not answer', async () => {
    store.burnStep = () => Promise.reject(new RangeError('disk'));
    await expect(codes.verify('alice', codeAt(0))).rejects.toThrow('disk');
  });

  test('tells how long to wait for the next one', async () => {
    clock.advance(10_000);
    await codes.verify('alice', codeAt(0));
    expect(await codes.verify('alice', codeAt(0))).toEqual({ kind: 'replayed', waitMs: 20_000 });
  });

  test('of a clock that is off is refused with a hint, and a coming one is used up by the hint', async () => {
    expect(await codes.verify('alice', codeAt(-90))).toMatchObject({ kind: 'wrong', clockOffset: -90 });
    const coming = codeAt(60);
    expect(await codes.verify('alice', coming)).toMatchObject({ kind: 'wrong', clockOffset: 60 });
    clock.advance(60_000);
    expect(await codes.verify('alice', coming)).toMatchObject({ kind: 'replayed' });
  });

  test.each(['', '12345', '1234567', 'abcdef', '１２３４５６'])('misspelt %j counts as wrong', async (text) => {
    expect(await codes.verify('alice', text)).toMatchObject({ kind: 'wrong' });
    expect((await store.find('alice'))?.throttle.consecutive).toBe(1);
  });

  test('is refused when the clock went back behind an accepted one', async () => {
    await codes.verify('alice', codeAt(0));
    clock.jump(-60_000);
    expect(await codes.verify('alice', codeAt(0))).toEqual({ kind: 'clock-went-back' });
  });

  test('of somebody without a factor, or sealed for somebody else, is never accepted', async () => {
    expect(await codes.verify('bob', codeAt(0))).toEqual({ kind: 'not-enrolled' });
    const factor = await store.find('alice');
    if (factor !== null) store.factors.set('bob', { ...factor, user: 'bob' });
    await expect(codes.verify('bob', codeAt(0))).rejects.toMatchObject({ code: 'sealing.damaged' });
  });

  test('typed outside of a panel is burnt, anything else is left alone', async () => {
    expect(await codes.burnIfValid('alice', wrongCode())).toBe(false);
    expect(await codes.burnIfValid('alice', codeAt(0))).toBe(true);
    expect(await codes.burnIfValid('alice', codeAt(0))).toBe(false);
    expect(await codes.verify('alice', codeAt(0))).toMatchObject({ kind: 'replayed' });
    expect((await store.find('alice'))?.throttle.consecutive).toBe(0);
  });

  test('tells whose it is without using it up, but not to somebody who guesses', async () => {
    expect(await codes.ownerOf(codeAt(0), ['bob', 'alice'])).toBe('alice');
    expect(await codes.ownerOf(codeAt(0), ['bob'])).toBeNull();
    for (let i = 0; i < 4; i++) expect(await codes.ownerOf(wrongCode(), ['alice'])).toBeNull();
    expect(await codes.ownerOf(codeAt(0), ['alice'])).toBeNull();
    clock.advance(30_000);
    expect(await codes.ownerOf(codeAt(0), ['alice'])).toBe('alice');
    expect(await codes.verify('alice', codeAt(0))).toMatchObject({ kind: 'accepted' });
  });

  test('five wrong ones pause, doubling; right ones are not looked at meanwhile', async () => {
    for (let i = 0; i < 4; i++) expect(await codes.verify('alice', wrongCode())).toEqual({ kind: 'wrong' });
    const until = clock.now() + 30_000;
    expect(await codes.verify('alice', wrongCode())).toEqual({ kind: 'wrong', pausedUntil: until });
    expect(await codes.verify('alice', codeAt(0))).toEqual({ kind: 'paused', until });
    clock.advance(30_000);
    expect(await codes.verify('alice', wrongCode())).toEqual({ kind: 'wrong', pausedUntil: clock.now() + 60_000 });
    clock.advance(60_000);
    expect(await codes.verify('alice', codeAt(0))).toMatchObject({ kind: 'accepted' });
    expect(await codes.verify('alice', wrongCode())).toEqual({ kind: 'wrong' });
  });

  test('ten wrong ones in a row lock until an administrator unlocks', async () => {
    const lockouts: string[] = [];
    codes.onLockout((user) => lockouts.push(user));
    for (let i = 0; i < 10; i++) {
      await codes.verify('alice', wrongCode());
      clock.advance(16 * MINUTE);
    }
    expect(lockouts).toEqual(['alice']);
    expect(await codes.verify('alice', codeAt(0))).toEqual({ kind: 'locked' });
    expect(events.map((event) => event.type)).toContain('auth.lockout');
    expect(await codes.unlock('alice', 'root')).toBe(true);
    expect(await codes.verify('alice', codeAt(0))).toMatchObject({ kind: 'accepted' });
  });

  test('neither codes nor secrets are in the log or readable in the store', async () => {
    const code = codeAt(0);
    await codes.verify('alice', code);
    await codes.verify('alice', wrongCode());
    const text = JSON.stringify([events, [...store.factors]]);
    expect(text).not.toContain(code);
    expect(text).not.toContain(SECRET);
  });
});

describe('enrolment', () => {
  test('word, secret, first code, recovery codes and phrase', async () => {
    const word = await enrolment.issueWord('alice', 'root');
    expect(word).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/);
    expect(await enrolment.beginWithWord('alice', 'AAAA-AAAA-AAAA')).toEqual({ kind: 'wrong', triesLeft: 4 });
    const begun = await enrolment.beginWithWord('alice', word.toLowerCase().replaceAll('-', ' '));
    const secret = begun.kind === 'begun' ? begun.enrolment.secret : '';
    expect(begun).toMatchObject({ enrolment: { uri: `otpauth://totp/bastion:alice?secret=${secret}&issuer=bastion` } });
    expect(await codes.verify('alice', codeAt(0, secret))).toEqual({ kind: 'not-enrolled' });
    expect(await enrolment.activate('alice', '000000')).toEqual({ kind: 'wrong' });
    const active = await enrolment.activate('alice', codeAt(0, secret));
    expect(active).toMatchObject({ kind: 'active', phrase: expect.stringMatching(/^[a-z]+ [a-z]+ \d\d$/) });
    expect(active.kind === 'active' && new Set(active.recoveryCodes).size).toBe(10);
    expect(await codes.verify('alice', codeAt(0, secret))).toMatchObject({ kind: 'replayed' });
    clock.advance(30_000);
    expect(await codes.verify('alice', codeAt(0, secret))).toMatchObject({ kind: 'accepted' });
    expect(await enrolment.beginWithWord('alice', word)).toEqual({ kind: 'no-word' });
    expect((await store.find('alice'))?.madeBy).toEqual(['root', 'alice']);
    const text = JSON.stringify([events, [...store.factors], [...store.words]]);
    for (const told of [secret, word, ...(active.kind === 'active' ? active.recoveryCodes : [])]) {
      expect(text).not.toContain(told);
    }
  });

  test('a word works for its owner, 15 minutes and five tries long', async () => {
    const word = await enrolment.issueWord('alice', 'root');
    expect(await enrolment.beginWithWord('bob', word)).toEqual({ kind: 'no-word' });
    for (let left = 4; left >= 0; left--) {
      expect(await enrolment.beginWithWord('alice', 'ZZZZ')).toEqual({ kind: 'wrong', triesLeft: left });
    }
    expect(await enrolment.beginWithWord('alice', word)).toEqual({ kind: 'no-word' });
    const late = await enrolment.issueWord('alice', 'root');
    clock.advance(15 * MINUTE);
    expect(await enrolment.beginWithWord('alice', late)).toEqual({ kind: 'word-expired' });
  });

  test('a recovery code begins once, approves nothing, and guessing it is slowed down', async () => {
    const word = await enrolment.issueWord('alice', 'root');
    const begun = await enrolment.beginWithWord('alice', word);
    const active = await enrolment.activate('alice', codeAt(0, begun.kind === 'begun' ? begun.enrolment.secret : ''));
    const [recovery = ''] = active.kind === 'active' ? active.recoveryCodes : [];
    expect(await codes.verify('alice', recovery)).toMatchObject({ kind: 'wrong' });
    expect(await enrolment.beginWithRecovery('alice', 'WRONG-WRONG')).toMatchObject({ kind: 'code' });
    expect((await store.find('alice'))?.throttle.consecutive).toBe(2);
    expect(await enrolment.beginWithRecovery('alice', recovery.toLowerCase())).toMatchObject({ kind: 'begun' });
    expect(await enrolment.beginWithRecovery('alice', recovery)).toMatchObject({ kind: 'code' });
  });

  test('a current code begins; the hands in a fresh factor are remembered', async () => {
    await enrolment.importSecret('alice', SECRET, 'mallory');
    const begun = await enrolment.beginWithCode('alice', codeAt(0));
    expect(begun.kind).toBe('begun');
    await enrolment.activate('alice', codeAt(0, begun.kind === 'begun' ? begun.enrolment.secret : ''));
    expect((await store.find('alice'))?.madeBy).toEqual(['mallory', 'alice']);
    expect(await enrolment.beginWithCode('alice', '000000')).toMatchObject({
      kind: 'code',
      outcome: { kind: 'wrong' },
    });
  });

  test('import is strict, reset takes the factor away', async () => {
    for (const bad of ['', 'JBSWY3DPEHPK3PXP', 'not base32!', `${SECRET}1`]) {
      await expect(enrolment.importSecret('alice', bad, 'root')).rejects.toMatchObject({ code: 'totp.secret' });
    }
    await expect(enrolment.importSecret('nobody', SECRET, 'root')).rejects.toMatchObject({ kind: 'not-found' });
    await enrolment.importSecret('alice', 'gezd gnbv gy3t qojq GEZD GNBV GY3T QOJQ', 'root');
    expect(await codes.verify('alice', codeAt(0))).toMatchObject({ kind: 'accepted' });
    await enrolment.reset('alice', 'root');
    expect(await codes.verify('alice', codeAt(0))).toEqual({ kind: 'not-enrolled' });
    expect(events.map((event) => event.type)).toEqual(['totp.enrolled', 'totp.reset']);
  });

  test('what was begun too long ago is not activated', async () => {
    const word = await enrolment.issueWord('alice', 'root');
    const begun = await enrolment.beginWithWord('alice', word);
    clock.advance(15 * MINUTE);
    const code = codeAt(0, begun.kind === 'begun' ? begun.enrolment.secret : '');
    expect(await enrolment.activate('alice', code)).toEqual({ kind: 'not-begun' });
  });

  test('the QR code fits into 80 columns and 24 rows with its colours set', async () => {
    const begun = await enrolment.beginWithWord('alice', await enrolment.issueWord('alice', 'root'));
    const { rows, width } = enrolmentQr(begun.kind === 'begun' ? begun.enrolment.uri : '');
    expect(width).toBe(39);
    expect(rows).toHaveLength(20);
    expect(rows.every((row) => row.startsWith('\x1b[38;5;16;48;5;231m') && row.endsWith('\x1b[0m'))).toBe(true);
  });
});
