/**
 * Every await between hold and release fails, in each kind of channel, and the world around it fails as well: the
 * command did not run, the user was told why, the log says it. The table of what happened is `docs/fault-matrix.md`;
 * `npx vitest run test/integration/faults -u` writes it anew, and the difference is for people to judge.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HeldlineError } from '../../../src/base/heldline-error.ts';
import { ExecDoor, type FaultDoor, TerminalDoor } from '../../support/fault-doors.ts';
import { type FaultRow, faultPage } from '../../support/fault-table.ts';
import { DEADLY, killedAt, runsUnharmed } from './killed-at.ts';
import { LiveFaults } from './live-faults.ts';

type Fault = () => Promise<never>;

const DOORS: readonly (readonly [string, () => Promise<FaultDoor>])[] = [
  ['terminal', () => TerminalDoor.open(false)],
  ['strict line mode', () => TerminalDoor.open(true)],
  ['exec', () => Promise.resolve(new ExecDoor())],
];

const FAULTS: readonly (readonly [string, Fault])[] = [
  ['throws', () => Promise.reject(new HeldlineError('test.fault', 'broken'))],
  ['hangs', () => new Promise(() => undefined)],
];

/** When a fault begins: before the line is submitted, before the code is given, once the vote has been accepted. */
type When = 'submitting' | 'voting' | 'releasing';

interface Step {
  readonly name: string;
  readonly when: When;
  readonly install: (door: FaultDoor, fault: Fault) => void;
}

const READING: Step['install'] = (door, fault) => door.beforeReading(fault);

const STEPS: readonly Step[] = [
  { name: 'reading the line', when: 'submitting', install: READING },
  { name: 'writing `command.submitted`', when: 'submitting', install: failLog('command.submitted') },
  { name: 'storing the request', when: 'submitting', install: failStore('open') },
  { name: 'writing `command.held`', when: 'submitting', install: failLog('command.held') },
  { name: 'writing `approval.requested`', when: 'submitting', install: failLog('approval.requested') },
  { name: 'looking up the voter', when: 'voting', install: failIdentity('people') },
  { name: 'checking the code', when: 'voting', install: failIdentity('code') },
  { name: 'writing `approval.vote`', when: 'voting', install: failLog('approval.vote') },
  { name: 'writing `approval.approved`', when: 'voting', install: failLog('approval.approved') },
  { name: 'storing the vote', when: 'voting', install: failStore('advance') },
  { name: 'reading the line again', when: 'releasing', install: READING },
  { name: 'deciding again', when: 'releasing', install: (door, fault) => door.failPolicy(fault) },
  { name: 'looking up the voters again', when: 'releasing', install: failIdentity('people') },
  { name: 'consuming in the store', when: 'releasing', install: failStore('consume') },
  { name: 'writing `approval.consumed`', when: 'releasing', install: failLog('approval.consumed') },
  { name: 'writing `command.released`', when: 'releasing', install: failLog('command.released') },
  {
    name: 'recording the release',
    when: 'releasing',
    install: (door, fault) => {
      door.critical = fault;
    },
  },
];

const HOUR = 3_600_000;
const EXPIRY = 125_000;

/** What happens around a held command, while it is held and once it is approved. */
const EVENTS: readonly (readonly [string, (door: FaultDoor) => void])[] = [
  ['the disk is full', fillDisk],
  ['the recorder fails', (door) => door.recordingFails()],
  ['the policy cannot be evaluated', (door) => door.failPolicy(() => Promise.reject(new RangeError('no policy')))],
  ['the clock jumps back an hour', ({ clock }) => clock.jump(-HOUR)],
  ["the user's connection ends", (door) => door.leave()],
  [
    'the user is out of reach',
    (door) => {
      door.presence = 'detached';
    },
  ],
  ['the approver is disabled', disableApprover],
];

function failLog(type: string): Step['install'] {
  return ({ approvals }, fault) => {
    approvals.audit.before = (draft) => (draft.type === type ? fault() : Promise.resolve());
  };
}

function failStore(verb: string): Step['install'] {
  return ({ approvals }, fault) => {
    approvals.store.before = (called) => (called === verb ? fault() : Promise.resolve());
  };
}

function failIdentity(step: 'people' | 'code'): Step['install'] {
  return ({ approvals }, fault) => {
    approvals.before = (called) => (called === step ? fault() : Promise.resolve());
  };
}

function fillDisk(door: FaultDoor): void {
  const full = (): Promise<never> => Promise.reject(new HeldlineError('disk.full', 'no space left on device'));
  door.approvals.audit.before = full;
  door.approvals.store.before = full;
  door.recordingFails();
}

function disableApprover({ approvals }: FaultDoor): void {
  const alice = approvals.people.get('alice');
  if (alice === undefined) throw new TypeError('alice is not there');
  approvals.people.set('alice', { ...alice, disabled: true });
}

const rows: FaultRow[] = [];

