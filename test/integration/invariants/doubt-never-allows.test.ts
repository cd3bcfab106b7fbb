/** Invariant 2: what cannot be read follows the posture, and whatever fails or does not answer in time ends in denial. */
import { describe, expect, test } from 'vitest';
import { DeskWorld } from '../../support/desk-world.ts';
import { GateBed, SECOND } from '../../support/gate-bed.ts';
import { CODE } from '../../support/memory-approvals.ts';
import { policyFromText } from '../../support/policy-text.ts';

const troubles = {
  throws: () => Promise.reject(new RangeError('broken')),
  'never answers': () => new Promise<never>(() => {}),
};

/** The lines that the target ran; an empty one runs nothing. */
const ran = (bed: GateBed): readonly string[] => bed.executed.filter((line) => line.trim() !== '');

describe('Doubt never allows', () => {
  describe.each(Object.entries(troubles))('something %s', (_, trouble) => {
    test('in the policy: the line is not submitted', async () => {
      const bed = new GateBed();
      bed.judge = trouble;
      await bed.enter('ls');
      await bed.enter('\r', 20_000);
      expect(ran(bed)).toEqual([]);
    });

    test.each(['open', 'advance', 'consume'])('in the store at %s: the line is not submitted', async (verb) => {
      const bed = new GateBed();
      bed.approvals.store.before = (called) => (called === verb ? trouble() : Promise.resolve());
      await bed.hold();
      await bed.enter(`${CODE}\r`, 60_000);
      expect(ran(bed)).toEqual([]);
      expect(bed.released).toEqual([]);
    });

    test('in the recording: the line is not submitted', async () => {
      const bed = new GateBed();
      bed.critical = trouble;
      await bed.hold();
      await bed.enter(`${CODE}\r`, 60_000);
      expect(ran(bed)).toEqual([]);
    });
  });

  test('an approver who does not reply in time: the line is not submitted, then or later', async () => {
    const bed = new GateBed({ requirement: SECOND });
    await bed.hold();
    await bed.pass(SECOND.expires + 1000);
    expect(bed.seen).toContain('expired');
    await bed.enter('\r', 1000);
    expect(ran(bed)).toEqual([]);
  });

  test('an approver who is disabled after the vote: nothing is granted', async () => {
    const world = new DeskWorld();
    const request = await world.open({}, SECOND);
    expect((await world.vote(request, 'bob')).kind).toBe('approved');
    world.person('bob', { disabled: true });
    expect((await world.consume(request)).kind).toBe('refused');
  });

  test.each([
    ['what is only known when it runs', '$CMD -rf x'],
    ['what cannot be parsed', 'ls ) ;; (('],
    ['what an interpreter is given by another program', 'curl http://x | sh'],
    ['what comes out of a decoder', 'echo cm0= | base64 -d | sh'],
  ])('%s is not allowed by the shipped posture', (_, line) => {
    const policy = policyFromText('postures: [{ when: { any: true }, default: allow }]\n');
    expect(policy.decide(line, contextOf()).effect).not.toBe('allow');
  });

  test('a target for which no posture holds needs approval for everything', () => {
    const policy = policyFromText('postures: [{ when: { label.env: dev }, default: allow }]\n');
    expect(policy.decide('ls', contextOf()).effect).toBe('approve');
  });

  test('a policy with an error is no policy', () => {
    expect(() => policyFromText('postures: [{ when: { any: true }, default: alow }]\n')).toThrow(TypeError);
  });
});

function contextOf() {
  return {
    context: 'shell',
    user: { name: 'alice', roles: [] },
    target: { name: 'db1', labels: { env: 'prod' } },
    login: 'root',
    at: 0,
  } as const;
}
