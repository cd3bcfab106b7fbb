/** Approving by signature over HTTP: what is to be signed can be fetched, and only what was signed for this counts. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ApprovalRequest } from '../../../src/model/approval-request.ts';
import type { Stage } from '../../../src/model/requirement.ts';
import { toSignSchema } from '../../../src/web/schemas.ts';
import { requirement, stage } from '../../support/desk-world.ts';
import { SoftwareKey } from '../../support/software-keys.ts';
import { type WebAnswer, WebWorld } from '../../support/web-world.ts';

const by = (...factors: Stage['factors']) => requirement([stage({ role: 'sre' }, { factors })]);

let world: WebWorld;
let bob: string;
let bobs: SoftwareKey;
let carols: SoftwareKey;
let request: ApprovalRequest;

beforeAll(async () => {
  world = await WebWorld.unlimited();
  bobs = await world.key('bob');
  carols = await world.key('carol');
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(async () => {
  ({ bob } = await world.fresh());
  request = await world.hold(by('signature'));
});

const codeOf = ({ json }: WebAnswer): unknown => (json['error'] as { readonly code: string } | undefined)?.code;
const textFor = (token: string, one = request): Promise<WebAnswer> =>
  world.get(`/v1/requests/${one.id}/to-sign`, token);

/** The text that is to be signed, as it came. */
async function statementFor(token: string, one = request): Promise<string> {
  const answer = await textFor(token, one);
  expect(toSignSchema.safeParse(answer.json).error).toBeUndefined();
  return toSignSchema.parse(answer.json).statement;
}

const approve = (token: string | undefined, more: object, one = request): Promise<WebAnswer> =>
  world.decide(one, token, { verdict: 'approve', digest: one.digest, ...more });

async function expectHeld(): Promise<void> {
  expect(await world.stateOf(request)).toBe('pending');
  expect(await world.consume(request)).toMatchObject({ kind: 'refused' });
}

describe('a signature', () => {
  test('over what was fetched approves, is stored with the vote and in the log, and releases once', async () => {
    const answer = await textFor(bob);
    const { uid } = request.statement;
    expect(answer).toMatchObject({ status: 200, json: { uid, digest: request.digest, statement_with_grant: null } });
    const { statement, namespace } = toSignSchema.parse(answer.json);
    expect(namespace).toBe('approve@bastion.test');
    const armored = bobs.sign(statement, { namespace });
    const approved = await approve(bob, { signature: armored, reason: 'read it' });
    const evidence = { statement, namespace, armored, public_key: bobs.line };
    expect(approved).toMatchObject({
      status: 200,
      json: {
        outcome: 'approved',
        votes: [{ approver: 'bob', factor: 'signature', door: 'web', signature: evidence }],
      },
    });
    const [vote] = (await world.events('approval.vote')).slice(-1);
    expect(vote).toMatchObject({ approval: { door: 'web', factor: 'signature', signature: evidence } });
    const consumed = [await world.consume(request), await world.consume(request)];
    expect(consumed.map(({ kind }) => kind)).toEqual(['granted', 'refused']);
  });

  test('of a security key, where one is asked for; a plain key does not do', async () => {
    const token = await world.key('bob', 'sk-ssh-ed25519@openssh.com');
    request = await world.hold(by('sk-signature'));
    const statement = await statementFor(bob);
    const plain = await approve(bob, { signature: bobs.sign(statement) });
    expect([plain.status, codeOf(plain)]).toEqual([422, 'vote.factor-not-available']);
    await expectHeld();
    expect(await approve(bob, { signature: token.sign(statement) })).toMatchObject({ status: 200 });
  });

  test('of one and the code of another, where two people are asked', async () => {
    request = await world.hold(requirement([stage({ role: 'sre' }, { count: 2, factors: ['totp', 'signature'] })]));
    const signed = await approve(bob, { signature: bobs.sign(await statementFor(bob)) });
    expect(signed).toMatchObject({ status: 200, json: { outcome: 'counted' } });
    expect(codeOf(await approve(bob, { code: world.code('bob') }))).toBe('vote.already-voted');
    await expectHeld();
    const carol = await world.token('carol');
    expect(await approve(carol, { code: world.code('carol') })).toMatchObject({ json: { outcome: 'approved' } });
  });
});

