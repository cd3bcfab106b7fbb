/** Who is asked when a stage names a check for who is on call: only ever some of its group, or all of it. */
import { describe, expect, test } from 'vitest';
import { DeskWorld, requirement, stage } from '../../test/support/desk-world.ts';
import type { ApprovalRequest } from '../model/approval-request.ts';

const ASKED = requirement([stage({ role: 'sre' }, { onCall: 'rota' })]);
const TWO = requirement([stage({ role: 'sre' }, { onCall: 'rota', count: 2 })]);

async function hold(onCall: readonly string[] | null, arrange: (world: DeskWorld) => void = () => {}, asked = ASKED) {
  const world = new DeskWorld();
  world.onCall = onCall;
  arrange(world);
  const opening = world.open({}, asked);
  for (let rounds = 0; rounds < 4; rounds++) await world.settle();
  world.clock.advance(5000);
  return { world, request: await opening };
}

/** Those whose vote would count. */
async function may(world: DeskWorld, request: ApprovalRequest): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of ['alice', 'bob', 'carol', 'dave']) {
    const { kind } = await world.vote(request, name, { code: 'wrong' });
    if (kind === 'wrong-code') found.push(name);
  }
  return found;
}

describe('asked are', () => {
  test.each<[string, readonly string[] | null, readonly string[], string]>([
    ['whoever is on call', ['bob'], ['bob'], 'bob'],
    ['all who are', ['carol', 'bob'], ['bob', 'carol'], 'carol, bob'],
    ['those of the group alone', ['bob', 'dave'], ['bob'], 'bob, dave'],
    ['all when nobody is on call', [], ['bob', 'carol'], 'nobody; the whole group is asked'],
    ['all when there is no answer', null, ['bob', 'carol'], 'no answer; the whole group is asked'],
    ['all when nobody of the group is named', ['dave'], ['bob', 'carol'], 'dave; the whole group is asked'],
    ['all when nobody knows who is named', ['mallory'], ['bob', 'carol'], 'mallory; the whole group is asked'],
    ['all when the requester is on call', ['alice'], ['bob', 'carol'], 'alice; the whole group is asked'],
  ])('%s', async (_what, said, expected, fact) => {
    const { world, request } = await hold(said);
    expect(request.facts).toEqual({ 'on_call rota': fact });
    expect(await may(world, request)).toEqual(expected);
    const asked = world.events.find(({ type }) => type === 'approval.requested');
    expect(asked?.policy?.facts).toEqual(request.facts);
  });

  test('all when whoever is on call is disabled, or too few are', async () => {
    const disabled = await hold(['bob'], (world) => world.person('bob', { disabled: true }));
    expect(await may(disabled.world, disabled.request)).toEqual(['carol']);
    const few = await hold(['bob'], () => {}, TWO);
    expect(few.request.requirement.stages).toEqual(TWO.stages);
  });

  test.each<[string, 'on-call' | 'people.find', 'throws' | 'hangs']>([
    ['the check throws', 'on-call', 'throws'],
    ['the check hangs', 'on-call', 'hangs'],
    ['people cannot be looked up', 'people.find', 'throws'],
    ['people do not answer', 'people.find', 'hangs'],
  ])('all when %s', async (_what, step, trouble) => {
    const { world, request } = await hold(['bob'], ({ troubles }) => troubles.set(step, trouble));
    world.troubles.clear();
    expect(request.state).toBe('pending');
    expect(request.facts?.['on_call rota']).toContain('the whole group is asked');
    expect(await may(world, request)).toEqual(['bob', 'carol']);
  });
});

test('the vote of whoever was on call releases it, also when somebody else is by then', async () => {
  const { world, request } = await hold(['bob']);
  expect((await world.vote(request, 'bob')).kind).toBe('approved');
  world.onCall = ['carol'];
  expect((await world.consume(request)).kind).toBe('granted');
});
