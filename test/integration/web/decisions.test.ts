/** Deciding over HTTP, with real sockets and the real desk: what counts, what does not, and that nothing else releases. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ApprovalRequest } from '../../../src/model/approval-request.ts';
import { requirement, stage } from '../../support/desk-world.ts';
import { type WebAnswer, WebWorld } from '../../support/web-world.ts';

const DAY = 86_400_000;

let world: WebWorld;
let bob: string;
let request: ApprovalRequest;

beforeAll(async () => {
  world = await WebWorld.unlimited();
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(async () => {
  ({ bob, request } = await world.fresh());
});

const approval = (more: object = {}): object => ({ verdict: 'approve', digest: request.digest, ...more });
const codeOf = ({ json }: WebAnswer): unknown => (json['error'] as { readonly code: string } | undefined)?.code;

async function expectHeld(): Promise<void> {
  expect(await world.stateOf(request)).toBe('pending');
}

describe('what counts', () => {
  test('token, digest and code approve, once, and the desk gives one grant', async () => {
    const answer = await world.decide(request, bob, approval({ code: world.code('bob'), reason: 'go' }));
    expect(answer).toMatchObject({
      status: 200,
      json: { v: 1, outcome: 'approved', state: 'approved', id: request.id },
    });
    expect(answer.json['votes']).toMatchObject([{ approver: 'bob', factor: 'totp', door: 'web', reason: 'go' }]);
    const consumed = await Promise.all([1, 2].map(() => world.consume(request)));
    expect(consumed.map(({ kind }) => kind).sort()).toEqual(['granted', 'refused']);
    const [vote] = (await world.events('approval.vote')).slice(-1);
    expect(vote).toMatchObject({
      actor: { user: 'bob', address: '127.0.0.1' },
      approval: { door: 'web', code: 'second' },
    });
    const [signedIn] = (await world.events('auth.success')).slice(-1);
    expect(signedIn).toMatchObject({ actor: { user: 'bob', auth: 'token' }, detail: { scope: 'decide' } });
  });

  test('a code with blanks and the first digits of the digest will do', async () => {
    const code = world.code('bob').replace(/^(...)/, ' $1 ');
    const digest = request.digest.slice(7, 23).toUpperCase();
    expect(await world.decide(request, bob, { verdict: 'approve', digest, code })).toMatchObject({ status: 200 });
  });

  test('a request is found by its uid as well, and by its id in small letters', async () => {
    const body = JSON.stringify({ verdict: 'deny', digest: request.digest });
    const path = `/v1/requests/${request.statement.uid}/decision`;
    expect(await world.send('POST', path, bob, body)).toMatchObject({ status: 200, json: { outcome: 'denied' } });
    expect(await world.get(`/v1/requests/${request.id.toLowerCase()}`, bob)).toMatchObject({
      json: { state: 'denied' },
    });
  });

  test('a denial takes token and digest, as other doors take no code for it', async () => {
    const answer = await world.decide(request, bob, { verdict: 'deny', digest: request.digest, reason: 'not now' });
    expect(answer).toMatchObject({ status: 200, json: { outcome: 'denied', state: 'denied' } });
  });

  test('the requester may take their own back', async () => {
    const answer = await world.decide(request, await world.token('alice'), { verdict: 'deny', digest: request.digest });
    expect(answer).toMatchObject({ status: 200, json: { outcome: 'cancelled' } });
  });

  test('the first of two is counted, the second approves', async () => {
    request = await world.hold(requirement([stage({ role: 'sre' }, { count: 2 })]));
    const first = await world.decide(request, bob, approval({ code: world.code('bob') }));
    expect(first).toMatchObject({ status: 200, json: { outcome: 'counted', state: 'pending' } });
    const again = await world.decide(request, bob, approval({ code: world.code('bob') }));
    expect(again).toMatchObject({ status: 409 });
    const carol = await world.token('carol');
    const second = await world.decide(request, carol, approval({ code: world.code('carol') }));
    expect(second).toMatchObject({ status: 200, json: { outcome: 'approved' } });
  });

  test("one's own code, where the policy asks for no more", async () => {
    request = await world.hold(requirement([stage('requester')]));
    const alice = await world.token('alice');
    expect(await world.decide(request, alice, approval())).toMatchObject({ status: 422 });
    const answer = await world.decide(request, alice, approval({ code: world.code('alice') }));
    expect(answer).toMatchObject({ status: 200, json: { outcome: 'approved' } });
  });
});

describe('what does not', () => {
  test('a token without a code', async () => {
    const answer = await world.decide(request, bob, approval());
    expect([answer.status, codeOf(answer)]).toEqual([422, 'vote.code-needed']);
    await expectHeld();
  });

  test('a code without a token', async () => {
    expect(await world.decide(request, undefined, approval({ code: world.code('bob') }))).toMatchObject({
      status: 401,
    });
    await expectHeld();
  });

  test('a token and the code of somebody else', async () => {
    const answer = await world.decide(request, bob, approval({ code: world.code('carol') }));
    expect([answer.status, codeOf(answer)]).toEqual([422, 'vote.wrong-code']);
    await expectHeld();
  });

  test('a forged digest; the code is not used up by it', async () => {
    const code = world.code('bob');
    const answer = await world.decide(request, bob, { ...approval({ code }), digest: `sha256:${'0'.repeat(64)}` });
    expect([answer.status, codeOf(answer)]).toEqual([409, 'vote.mismatch']);
    await expectHeld();
    expect(await world.decide(request, bob, approval({ code }))).toMatchObject({ status: 200 });
  });

  test('the digest of another request', async () => {
    const other = await world.hold();
    const answer = await world.decide(request, bob, { ...approval({ code: world.code('bob') }), digest: other.digest });
    expect(codeOf(answer)).toBe('vote.mismatch');
    await expectHeld();
  });

  test('an old code, a used one, and one that was used on another request', async () => {
    expect(codeOf(await world.decide(request, bob, approval({ code: world.oldCode('bob') })))).toBe('vote.wrong-code');
    const code = world.code('bob');
    const other = await world.hold();
    const spent = { verdict: 'approve', digest: other.digest, code };
    expect(await world.decide(other, bob, spent)).toMatchObject({ status: 200 });
    const replayed = await world.decide(request, bob, approval({ code }));
    expect([replayed.status, codeOf(replayed)]).toEqual([422, 'vote.used-code']);
    await expectHeld();
    expect((await world.events('approval.code_replayed')).length).toBeGreaterThan(0);
  });

  test('three wrong codes put their giver out of the request, and nobody else', async () => {
    for (const left of [2, 1, 0]) {
      const answer = await world.decide(request, bob, approval({ code: '000000' }));
      expect(answer.text).toContain(`${left} ${left === 1 ? 'try' : 'tries'} left`);
    }
    const answer = await world.decide(request, bob, approval({ code: world.code('bob') }));
    expect([answer.status, codeOf(answer)]).toEqual([403, 'vote.out']);
    const carol = await world.token('carol');
    expect(await world.decide(request, carol, approval({ code: world.code('carol') }))).toMatchObject({ status: 200 });
    await world.knowledge.codes.unlock('bob', 'root');
  });

  test('the requester, where a second person is asked; and it is written down', async () => {
    const alice = await world.token('alice');
    const answer = await world.decide(request, alice, approval({ code: world.code('alice') }));
    expect([answer.status, codeOf(answer)]).toEqual([403, 'vote.self-refused']);
    await expectHeld();
    expect((await world.events('approval.self_refused')).slice(-1)).toMatchObject([{ actor: { user: 'alice' } }]);
  });

  test('somebody who may see it but is not asked', async () => {
    const ada = await world.token('ada');
    for (const verdict of ['approve', 'deny']) {
      const answer = await world.decide(request, ada, { verdict, digest: request.digest });
      expect([answer.status, codeOf(answer)]).toEqual([403, 'vote.not-an-approver']);
    }
    await expectHeld();
  });

  test('a token that may only read', async () => {
    const answer = await world.decide(request, await world.token('bob', 'read'), approval({ code: world.code('bob') }));
    expect([answer.status, codeOf(answer)]).toEqual([403, 'token.scope']);
    await expectHeld();
  });

  test('a token that the requester made for the approver today', async () => {
    const token = await world.token('bob', 'decide', DAY, 'alice');
    const answer = await world.decide(request, token, approval({ code: world.code('bob') }));
    expect([answer.status, codeOf(answer)]).toEqual([403, 'vote.too-fresh']);
    await expectHeld();
  });

  test('an expired token', async () => {
    const token = await world.token('bob', 'decide', 60_000);
    world.clock.advance(60_000);
    expect(await world.decide(request, token, approval({ code: world.code('bob') }))).toMatchObject({ status: 401 });
    await expectHeld();
    expect((await world.events('auth.failure')).slice(-1)).toMatchObject([
      { actor: { user: 'bob', auth: 'token' }, reason: 'token has expired' },
    ]);
  });

  test('the token of somebody who was disabled, also after they were enabled again', async () => {
    const { users } = world.knowledge;
    await users.disable('bob', 'root');
    expect(await world.decide(request, bob, approval({ code: world.code('bob') }))).toMatchObject({ status: 401 });
    await users.enable('bob', 'root');
    expect(await world.decide(request, bob, approval({ code: world.code('bob') }))).toMatchObject({ status: 401 });
    await expectHeld();
  });

  test('the token of somebody who was removed, also when another person gets the name', async () => {
    const { users } = world.knowledge;
    await users.add({ name: 'dan', roles: ['sre'], keys: [] }, 'root');
    const dan = await world.token('dan');
    expect(await world.get('/v1/requests', dan)).toMatchObject({ status: 200 });
    await users.remove('dan', 'root');
    await users.add({ name: 'dan', roles: ['sre'], keys: [] }, 'root');
    expect(await world.get('/v1/requests', dan)).toMatchObject({ status: 401 });
  });

  test('a vote whose token ended before the command was released', async () => {
    await world.decide(request, bob, approval({ code: world.code('bob') }));
    expect(await world.stateOf(request)).toBe('approved');
    const [token] = (await world.knowledge.tokens.list()).filter(({ id }) => bob.includes(id));
    await world.knowledge.tokens.remove(token?.name ?? '', 'root');
    expect(await world.consume(request)).toMatchObject({ kind: 'refused' });
    expect(await world.stateOf(request)).toBe('voided');
  });
});

describe('what is over', () => {
  test('a decided request', async () => {
    await world.decide(request, bob, { verdict: 'deny', digest: request.digest });
    const answer = await world.decide(request, bob, approval({ code: world.code('bob') }));
    expect([answer.status, codeOf(answer)]).toEqual([409, 'request.decided']);
  });

  test('an expired one', async () => {
    world.clock.advance(700_000);
    const answer = await world.decide(request, bob, approval({ code: world.code('bob') }));
    expect([answer.status, codeOf(answer)]).toEqual([410, 'request.expired']);
  });

  test('of two decisions at once exactly one counts', async () => {
    const carol = await world.token('carol');
    const [ours, theirs] = [world.code('bob'), world.code('carol')];
    const answers = await Promise.all([
      world.decide(request, bob, approval({ code: ours })),
      world.decide(request, carol, approval({ code: theirs })),
      world.decide(request, carol, { verdict: 'deny', digest: request.digest }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    expect((await world.knowledge.desk.find(request.statement.uid))?.votes).toHaveLength(1);
  });

  test('one code for two requests at once approves one of them', async () => {
    const other = await world.hold();
    const code = world.code('bob');
    const answers = await Promise.all([
      world.decide(request, bob, approval({ code })),
      world.decide(other, bob, { verdict: 'approve', digest: other.digest, code }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 422]);
  });
});

test('five wrong codes in a row end the token before they lock the person', async () => {
  const requests = [request, await world.hold()];
  const tries = [0, 0, 0, 1, 1];
  for (const index of tries) {
    const one = requests[index] ?? request;
    await world.decide(one, bob, { verdict: 'approve', digest: one.digest, code: '000000' });
  }
  expect(await world.get('/v1/requests', bob)).toMatchObject({ status: 401 });
  expect((await world.events('token.ended')).slice(-1)).toMatchObject([
    { reason: 'wrong codes', actor: { user: 'bob' } },
  ]);
  expect(await world.events('auth.lockout')).toEqual([]);
  await world.knowledge.codes.unlock('bob', 'root');
  await expectHeld();
});
