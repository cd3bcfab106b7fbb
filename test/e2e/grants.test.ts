/** Approvals that are remembered: given with one code, listed, used as often as was allowed, ended at once. */
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BastionAndHost } from '../support/bastion-and-host.ts';
import { type HeldRequest, waitForHold } from '../support/held-request.ts';
import { Person } from '../support/person.ts';
import { randomNumbers } from '../support/random-numbers.ts';
import type { ProgramResult } from '../support/run-program.ts';
import { RunningProgram } from '../support/running-program.ts';
import { TEST_SEED } from '../support/test-seed.ts';
import { waitUntil } from '../support/wait-until.ts';

const POLICY = `version: 1
postures: [{ when: { any: true }, default: allow }]
access: [{ who: { any: true }, targets: { any: true } }]
approvals: { colleague: { stages: [{ who: { role: sre } }], expires: 2m, release: immediate } }
rules:
  - { id: tee, effect: approve, approval: colleague, match: { command: tee }, grant: { scope: command, minutes: 15, max_uses: 2 } }
  - { id: touch, effect: approve, approval: colleague, match: { command: touch, path: ["/**/free-*"] }, grant: { scope: pattern, minutes: 15, max_uses: 5 } }
  - { id: mkdir, effect: approve, approval: colleague, match: { command: mkdir }, grant: { scope: session, minutes: 15, max_uses: 2 } }
  - { id: rmdir, effect: approve, approval: colleague, match: { command: rmdir }, grant: none }
`;

let world: BastionAndHost;
let alice: Person;
let dave: Person;
let approvers: Person[];

beforeAll(async () => {
  world = await BastionAndHost.start({ policy: { '10-defaults.yaml': POLICY } });
  alice = await Person.join(world.bastion, 'alice');
  dave = await Person.join(world.bastion, 'dave');
  approvers = [];
  for (const name of ['bob', 'carol', 'erin', 'frank', 'grace', 'heidi']) {
    approvers.push(await Person.join(world.bastion, name, ['sre']));
  }
});
afterAll(() => world[Symbol.asyncDispose]());

/** Somebody whose code was not used lately. */
function nextApprover(): Person {
  const approver = approvers.shift();
  if (approver === undefined) throw new TypeError('nobody can approve');
  approvers.push(approver);
  return approver;
}

async function approve({ id, digest }: HeldRequest, approver = nextApprover()): Promise<ProgramResult> {
  return approver.approve(id, digest, await approver.phone.code(), '--grant');
}

/** Runs `command` as alice and has it approved for this and later times. */
async function grant(command: string, person = alice): Promise<HeldRequest> {
  const { configFile } = await person.at('host');
  await using running = await RunningProgram.start('ssh', ['-F', configFile, 'server', command]);
  const held = await waitForHold(world.bastion, command);
  const result = await approve(held);
  expect(result, result.errorText).toMatchObject({ code: 0 });
  expect(await running.ended).toMatchObject({ code: 0 });
  await world.bastion.waitForAudit('grant.approved', (event) => JSON.stringify(event['grant']).includes(held.uid));
  return held;
}

const run = async (command: string, person = alice): Promise<ProgramResult> =>
  (await person.at('host')).ssh([], command);
/** Whether `command` passes by itself: it either says so or that it is held, and is given up then. */
async function passes(command: string, person = alice): Promise<boolean> {
  const { configFile } = await person.at('host');
  await using running = await RunningProgram.start('ssh', ['-F', configFile, 'server', command]);
  const said = await waitUntil(`${command} is held or passes`, () => {
    const [word] = /held: |passes by grant/.exec(running.stderr.toString()) ?? [];
    return word ?? null;
  });
  if (said === 'held: ') return false;
  expect(await running.ended).toMatchObject({ code: 0 });
  return true;
}
const listed = async (id: string) => (await world.bastion.json(['grants', 'list'])).find((one) => one['id'] === id);