describe.each(DOORS)('%s', (name, open) => {
  const steps = STEPS.filter(({ install }) => install !== READING || name !== 'exec');
  const failures = steps.flatMap((step) => FAULTS.map(([fault, make]) => ({ step, name: step.name, fault, make })));

  test('without a fault the command runs', async () => {
    const door = await open();
    await door.hold();
    await door.approve();
    expect(door.ran).toContain('rm -r old');
  });

  test.each(failures)('$name $fault', async ({ step, fault, make }) => {
    const door = await open();
    const install = (): void => step.install(door, make);
    if (step.when === 'submitting') install();
    await door.hold();
    expect(door.holding).toBe(step.when !== 'submitting');
    if (step.when === 'voting') install();
    if (step.when === 'releasing') onceApproved(door, install);
    await seeThrough(door, step.name, fault);
  });

  test.each(EVENTS)('while it is held %s', async (event, happens) => {
    const door = await open();
    await door.hold();
    expect(door.holding).toBe(true);
    happens(door);
    await seeThrough(door, 'waiting for approval', event);
  });

  test.each(EVENTS)('once it is approved %s', async (event, happens) => {
    const door = await open();
    await door.hold();
    expect(door.holding).toBe(true);
    onceApproved(door, () => happens(door));
    await seeThrough(door, 'between approval and release', event);
  });
});

describe('kill -9 of the process', () => {
  test('without it the command runs', async () => {
    expect(await runsUnharmed()).toBe(true);
  });

  test.each(DEADLY)('%s', async (step, name) => {
    const row = await killedAt(step, name);
    rows.push(row);
    expect(row.ran).toBe(false);
    expect(row.told).toMatch(/`requests`: (expired|released)/);
  });
});

describe('the built program', () => {
  let live: LiveFaults;
  beforeAll(async () => {
    live = await LiveFaults.start();
  }, 60_000);
  afterAll(() => live[Symbol.asyncDispose]());

  test("the approver's session ends at the code", async () => requireRow(await live.approverLeaves()), 60_000);
  test('the policy fails to load at a reload', async () => requireRow(await live.policyFailsToLoad()), 60_000);
});

function onceApproved({ approvals }: FaultDoor, install: () => void): void {
  approvals.desk.onChange((request) => {
    if (request.state === 'approved') install();
  });
}

/** Approves what is held, waits for the end of it, and takes down what became of it. */
async function seeThrough(door: FaultDoor, step: string, fault: string): Promise<void> {
  if (door.holding) await door.approve();
  const first = door.told;
  await door.pass(EXPIRY);
  door.recordingWorks();
  await door.pass(2000);
  const told = [...new Set([first, door.told])]
    .filter((words) => words !== '')
    .map(withoutId)
    .join(' Then: ');
  const gone = fault === "the user's connection ends";
  const row = { door: door.name, step, fault, ran: door.ran.length > 0, told: gone ? '(the connection ended)' : told };
  requireRow({ ...row, log: [...new Set(logOf(door))].join('; ') });
}

/** What every row has to say. */
function requireRow(row: FaultRow): void {
  rows.push(row);
  expect(row.ran).toBe(false);
  expect(row.told).toMatch(/nothing was sent|was not run|the connection ended/i);
  expect(row.told).not.toContain('broken');
  expect(row.log).not.toBe('');
}

const ROUTINE = [
  'command.submitted',
  'command.held',
  'approval.requested',
  'approval.vote',
  'approval.approved',
  'approval.consumed',
  'command.released',
];

/** Audit events that are no part of an ordinary release, with their reasons; then what the daemon logged. */
function logOf({ approvals, logged }: FaultDoor): readonly string[] {
  const events = approvals.audit.events.filter(({ type }) => !ROUTINE.includes(type));
  const audit = events.map(({ type, reason }) => (reason === undefined ? `\`${type}\`` : `\`${type}\` (${reason})`));
  return [...audit, ...[...approvals.failures, ...logged].map((line) => `daemon: ${line}`)];
}

function withoutId(words: string): string {
  return words.replaceAll(/(heldline:|approve) [0-9A-Z]{4}\b/g, '$1 ID');
}

const INTRODUCTION = `# What happens when something fails

Written by \`test/integration/faults/fault-matrix.test.ts\`, which puts each fault at each step between hold and
release and writes down what it saw; do not edit. \`Ran\` is about the target. *daemon:* is the daemon's own log, which
has to do when it is the audit log that fails. What is killed is a process on the real store and log; what a user is
told then is what \`requests\` says afterwards. Random moments of \`kill -9\` of the whole daemon are in
\`test/e2e/crash.test.ts\`, a disk that is really full in \`test/integration/invariants/recorded-before-shown.test.ts\`.
`;

test('docs/fault-matrix.md is what happened here', async () => {
  await expect(faultPage(rows, INTRODUCTION)).toMatchFileSnapshot('../../../docs/fault-matrix.md');
});
