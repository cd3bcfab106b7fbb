import { describe, expect, test } from 'vitest';
import { BASTION, DeskWorld, principal, requirement, stage, type Trouble } from '../../test/support/desk-world.ts';
import { SoftwareKey } from '../../test/support/software-keys.ts';
import type { ApprovalRequest } from '../model/approval-request.ts';
import { requestView } from './request-view.ts';
import { approvalStatement } from './signed-statement.ts';

const SIGNED = requirement([stage({ role: 'sre' }, { factors: ['signature'] })]);
const TOKEN = requirement([stage({ role: 'sre' }, { factors: ['sk-signature'] })]);
const PIN = requirement([stage({ role: 'sre' }, { factors: ['totp', 'sk-signature'], verify: true })]);
const EITHER = requirement([stage({ role: 'sre' }, { factors: ['totp', 'sk-signature'] })]);
const HOUR = 3_600_000;

const plain = new SoftwareKey('ssh-ed25519');
const token = new SoftwareKey('sk-ssh-ed25519@openssh.com');
const other = new SoftwareKey('sk-ecdsa-sha2-nistp256@openssh.com');

/** bob has a plain key and a token, carol another token. */
function world(): DeskWorld {
  const made = new DeskWorld();
  made.key('bob', plain);
  made.key('bob', token);
  made.key('carol', other);
  return made;
}

async function stateOf(at: DeskWorld, request: ApprovalRequest): Promise<string | undefined> {
  return (await at.desk.find(request.statement.uid))?.state;
}

describe('a signature', () => {
  test('approves, is stored with the vote and in the log, and releases once', async () => {
    const at = world();
    const request = await at.open({}, TOKEN);
    const armored = at.signature(request, 'bob', token);
    const vote = await at.vote(request, 'bob', { code: null, signature: armored });
    expect(vote).toMatchObject({ kind: 'approved' });
    const expected = {
      statement: approvalStatement(request, 'bob', BASTION),
      namespace: 'approve@bastion.test',
      armored,
      public_key: token.line,
      fingerprint: token.fingerprint,
      user_verified: false,
    };
    const [stored] = await at.desk.list();
    expect(stored && requestView(stored).votes).toMatchObject([{ factor: 'sk-signature', signature: expected }]);
    const event = at.events.find(({ type }) => type === 'approval.vote');
    expect(event?.approval).toMatchObject({ verdict: 'approve', factor: 'sk-signature', signature: expected });
    expect(await at.consume(request)).toMatchObject({ kind: 'granted' });
    expect(await at.consume(request)).toMatchObject({ kind: 'refused' });
  });

  test.each([
    ['signature', SIGNED, plain, 'approved'],
    ['signature', SIGNED, token, 'approved'],
    ['sk-signature', TOKEN, token, 'approved'],
    ['sk-signature', TOKEN, plain, 'factor-not-available'],
    ['totp or sk-signature', EITHER, token, 'approved'],
    ['totp or sk-signature', EITHER, plain, 'factor-not-available'],
    ['totp', requirement([stage({ role: 'sre' })]), token, 'factor-not-available'],
  ] as const)('where %s is asked for', async (_, asked, key, outcome) => {
    const at = world();
    const request = await at.open({}, asked);
    expect((await at.sign(request, 'bob', key)).kind).toBe(outcome);
    expect(await stateOf(at, request)).toBe(outcome === 'approved' ? 'approved' : 'pending');
  });

  test('is asked for: a code does not do, and is not used up', async () => {
    const at = world();
    const request = await at.open({}, TOKEN);
    at.troubles.set('codes.verify', 'throws');
    expect(await at.vote(request, 'bob')).toMatchObject({ kind: 'factor-not-available' });
    expect(await stateOf(at, request)).toBe('pending');
  });

  test('where a PIN is asked for: a touch does not do, and a code still does', async () => {
    const at = world();
    const request = await at.open({}, PIN);
    expect(await at.sign(request, 'bob', token, { flags: 1 })).toMatchObject({ kind: 'factor-not-available' });
    expect(await at.sign(request, 'bob', token, { flags: 5 })).toMatchObject({ kind: 'approved' });
    expect(await at.vote(await at.open({}, PIN), 'bob')).toMatchObject({ kind: 'approved' });
  });
});

