/**
 * Every await between hold and release fails, in each kind of channel: the command did not run, the user was told
 * why, the log says it. The table of what happened is `docs/fault-matrix.md`; `vitest -u` on this file writes it anew.
 */
import { describe, expect, test } from 'vitest';
import { HeldlineError } from '../../../src/base/heldline-error.ts';
import { ExecDoor, type FaultDoor, TerminalDoor } from '../../support/fault-doors.ts';
import { type FaultRow, faultPage } from '../../support/fault-table.ts';

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
  /** Where there is such a step. */
  readonly terminalOnly?: true;
}

const STEPS: readonly Step[] = [
  { name: 'reading the line', when: 'submitting', terminalOnly: true, install: (door, fault) => door.beforeReading(fault) },
  { name: 'writing `command.submitted`', when: 'submitting', install: failLog('command.submitted') },
  { name: 'storing the request', when: 'submitting', install: failStore('open') },
  { name: 'writing `command.held`', when: 'submitting', install: failLog('command.held') },
  { name: 'writing `approval.requested`', when: 'submitting', install: failLog('approval.requested') },
  { name: 'looking up the voter', when: 'voting', install: failPeople('people') },
  { name: 'checking the code', when: 'voting', install: failPeople('code') },
  { name: 'writing `approval.vote`', when: 'voting', install: failLog('approval.vote') },
  { name: 'writing `approval.approved`', when: 'voting', install: failLog('approval.approved') },
  { name: 'storing the vote', when: 'voting', install: failStore('advance') },
  { name: 'reading the line again', when: 'releasing', terminalOnly: true, install: (door, fault) => door.beforeReading(fault) },
  { name: 'deciding again', when: 'releasing', install: (door, fault) => void (door.judge = fault) },
  { name: 'looking up the voters again', when: 'releasing', install: failPeople('people') },
  { name: 'consuming in the store', when: 'releasing', install: failStore('consume') },
  { name: 'writing `approval.consumed`', when: 'releasing', install: failLog('approval.consumed') },
  { name: 'writing `command.released`', when: 'releasing', install: failLog('command.released') },
  { name: 'recording the release', when: 'releasing', install: (door, fault) => void (door.critical = fault) },
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

function failPeople(step: 'people' | 'code'): Step['install'] {
  return ({ approvals }, fault) => {
    approvals.before = (called) => (called === step ? fault() : Promise.resolve());
  };
}

const rows: FaultRow[] = [];
const EXPIRY = 125_000;

describe.each(DOORS)('%s', (name, open) => {
  const steps = STEPS.filter(({ terminalOnly }) => terminalOnly === undefined || name !== 'exec');
  const cases = steps.flatMap((step) => FAULTS.map(([fault, make]) => ({ step, name: step.name, fault, make })));

  test('without a fault the command runs', async () => {
    const door = await open();
    await door.hold();
    await door.approve();
    expect(door.ran).toContain('rm -r old');
  });

  test.each(cases)('$name $fault', async ({ step, fault, make }) => {
    const door = await open();
    const install = (): void => step.install(door, make);
    if (step.when === 'submitting') install();
    await door.hold();
    if (step.when === 'voting') install();
    if (step.when === 'releasing') onceApproved(door, install);
    await door.approve();
    const first = door.told;
    await door.pass(EXPIRY);
    note(door, step.name, fault, first);
  });
});

function onceApproved({ approvals }: FaultDoor, install: () => void): void {
  approvals.desk.onChange((request) => {
    if (request.state === 'approved') install();
  });
}

/** Takes down what became of it, and requires what every row requires. */
function note(door: FaultDoor, step: string, fault: string, first: string): void {
  const told = [...new Set([first, door.told])].map(withoutId).join(' Then: ');
  const log = [...new Set(logOf(door))].join('; ');
  rows.push({ door: door.name, step, fault, ran: door.ran.length > 0, told, log });
  expect(door.ran).toEqual([]);
  expect(told, door.name).toMatch(/nothing was sent|was not run/i);
  expect(log).not.toBe('');
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
  return words.replace(/^heldline: [0-9A-Z]{4} /, 'heldline: ID ');
}

test('the page in docs is what happened here', async () => {
  await expect(faultPage(rows, '# Faults\n')).toMatchFileSnapshot('/tmp/fault.md');
});