describe('a remembered approval', () => {
  test('lets the same command pass as often as it says, without a code, and is in the log each time', async () => {
    const file = world.at('same');
    const command = `echo ran | tee -a ${file}`;
    const held = await grant(command);
    const first = await run(command);
    expect(first).toMatchObject({ code: 0 });
    expect(first.errorText).toMatch(new RegExp(`heldline: \\w{4} passes by grant ${held.id}\\.`));
    expect(await listed(held.id)).toMatchObject({ state: 'active', uses: 2, used: 1, covers: `exactly "${command}"` });
    expect(await passes(`${command} `)).toBe(false);
    expect(await passes(command, dave)).toBe(false);
    expect(await passes(command)).toBe(true);
    expect(await passes(command)).toBe(false);
    expect(readFileSync(file, 'utf8')).toBe('ran\nran\nran\n');
    expect(await listed(held.id)).toMatchObject({ state: 'used-up', used: 2 });
    const released = (await world.bastion.audit()).filter(
      (event) => event['type'] === 'command.released' && JSON.stringify(event['grant'] ?? null).includes(held.uid),
    );
    expect(released).toHaveLength(2);
    const trace = await world.bastion.runOrFail(['requests', 'show', held.id, '--trace']);
    expect(trace.text).toContain('grant=true');
  });

  test('over a pattern, the words that the approver was shown', async () => {
    const held = await grant(`touch ${world.at('free-1')}`);
    const covers = (await listed(held.id))?.['covers'];
    expect(covers).toBe('"touch /**/free-*"');
    expect(await passes(`touch ${world.at('free-2')}`)).toBe(true);
    expect(existsSync(world.at('free-2'))).toBe(true);
    expect(await passes(`touch -a ${world.at('free-2')}`)).toBe(false);
    expect(await passes(`touch ${world.at('free-3')} ${world.at('free-4')}`)).toBe(false);
    expect(existsSync(world.at('free-3'))).toBe(false);
  });

  test('of a session stays in it', async () => {
    await using terminal = await alice.window('host', '/bin/sh');
    await terminal.waitFor(/[$#] $/);
    terminal.type(`mkdir ${world.at('s1')}\r`);
    expect((await approve(await waitForHold(world.bastion, `mkdir ${world.at('s1')}`))).code).toBe(0);
    await waitUntil('it ran', () => existsSync(world.at('s1')));
    await terminal.waitFor(/Running once\.\s+[$#] $/);
    terminal.type(`mkdir ${world.at('s2')}\r`);
    await waitUntil('the next one passed', () => existsSync(world.at('s2')));
    await terminal.waitFor(/passes by grant \w{4}\. Running once\./);
    expect(await passes(`mkdir ${world.at('s3')}`)).toBe(false);
  });

  test('is not given where a rule says none, and whoever asks for it is told', async () => {
    const command = `rmdir ${world.at('s2')}`;
    const { configFile } = await alice.at('host');
    await using _ = await RunningProgram.start('ssh', ['-F', configFile, 'server', command]);
    const held = await waitForHold(world.bastion, command);
    const refused = await approve(held);
    expect(refused.code).toBe(2);
    expect(refused.errorText).toContain('cannot be remembered');
  });
});

describe('it ends at once', () => {
  test.each<[string, (held: HeldRequest) => Promise<unknown>]>([
    ['when its user revokes it', async ({ id }) => (await alice.console()).ssh([], `grants revoke ${id}`)],
    ['when it is revoked on the bastion', ({ id }) => world.bastion.runOrFail(['grants', 'revoke', id])],
    ['in a lockdown, also when that is over', lockdown],
    ['with the policy', changePolicy],
    ['with the daemon', restart],
  ])('%s', async (name, end) => {
    const command = `echo ran | tee -a ${world.at(`ended-${name.length}`)}`;
    const held = await grant(command);
    await end(held);
    await waitUntil('the grant has ended', async () => (await listed(held.id))?.['state'] !== 'active');
    expect(await passes(command)).toBe(false);
  });

  test('with its approver', async () => {
    const command = `echo ran | tee -a ${world.at('approver')}`;
    const ivan = await Person.join(world.bastion, 'ivan', ['sre']);
    approvers.unshift(ivan);
    const held = await grant(command);
    approvers = approvers.filter((one) => one !== ivan);
    await world.bastion.runOrFail(['user', 'disable', 'ivan']);
    await waitUntil('the grant has ended', async () => (await listed(held.id))?.['state'] === 'voided');
    expect(await passes(command)).toBe(false);
  });

  test('somebody else neither sees it nor ends it', async () => {
    const command = `echo ran | tee -a ${world.at('others')}`;
    const held = await grant(command);
    const console = await dave.console();
    expect((await console.ssh([], 'grants list')).text).not.toContain(held.id);
    expect(await console.ssh([], `grants revoke ${held.id}`)).toMatchObject({ code: 3 });
    expect(await passes(command)).toBe(true);
  });
});

/** kill -9 while several commands race for the two uses: what ran was spent first, and never more than that. */
test.each([0, 1, 2, 3, 4, 5, 6, 7])(
  `killed in the middle of it, round %d (HELDLINE_SEED=${TEST_SEED})`,
  async (round) => {
    const random = randomNumbers(TEST_SEED + round);
    const file = world.at(`crash-${round}`);
    const command = `echo ran | tee -a ${file}`;
    const held = await grant(command);
    const attempts = [1, 2, 3, 4].map(() => run(command).catch(() => null));
    const delay = random() * 900;
    await sleep(delay);
    await world.bastion.stop('SIGKILL');
    await Promise.all(attempts);
    const children = `/proc/${world.sshd.pid}/task/${world.sshd.pid}/children`;
    await waitUntil('the target has no session left', () => readFileSync(children, 'utf8').trim() === '');
    const ran = readFileSync(file, 'utf8').split('\n').length - 1;
    const events = (await world.bastion.audit()).filter((event) =>
      JSON.stringify(event['grant'] ?? null).includes(held.uid),
    );
    const released = events.filter((event) => event['type'] === 'command.released').length;
    const said = `killed after ${delay.toFixed(0)} ms: ran ${ran} times, ${released} released by the grant`;
    expect(ran, said).toBeGreaterThanOrEqual(1);
    expect(ran, said).toBeLessThanOrEqual(1 + released);
    expect(released, said).toBeLessThanOrEqual(2);
    await world.bastion.serve();
    const after = await listed(held.id);
    expect(after?.['state'], said).toMatch(/^(voided|used-up)$/);
    expect(Number(after?.['used']), said).toBeGreaterThanOrEqual(released);
    expect(await passes(command), said).toBe(false);
  },
);

async function lockdown(): Promise<void> {
  await world.bastion.runOrFail(['lockdown', 'on', '-r', 'test']);
  await world.bastion.runOrFail(['lockdown', 'off']);
}

async function changePolicy(): Promise<void> {
  await writeFile(
    world.bastion.at('policy.d', '10-defaults.yaml'),
    `${POLICY}\nroles: { sre: { description: other } }\n`,
  );
  await world.bastion.runOrFail(['config', 'reload']);
  await writeFile(world.bastion.at('policy.d', '10-defaults.yaml'), POLICY);
  await world.bastion.runOrFail(['config', 'reload']);
}

async function restart(): Promise<void> {
  await world.bastion.stop();
  await world.bastion.serve();
}