describe('refused, with the request still held', () => {
  test.each([
    ['another request', (at: DeskWorld, _: ApprovalRequest, twin: ApprovalRequest) => at.signature(twin, 'bob', token)],
    ['another person', (at: DeskWorld, request: ApprovalRequest) => at.signature(request, 'carol', token)],
    ['a key of another person', (at: DeskWorld, request: ApprovalRequest) => at.signature(request, 'bob', other)],
    [
      'another namespace',
      (at: DeskWorld, request: ApprovalRequest) => at.signature(request, 'bob', token, { namespace: 'git' }),
    ],
    [
      'a denial',
      (_: DeskWorld, request: ApprovalRequest) =>
        token.sign(approvalStatement(request, 'bob', BASTION).replace('"approve"', '"deny"')),
    ],
    [
      'another command',
      (at: DeskWorld, request: ApprovalRequest) =>
        at.signature({ ...request, statement: { ...request.statement, command: 'ls' } }, 'bob', token),
    ],
    [
      'another bastion',
      (_: DeskWorld, request: ApprovalRequest) =>
        token.sign(approvalStatement(request, 'bob', { ...BASTION, hostKey: 'SHA256:other' })),
    ],
    ['no touch', (at: DeskWorld, request: ApprovalRequest) => at.signature(request, 'bob', token, { flags: 0 })],
    ['nothing', () => ''],
  ])('a signature for %s', async (_, make) => {
    const at = world();
    const request = await at.open({}, TOKEN);
    const twin = await at.open({}, TOKEN);
    const outcome = await at.vote(request, 'bob', { code: null, signature: make(at, request, twin) });
    expect(outcome).toMatchObject({ kind: 'wrong-signature' });
    expect(at.types.at(-1)).toBe('approval.signature_rejected');
    expect(await stateOf(at, request)).toBe('pending');
    expect(await at.consume(request)).toMatchObject({ kind: 'refused' });
    // It costs nobody a try: the right one still counts.
    expect(await at.sign(request, 'bob', token)).toMatchObject({ kind: 'approved' });
  });

  test('a signature with a digest or a policy that was not shown', async () => {
    const at = world();
    const request = await at.open({}, TOKEN);
    const signature = at.signature(request, 'bob', token);
    for (const shown of [{ digest: 'sha256:0000000000000000' }, { policyHash: 'sha256:other' }]) {
      const outcome = await at.vote(request, 'bob', { code: null, signature, ...shown });
      expect(outcome).toEqual({ kind: 'mismatch' });
    }
  });

  test('the signature of the requester where somebody else is asked for, whatever their roles', async () => {
    const at = world();
    at.person('alice', { roles: ['sre', 'admin'] });
    const own = new SoftwareKey('sk-ssh-ed25519@openssh.com');
    at.key('alice', own);
    const request = await at.open({}, TOKEN);
    expect(await at.sign(request, 'alice', own)).toEqual({ kind: 'self-refused' });
    expect(at.types).toContain('approval.self_refused');
    expect(await stateOf(at, request)).toBe('pending');
  });

  test('a key that the requester gave to the approver less than 24 hours ago', async () => {
    const at = world();
    const planted = new SoftwareKey('sk-ssh-ed25519@openssh.com');
    at.key('bob', planted, 'alice', at.clock.now() - HOUR);
    const request = await at.open({}, TOKEN);
    expect(await at.sign(request, 'bob', planted)).toEqual({ kind: 'too-fresh', what: 'key' });
    expect(at.types.at(-1)).toBe('approval.signature_rejected');
    expect(await stateOf(at, request)).toBe('pending');
    expect(await at.sign(request, 'bob', token)).toMatchObject({ kind: 'approved' });
  });

  test.each<Trouble>(['throws', 'hangs'])('whatever %s on the way', async (trouble) => {
    for (const step of ['signatures.verify', 'people.find', 'approval.vote', 'approval.signature_rejected']) {
      const at = world();
      const request = await at.open({}, TOKEN);
      at.troubles.set(step, trouble);
      const key = step === 'approval.signature_rejected' ? plain : token;
      const outcome = at.sign(request, 'bob', key);
      await at.settle();
      at.clock.advance(5000);
      expect(await outcome).toMatchObject({ kind: 'failed' });
      expect(await stateOf(at, request)).toBe('pending');
      expect(await at.consume(request)).toMatchObject({ kind: 'refused' });
    }
  });
});

