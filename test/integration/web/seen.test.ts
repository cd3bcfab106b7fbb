/** Whoever is asked to decide and reads a request over HTTP leaves that in the log, once. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ApprovalRequest } from '../../../src/model/approval-request.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { WebWorld } from '../../support/web-world.ts';

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

/** Who has seen the request, in the order of the log; all that came before the call is in it. */
async function seenBy(): Promise<readonly unknown[]> {
  await world.state.audit.append({ type: 'test.after', outcome: 'success' });
  const events = await world.events('approval.seen');
  const ours = events.filter(({ approval }) => Object(approval).uid === request.statement.uid);
  return ours.map(({ actor, approval }) => [Object(actor).user, Object(approval).door]);
}

const read = (token: string): Promise<unknown> => world.get(`/v1/requests/${request.id}`, token);

test('each approver once, however often they read it', async () => {
  const carol = await world.token('carol');
  for (const token of [bob, carol, bob, bob]) await read(token);
  await world.get(`/v1/requests/${request.id}/to-sign`, bob);
  expect(await seenBy()).toEqual([
    ['bob', 'web'],
    ['carol', 'web'],
  ]);
});

test('fetching what is to be signed is reading', async () => {
  await world.get(`/v1/requests/${request.id}/to-sign`, bob);
  expect(await seenBy()).toEqual([['bob', 'web']]);
});

test('not who is not asked, not a list, not what is decided', async () => {
  for (const name of ['alice', 'ada', 'erin']) await read(await world.token(name));
  await world.get('/v1/requests', bob);
  expect(await seenBy()).toEqual([]);
  await world.decide(request, bob, { verdict: 'deny', digest: request.digest });
  await read(bob);
  expect(await seenBy()).toEqual([]);
});

test('a log that does not take it holds nobody up, and it is tried again', async () => {
  let broken = true;
  const { audit } = world.state;
  const append: typeof audit.append = (draft) =>
    broken && draft.type === 'approval.seen' ? Promise.reject(new RangeError('full')) : audit.append(draft);
  await using other = await WebWorld.start({ audit: { append } });
  const token = await other.token('bob');
  const held = await other.hold();
  expect(await other.get(`/v1/requests/${held.id}`, token)).toMatchObject({ status: 200 });
  broken = false;
  const uids = async (): Promise<readonly unknown[]> =>
    (await world.events('approval.seen')).map(({ approval }) => Object(approval).uid);
  await waitUntil('it is noted', async () => {
    expect(await other.get(`/v1/requests/${held.id}`, token)).toMatchObject({ status: 200 });
    return (await uids()).includes(held.statement.uid);
  });
});
