/** A line that passes by break-glass: nobody is asked, and it is released as strictly as any other. */
import { describe, expect, test } from 'vitest';
import { GateBed, SECOND } from '../../../test/support/gate-bed.ts';
import { CODE, principalNamed } from '../../../test/support/memory-approvals.ts';
import { BreakGlassStart } from '../../approval/break-glass-start.ts';
import { HeldlineError } from '../../base/heldline-error.ts';
import type { BreakGlassRule } from '../../model/break-glass.ts';
import type { Decision } from '../../model/decision.ts';

const RULE: BreakGlassRule = {
  roles: ['sre'],
  factor: 'totp',
  minLength: 5,
  minutes: 30,
  keeps: [],
  notify: [],
  reviewWithin: 1000,
};

function lifted(decision: Decision): Decision {
  return decision.effect === 'approve' ? { ...decision, breakGlass: { lifts: ['frozen'] } } : decision;
}

/** alice has broken the glass, and what she types is decided under it while it is open. */
async function broken(): Promise<GateBed> {
  const bed = new GateBed({ requirement: SECOND });
  const { approvals, clock } = bed;
  const { desk, breakGlasses } = approvals;
  const policyHash = bed.decide('rm -r old').policyHash;
  const inForce = () => ({ rule: RULE, policyHash });
  const starts = new BreakGlassStart({ desk, breakGlasses, inForce, clock, onFailure: () => {} });
  const { request, begun } = await starts.ask({ user: 'alice', address: '10.0.3.7', reason: 'primary is down' });
  const vote = { uid: request.statement.uid, policyHash, digest: request.digest, code: CODE, door: 'ssh' } as const;
  await desk.vote({ ...vote, voter: principalNamed('alice'), verdict: 'approve', reason: null });
  expect(await begun).toMatchObject({ kind: 'open' });
  bed.judge = async (text) => {
    const decision = bed.decide(text);
    return breakGlasses.isOpen('alice') ? lifted(decision) : decision;
  };
  return bed;
}

async function enter(bed: GateBed, ms = 1500): Promise<void> {
  await bed.enter('rm -r old');
  await bed.enter('\r', ms);
}

test('runs, is told, marked and written down, each time', async () => {
  const bed = await broken();
  await enter(bed);
  await enter(bed);
  expect(bed.executed).toEqual(['rm -r old', 'rm -r old']);
  expect(bed.seen).toMatch(/heldline: \w{4} passes by break-glass \w{4}, which lifts frozen\. Running once\./);
  const [one] = await bed.approvals.breakGlasses.list();
  expect(one).toMatchObject({ uses: 2 });
  expect(bed.markers.filter((marker) => marker.startsWith('APPROVED'))).toEqual([
    `APPROVED by break-glass ${one?.id}, which lifts frozen`,
    `APPROVED by break-glass ${one?.id}, which lifts frozen`,
  ]);
  const log = bed.approvals.audit.types().filter((type) => /^breakglass|command\.released/.test(type));
  expect(log).toEqual([
    'breakglass.started',
    'breakglass.used',
    'command.released',
    'breakglass.used',
    'command.released',
  ]);
});

type Fault = () => Promise<never>;

describe.each<[string, (bed: GateBed, fault: Fault) => void]>([
  ['deciding again', (bed, fault) => failSecond(bed, fault)],
  ['consuming in the store', (bed, fault) => failStore(bed, fault)],
  ['writing down the consumption', (bed, fault) => failAudit(bed, 'approval.consumed', fault)],
  ['writing down the use', (bed, fault) => failAudit(bed, 'breakglass.used', fault)],
  ['writing down the release', (bed, fault) => failAudit(bed, 'command.released', fault)],
])('when %s', (_, inject) => {
  test.each<[string, Fault]>([
    ['throws', () => Promise.reject(new HeldlineError('test.fault', 'broken'))],
    ['hangs', () => new Promise(() => {})],
  ])('%s, the key is not written', async (__, fault) => {
    const bed = await broken();
    inject(bed, fault);
    await enter(bed, 20_000);
    expect(bed.executed).toEqual([]);
    expect(bed.released).toEqual([]);
    expect(bed.shell.line).toBe('');
  });
});

test.each<[string, (bed: GateBed) => void]>([
  ['it ends', (bed) => onSecond(bed, () => void bed.approvals.breakGlasses.endWhere(() => true, 'test'))],
  ['its time is over', (bed) => onSecond(bed, () => bed.clock.jump(31 * 60_000))],
  ['the clock goes back', (bed) => onSecond(bed, () => bed.clock.jump(-10_000))],
  ['its person loses the role', (bed) => onSecond(bed, () => demote(bed))],
  ['it lifts another rule', (bed) => failInto(bed, { breakGlass: { lifts: ['other'] } })],
  ['it is denied for good', (bed) => failInto(bed, { effect: 'deny', requirement: null })],
  ['the policy changes', (bed) => failInto(bed, { policyHash: 'policy-2' })],
])('when %s between Enter and the release, the key is not written', async (_, change) => {
  const bed = await broken();
  change(bed);
  await enter(bed);
  expect(bed.executed).toEqual([]);
  expect(bed.released).toEqual([]);
});

test('when it ended while the line was judged, nobody is asked instead', async () => {
  const bed = await broken();
  bed.judge = async (text) => lifted(bed.decide(text));
  await bed.approvals.breakGlasses.endWhere(() => true, 'test');
  await enter(bed);
  expect(bed.executed).toEqual([]);
  expect(bed.seen).toContain('Your break-glass has ended.');
  expect(bed.seen).not.toContain('HELD');
});

/** The first judgement finds it open. */
function failSecond(bed: GateBed, fault: Fault): void {
  let asked = 0;
  bed.judge = (text) => {
    asked += 1;
    return asked === 1 ? Promise.resolve(lifted(bed.decide(text))) : fault();
  };
}

/** The second judgement is still the same, and `happens` in it. */
function onSecond(bed: GateBed, happens: () => void): void {
  let asked = 0;
  bed.judge = async (text) => {
    asked += 1;
    if (asked === 2) happens();
    return lifted(bed.decide(text));
  };
}

function failInto(bed: GateBed, change: Partial<Decision>): void {
  let asked = 0;
  bed.judge = async (text) => {
    asked += 1;
    const decision = lifted(bed.decide(text));
    return asked === 1 ? decision : { ...decision, ...change };
  };
}

function demote({ approvals }: GateBed): void {
  const alice = approvals.people.get('alice');
  if (alice !== undefined) approvals.people.set('alice', { ...alice, roles: [] });
}

function failStore(bed: GateBed, fault: Fault): void {
  bed.approvals.store.before = (called) => (called === 'consume' ? fault() : Promise.resolve());
}

function failAudit(bed: GateBed, type: string, fault: Fault): void {
  bed.approvals.audit.before = (draft) => (draft.type === type ? fault() : Promise.resolve());
}