describe('counted once', () => {
  test('beside a code of the same person, in either order', async () => {
    const two = requirement([stage({ role: 'sre' }, { count: 2, factors: ['totp', 'signature'] })]);
    const at = world();
    const request = await at.open({}, two);
    expect(await at.sign(request, 'bob', token)).toMatchObject({ kind: 'counted' });
    expect(await at.vote(request, 'bob')).toEqual({ kind: 'already-voted' });
    expect(await at.sign(request, 'bob', plain)).toEqual({ kind: 'already-voted' });
    expect(await stateOf(at, request)).toBe('pending');
    expect(await at.vote(request, 'carol')).toMatchObject({ kind: 'approved' });
  });

  test('also after its vote became void', async () => {
    const two = requirement([stage({ role: 'sre' }, { count: 2, factors: ['signature'] })]);
    const at = world();
    const request = await at.open({}, two);
    const armored = at.signature(request, 'bob', plain);
    expect(await at.vote(request, 'bob', { code: null, signature: armored })).toMatchObject({ kind: 'counted' });
    at.person('bob', { disabled: true });
    await at.desk.reviewPeople();
    at.person('bob', { disabled: false });
    expect((await at.desk.list())[0]?.votes).toEqual([]);
    for (const again of [armored, at.signature(request, 'bob', token)]) {
      expect(await at.vote(request, 'bob', { code: null, signature: again })).toEqual({ kind: 'signature-used' });
    }
    expect(await stateOf(at, request)).toBe('pending');
  });
});

describe('a vote by signature', () => {
  const two = requirement([stage({ role: 'sre' }, { count: 2, factors: ['signature'] })]);

  test('is void once its key is removed, although the sign-in was with another one', async () => {
    const at = world();
    const request = await at.open({}, two);
    await at.sign(request, 'bob', token);
    await at.sign(request, 'carol', other);
    expect(await stateOf(at, request)).toBe('approved');
    const keys = at.people.get('bob')?.keys.filter(({ fingerprint }) => fingerprint !== token.fingerprint) ?? [];
    at.person('bob', { keys });
    expect(await at.consume(request)).toMatchObject({ kind: 'refused' });
    expect(await stateOf(at, request)).toBe('voided');
  });

  test('on the local socket, where no key signs in, is bound to its own key', async () => {
    const at = world();
    const request = await at.open({}, SIGNED);
    const signature = at.signature(request, 'bob', plain);
    const voter = { ...principal('bob'), address: 'local' };
    const outcome = await at.vote(request, 'bob', { code: null, signature, voter });
    expect(outcome).toMatchObject({ kind: 'approved' });
    at.person('bob', { keys: [] });
    expect(await at.consume(request)).toMatchObject({ kind: 'refused' });
  });

  test('counts for the step of a chain that is due, and the next asks somebody else', async () => {
    const chain = requirement([stage('requester'), stage({ role: 'sre' }, { factors: ['sk-signature'] })], {
      mode: 'sequential',
    });
    const at = world();
    const request = await at.open({}, chain);
    expect(await at.sign(request, 'bob', token)).toEqual({ kind: 'not-an-approver' });
    expect(await at.vote(request, 'alice')).toMatchObject({ kind: 'counted' });
    expect(await at.vote(request, 'bob')).toMatchObject({ kind: 'factor-not-available' });
    expect(await at.sign(request, 'bob', token)).toMatchObject({ kind: 'approved' });
  });

  test('may be the own one where the requester is asked for it', async () => {
    const at = world();
    const own = new SoftwareKey('ssh-ed25519');
    at.key('alice', own);
    const request = await at.open({}, requirement([stage('requester', { factors: ['signature'] })]));
    expect(await at.vote(request, 'alice')).toMatchObject({ kind: 'factor-not-available' });
    expect(await at.sign(request, 'alice', own)).toMatchObject({ kind: 'approved' });
  });
});
