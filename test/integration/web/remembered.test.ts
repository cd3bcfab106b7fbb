/** Having an approval remembered over HTTP: only on the terms that the request offers, and that its givers agreed to. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CommandGrant } from '../../../src/approval/grant-ports.ts';
import type { ApprovalRequest } from '../../../src/model/approval-request.ts';
import type { GrantTerms } from '../../../src/model/grant-terms.ts';
import { toSignSchema } from '../../../src/web/schemas.ts';
import { requirement, stage } from '../../support/desk-world.ts';
import type { SoftwareKey } from '../../support/software-keys.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { type WebAnswer, WebWorld } from '../../support/web-world.ts';

const TERMS: GrantTerms = {
  scope: 'command',
  rules: ['deletes'],
  words: null,
  inSession: false,
  minutes: 15,
  uses: 2,
  cost: 1,
};
const EITHER = requirement([stage({ role: 'sre' }, { factors: ['totp', 'signature'] })]);
const BOTH = requirement([stage({ role: 'sre' }, { count: 2, factors: ['totp', 'signature'] })]);

let world: WebWorld;
let bob: string;
let key: SoftwareKey;
let request: ApprovalRequest;

beforeAll(async () => {
  world = await WebWorld.unlimited();
  key = await world.key('bob');
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(async () => {
  ({ bob } = await world.fresh());
  for (const grant of await world.knowledge.commandGrants.list()) await revoke(grant);
  request = await world.hold(EITHER, TERMS);
});

async function revoke(grant: CommandGrant): Promise<void> {
  if (grant.state === 'active') await world.knowledge.commandGrants.revoke(grant, 'root');
}

const codeOf = ({ json }: WebAnswer): unknown => (json['error'] as { readonly code: string } | undefined)?.code;
const approve = (token: string, more: object): Promise<WebAnswer> =>
  world.decide(request, token, { verdict: 'approve', digest: request.digest, ...more });

/** What bob signs: to approve it, or to have it remembered too. */
async function texts(): Promise<{ readonly plain: string; readonly remembered: string }> {
  const { json } = await world.get(`/v1/requests/${request.id}/to-sign`, bob);
  const { statement, statement_with_grant: remembered } = toSignSchema.parse(json);
  return { plain: statement, remembered: remembered ?? '' };
}

/** Lets the command go; resolves with whether that is remembered, as the log says. */
async function isRemembered(): Promise<boolean> {
  expect(await world.consume(request)).toMatchObject({ kind: 'granted' });
  // The desk does not wait for it, but what is to be remembered is in the log before this event.
  await world.state.audit.append({ type: 'test.after', outcome: 'success' });
  const events = await world.events('grant.approved');
  return events.some(({ grant }) => Object(grant).uid === request.statement.uid);
}

describe('an approval is remembered', () => {
  test('with the code, on the terms that the request shows', async () => {
    const read = await world.get(`/v1/requests/${request.id}`, bob);
    expect(read.json['grant']).toBe('exactly "rm -r old-logs" for 15 min, at most 2 times');
    const approved = await approve(bob, { code: world.code('bob'), grant: true });
    expect(approved).toMatchObject({ status: 200, json: { votes: [{ approver: 'bob', grant: true }] } });
    expect(await isRemembered()).toBe(true);
    const grant = await waitUntil('it is remembered', async () => (await world.knowledge.commandGrants.list()).at(-1));
    expect(grant).toMatchObject({ uid: request.statement.uid, terms: TERMS, state: 'active' });
    const [event] = (await world.events('grant.approved')).slice(-1);
    expect(event).toMatchObject({ grant: { uid: request.statement.uid, approvers: ['bob'] } });
    const next = await world.hold(EITHER, TERMS);
    expect(next).toMatchObject({ state: 'approved', byGrant: { id: request.id } });
  });

  test('with a signature over these terms', async () => {
    const { plain, remembered } = await texts();
    expect(remembered).toBe(
      `${plain}grant={"cost":1,"inSession":false,"minutes":15,"rules":["deletes"],"scope":"command","uses":2,"words":null}\n`,
    );
    const approved = await approve(bob, { signature: key.sign(remembered), grant: true });
    expect(approved).toMatchObject({ json: { votes: [{ grant: true, signature: { statement: remembered } }] } });
    expect(await isRemembered()).toBe(true);
  });
});

describe('it is not', () => {
  test('unless that is said', async () => {
    await approve(bob, { code: world.code('bob') });
    expect(await isRemembered()).toBe(false);
  });

  test('unless all who approve say so', async () => {
    request = await world.hold(BOTH, TERMS);
    const carol = await world.token('carol');
    await approve(bob, { code: world.code('bob'), grant: true });
    expect(await approve(carol, { code: world.code('carol') })).toMatchObject({ json: { outcome: 'approved' } });
    expect(await isRemembered()).toBe(false);
  });

  test.each<[string, (text: Awaited<ReturnType<typeof texts>>) => [string, boolean]]>([
    ['without the terms', ({ plain }) => [plain, true]],
    ['over the terms, where it is not wanted', ({ remembered }) => [remembered, false]],
    ['over more minutes', ({ remembered }) => [remembered.replace('"minutes":15', '"minutes":600'), true]],
    ['over more uses', ({ remembered }) => [remembered.replace('"uses":2', '"uses":200'), true]],
    ['over a wider scope', ({ remembered }) => [remembered.replace('"scope":"command"', '"scope":"session"'), true]],
  ])('by a signature %s; the request stays held', async (_, choose) => {
    const [text, grant] = choose(await texts());
    const answer = await approve(bob, { signature: key.sign(text), grant });
    expect([answer.status, codeOf(answer)]).toEqual([422, 'vote.wrong-signature']);
    expect(await world.stateOf(request)).toBe('pending');
  });

  test('where the request does not offer it: nobody is to believe that; the code is not used up', async () => {
    request = await world.hold(EITHER);
    const code = world.code('bob');
    const answer = await approve(bob, { code, grant: true });
    expect([answer.status, codeOf(answer)]).toEqual([409, 'vote.grant-not-offered']);
    expect(await world.stateOf(request)).toBe('pending');
    expect(await approve(bob, { code })).toMatchObject({ status: 200 });
  });

  test.each([{ grant: 'true' }, { grant: 1 }, { grant: { minutes: 600 } }, { grant: null }])('by %j', async (more) => {
    const answer = await approve(bob, { code: '000000', ...more });
    expect([answer.status, codeOf(answer)]).toEqual([400, 'request.body']);
    expect(await world.stateOf(request)).toBe('pending');
  });
});