describe('what is not signed for this request leaves it held', () => {
  test.each<[string, () => Promise<string>]>([
    ['another request', async () => bobs.sign(await statementFor(bob, await world.hold(by('signature'))))],
    ['another person', async () => bobs.sign(await statementFor(await world.token('carol')))],
    ['a denial', async () => bobs.sign((await statementFor(bob)).replace('"approve"', '"deny"'))],
    ['another purpose', async () => bobs.sign(await statementFor(bob), { namespace: 'file' })],
    ['another bastion', async () => bobs.sign(await statementFor(bob), { namespace: 'approve@other.test' })],
    ['a text with another end', async () => bobs.sign((await statementFor(bob)).trimEnd())],
    ["somebody else's key", async () => carols.sign(await statementFor(bob))],
    ['a key of nobody', async () => new SoftwareKey('ssh-ed25519').sign(await statementFor(bob))],
    ['nothing', async () => ''],
    ['nothing that can be read', async () => '\u001b[2J\u202e\u0000<!channel>'],
  ])('%s', async (_, make) => {
    const answer = await approve(bob, { signature: await make() });
    expect([answer.status, codeOf(answer)]).toEqual([422, 'vote.wrong-signature']);
    expect(answer.text).not.toContain('\u202e');
    await expectHeld();
    const events = await world.events('approval.signature_rejected');
    expect(events.at(-1)).toMatchObject({ actor: { user: 'bob' }, approval: { uid: request.statement.uid } });
    // It costs nobody a try.
    expect(await approve(bob, { signature: bobs.sign(await statementFor(bob)) })).toMatchObject({ status: 200 });
  });

  test('a code in its place, and a signature where a code is asked for', async () => {
    const byCode = await approve(bob, { code: world.code('bob') });
    expect([byCode.status, codeOf(byCode)]).toEqual([422, 'vote.factor-not-available']);
    const signature = bobs.sign(await statementFor(bob));
    await expectHeld();
    request = await world.hold(by('totp'));
    expect(codeOf(await textFor(bob))).toBe('vote.factor-not-available');
    expect(codeOf(await approve(bob, { signature }))).toBe('vote.factor-not-available');
    await expectHeld();
  });

  test.each([
    ['both a code and a signature', { code: '000000', signature: 'x' }],
    ['one without an end', { signature: 'x'.repeat(6001) }],
    ['one that is no text', { signature: ['x'] }],
    ['nothing', { signature: null }],
    ['a denial that is signed', { verdict: 'deny', signature: 'x' }],
  ])('%s', async (_, more) => {
    const answer = await approve(bob, more);
    expect([answer.status, codeOf(answer)]).toEqual([400, 'request.body']);
    await expectHeld();
  });

  test('a signature with another digest, without a token, or with one that may only read', async () => {
    const signature = bobs.sign(await statementFor(bob));
    const forged = await approve(bob, { signature, digest: `sha256:${'0'.repeat(64)}` });
    expect([forged.status, codeOf(forged)]).toEqual([409, 'vote.mismatch']);
    expect(await approve(undefined, { signature })).toMatchObject({ status: 401 });
    expect(codeOf(await approve(await world.token('bob', 'read'), { signature }))).toBe('token.scope');
    const foreign = await approve(await world.token('carol'), { signature });
    expect([foreign.status, codeOf(foreign)]).toEqual([422, 'vote.wrong-signature']);
    await expectHeld();
  });

  test('the signature of the requester, whatever it is over', async () => {
    const own = await world.key('alice');
    const alice = await world.token('alice');
    expect(codeOf(await textFor(alice))).toBe('vote.not-an-approver');
    const theirs = (await statementFor(bob)).replace('approver="bob"', 'approver="alice"');
    const answer = await approve(alice, { signature: own.sign(theirs) });
    expect([answer.status, codeOf(answer)]).toEqual([403, 'vote.self-refused']);
    await expectHeld();
  });

  test('one of a key that the requester gave to the approver today', async () => {
    const planted = await world.key('bob', 'ssh-ed25519', 'alice');
    const answer = await approve(bob, { signature: planted.sign(await statementFor(bob)) });
    expect([answer.status, codeOf(answer)]).toEqual([403, 'vote.too-fresh']);
    await expectHeld();
  });

  test('one whose key was removed before the release', async () => {
    const lost = await world.key('bob');
    expect(await approve(bob, { signature: lost.sign(await statementFor(bob)) })).toMatchObject({ status: 200 });
    await world.knowledge.users.removeKey('bob', lost.fingerprint, 'root');
    expect(await world.consume(request)).toMatchObject({ kind: 'refused' });
    expect(await world.stateOf(request)).toBe('voided');
  });
});

describe('a signature that was sent before', () => {
  test('on a request that is decided', async () => {
    const signature = bobs.sign(await statementFor(bob));
    await approve(bob, { signature });
    const again = await approve(bob, { signature });
    expect([again.status, codeOf(again)]).toEqual([409, 'request.decided']);
    const text = await textFor(bob);
    expect([text.status, codeOf(text)]).toEqual([409, 'request.decided']);
  });

  test('on one that has expired', async () => {
    const signature = bobs.sign(await statementFor(bob));
    world.clock.advance(700_000);
    expect(await approve(bob, { signature })).toMatchObject({ status: 410 });
    expect(await textFor(bob)).toMatchObject({ status: 410 });
  });

  test('whose vote became void', async () => {
    request = await world.hold(requirement([stage({ role: 'sre' }, { count: 2, factors: ['signature'] })]));
    const first = await world.token('bob');
    const signature = bobs.sign(await statementFor(bob));
    expect(await approve(first, { signature })).toMatchObject({ json: { outcome: 'counted' } });
    const [token] = (await world.knowledge.tokens.list()).filter(({ id }) => first.includes(id));
    await world.knowledge.tokens.remove(token?.name ?? '', 'root');
    await world.knowledge.desk.reviewPeople();
    const again = await approve(bob, { signature });
    expect([again.status, codeOf(again)]).toEqual([409, 'vote.signature-used']);
    await expectHeld();
  });

  test('twice at once counts once', async () => {
    const signature = bobs.sign(await statementFor(bob));
    const answers = await Promise.all([1, 2].map(() => approve(bob, { signature })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });
});

test('what is to be signed is for those who are asked, and for nobody else to know of', async () => {
  const statuses = async (name: string): Promise<number> => (await textFor(await world.token(name))).status;
  expect(await Promise.all(['bob', 'alice', 'ada', 'erin'].map(statuses))).toEqual([200, 403, 403, 404]);
  expect(await world.get(`/v1/requests/${request.id}/to-sign`)).toMatchObject({ status: 401 });
  expect(await world.send('POST', `/v1/requests/${request.id}/to-sign`, bob, '{}')).toMatchObject({ status: 405 });
});
