/** How urgent somebody says that it is, over real ssh: as a condition of rules, and what is said too late or unclearly. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { READY_DELAY } from '../../src/session/gate/panel-keys.ts';
import type { JsonObject } from '../support/bastion.ts';
import { BastionAndHost } from '../support/bastion-and-host.ts';
import { type HeldRequest, waitForHold } from '../support/held-request.ts';
import { Person } from '../support/person.ts';
import { RunningProgram } from '../support/running-program.ts';

const POLICY = `version: 1
postures: [{ when: { any: true }, default: allow }]
access: [{ who: { any: true }, targets: { any: true } }]
approvals:
  board: { stages: [{ who: { role: lead } }], expires: 2m, release: immediate }
  on-call: { stages: [{ who: { role: sre } }], expires: 2m, release: immediate }
rules:
  - { id: usual, effect: approve, approval: board, match: { command: mkdir }, except: { when: { urgency: high } } }
  - { id: urgent, effect: approve, approval: on-call, when: { urgency: high }, match: { command: mkdir } }
`;

let world: BastionAndHost;
let alice: Person;
let bob: Person;
let made = 0;

beforeAll(async () => {
  world = await BastionAndHost.start({ policy: { '10-defaults.yaml': POLICY } });
  alice = await Person.join(world.bastion, 'alice', ['dev']);
  bob = await Person.join(world.bastion, 'bob', ['sre']);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

interface Held extends AsyncDisposable {
  readonly running: RunningProgram;
  readonly request: HeldRequest;
  readonly made: string;
}

/** alice's `mkdir` on the host, waiting. @param said `LC_HELDLINE_URGENCY`; null: nothing */
async function hold(said: string | null): Promise<Held> {
  made += 1;
  const path = world.at(`made-${made}`);
  const { configFile } = await alice.at('host');
  const flags = said === null ? [] : ['-o', `SetEnv=LC_HELDLINE_URGENCY=${said}`];
  const running = await RunningProgram.start('ssh', ['-F', configFile, ...flags, 'server', `mkdir ${path}`]);
  const request = await waitForHold(world.bastion, `mkdir ${path}`);
  return { running, request, made: path, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}

const shown = async (id: string): Promise<JsonObject> =>
  (await world.bastion.json(['requests'])).find((one) => one['id'] === id) ?? {};

test('who says that it is urgent asks those that the policy names for that, and runs by them', async () => {
  await using held = await hold('high');
  const { id, digest } = held.request;
  expect(await shown(id)).toMatchObject({
    rule: 'urgent',
    urgency: 'high',
    needs: [{ who: 'role sre' }],
    facts: { 'urgency in high': 'true' },
  });
  expect(await bob.approve(id, digest, await bob.phone.code())).toMatchObject({ code: 0 });
  expect(await held.running.ended).toMatchObject({ code: 0 });
  expect(existsSync(held.made)).toBe(true);
  const started = (await world.bastion.audit()).filter(({ type }) => type === 'session.started').at(-1);
  expect(started).toMatchObject({ detail: { urgency: 'high' } });
});

test.each([
  ['nothing', null, ['role lead']],
  ['that it can wait', 'low', ['role lead']],
  ['something that nobody understands: everybody who could be asked', 'asap', ['role lead', 'role sre']],
])('who says %s', async (_what, said, asked) => {
  await using held = await hold(said);
  const { needs } = await shown(held.request.id);
  expect((needs as readonly JsonObject[]).map(({ who }) => who).sort()).toEqual(asked);
  expect(await (await alice.console()).ssh([], `deny ${held.request.id}`)).toMatchObject({ code: 0 });
  expect(await held.running.ended).toMatchObject({ code: 77 });
  const errorText = held.running.stderr.toString('utf8');
  if (said === 'asap') expect(errorText).toContain('LC_HELDLINE_URGENCY is none of low, normal, high');
  else expect(errorText).not.toContain('LC_HELDLINE_URGENCY');
  expect(existsSync(held.made)).toBe(false);
});

test('what is said in the panel, once the line is held, changes nothing of who is asked', async () => {
  await using terminal = await alice.window('host');
  await terminal.waitFor(/[$#] $/);
  const path = world.at('typed');
  terminal.type(`mkdir ${path}\r`);
  const { id } = await waitForHold(world.bastion, `mkdir ${path}`);
  await terminal.waitFor(/Waiting for one of role lead/);
  await sleep(READY_DELAY + 100);
  terminal.type('u');
  await terminal.waitFor('Urgency: high.');
  expect(await shown(id)).toMatchObject({ rule: 'usual', urgency: 'high', needs: [{ who: 'role lead' }] });
  terminal.type('\x1b');
  await terminal.waitFor(/cancelled/);
});

test('policy explain answers for it, and policy check says what saying it saves', async () => {
  const explain = async (...flags: readonly string[]): Promise<string> =>
    (await world.bastion.runOrFail(['policy', 'explain', ...flags, '--', 'mkdir x'])).text;
  expect(await explain()).toMatch(/^approve: rule usual/);
  expect(await explain('--urgency', 'high')).toMatch(/^approve: rule urgent[\s\S]*urgency high/);
  expect(await world.bastion.run(['policy', 'explain', '--urgency', 'asap', '--', 'mkdir x'])).toMatchObject({
    code: 2,
    errorText: expect.stringContaining('--urgency is one of low, normal, high'),
  });
  const check = await world.bastion.run(['policy', 'check']);
  expect(check.code).toBe(0);
  expect(`${check.text}${check.errorText}`).toContain('rule "usual" does not hold what people say is of urgency high');
  await writeFile(
    world.bastion.at('policy.d', '20-loose.yaml'),
    'version: 1\nrules: [{ id: loose, effect: allow, when: { urgency: high }, match: { command: ln } }]\n',
  );
  const refused = await world.bastion.run(['policy', 'check']);
  expect(refused.code).toBe(7);
  expect(`${refused.text}${refused.errorText}`).toContain('rule "loose" lets pass what people say is of urgency high');
});
