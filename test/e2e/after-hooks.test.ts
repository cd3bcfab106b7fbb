/** After a released command: the hook of its rule runs on the bastion, once, and the log has it. */
import { existsSync } from 'node:fs';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BastionAndHost } from '../support/bastion-and-host.ts';
import { type HeldRequest, listRequests, waitForHold } from '../support/held-request.ts';
import { Person } from '../support/person.ts';
import { RunningProgram } from '../support/running-program.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';
import { waitUntil } from '../support/wait-until.ts';

let folder: TempDir;
let world: BastionAndHost;
let alice: Person;
let approvers: Person[];

const policyFor = (hook: string): string => `version: 1
postures: [{ when: { any: true }, default: allow }]
access: [{ who: { any: true }, targets: { any: true } }]
approvals: { colleague: { stages: [{ who: { role: sre } }], expires: 2m } }
rules:
  - { id: makes, effect: approve, approval: colleague, match: { command: mkdir }, after: { on: [nonzero, disconnect], hook: undo } }
  - { id: dates, effect: approve, approval: colleague, match: { command: touch }, after: { on: [zero], hook: undo, needs_approval: true } }
hooks: { undo: { run: ["${hook}", "{target}", "{request_id}", "{status}"], env: [REQUEST_ID] } }
`;

beforeAll(async () => {
  folder = await tempDir({ name: 'after' });
  const hook = folder.at('undo');
  await writeFile(hook, `#!/bin/sh\necho "$@ $REQUEST_ID" >> ${folder.at('ran')}\necho undone\n`);
  await chmod(hook, 0o700);
  world = await BastionAndHost.start({ policy: { '10-defaults.yaml': policyFor(hook) } });
  alice = await Person.join(world.bastion, 'alice');
  approvers = [];
  for (const name of ['bob', 'carol', 'dave', 'erin', 'frank']) {
    approvers.push(await Person.join(world.bastion, name, ['sre']));
  }
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

async function approve({ id, digest }: HeldRequest): Promise<void> {
  const approver = approvers.shift();
  if (approver === undefined) throw new TypeError('every approver has given their code');
  expect(await approver.approve(id, digest, await approver.phone.code())).toMatchObject({ code: 0 });
}

async function start(command: string): Promise<{ running: RunningProgram; held: HeldRequest }> {
  const { configFile } = await alice.at('host');
  const running = await RunningProgram.start('ssh', ['-F', configFile, 'server', command]);
  const held = await waitForHold(world.bastion, command);
  await approve(held);
  return { running, held };
}

const ended = ({ uid }: HeldRequest) =>
  world.bastion.waitForAudit('rollback.finished', (event) => JSON.stringify(event['approval']).includes(uid));
const ran = async (): Promise<string> => (existsSync(folder.at('ran')) ? readFile(folder.at('ran'), 'utf8') : '');

describe('after a command that was held', () => {
  test('and failed, its hook runs with what it was told', async () => {
    const { running, held } = await start(`mkdir ${world.at('a')}; exit 9`);
    await using _ = running;
    expect(await running.ended).toMatchObject({ code: 9 });
    expect(await ended(held)).toMatchObject({
      outcome: 'success',
      policy: { rule: 'makes' },
      detail: { hook: 'undo', after: { kind: 'code', code: 9 }, result: 'exited', code: 0, output: 'undone\n' },
    });
    expect(await ran()).toBe(`host ${held.id} 9 ${held.id}\n`);
  });

  test('and succeeded, it does not', async () => {
    const before = await ran();
    const { running, held } = await start(`mkdir ${world.at('b')}`);
    await using _ = running;
    expect(await running.ended).toMatchObject({ code: 0 });
    await world.bastion.waitForAudit('session.ended', (event) => JSON.stringify(event).includes(held.session));
    expect(await ran()).toBe(before);
  });

  test('and whose user left, it runs', async () => {
    const { running, held } = await start(`mkdir ${world.at('c')}; sleep 60`);
    await waitUntil('the command runs', () => existsSync(world.at('c')));
    await running.stop('SIGKILL');
    expect(await ended(held)).toMatchObject({ detail: { after: { kind: 'disconnect' }, result: 'exited' } });
    expect(await ran()).toContain(`host ${held.id} disconnect ${held.id}\n`);
  });

  test('a hook that needs an approval waits for one of its own', async () => {
    const before = await ran();
    const { running, held } = await start(`touch ${world.at('d')}`);
    await using _ = running;
    expect(await running.ended).toMatchObject({ code: 0 });
    const asked = await waitUntil('somebody is asked', async () =>
      (await listRequests(world.bastion)).find((one) => one.command.includes(`of ${held.id}:`)),
    );
    expect(asked).toMatchObject({ state: 'pending', user: 'alice', reason: expect.stringContaining(held.id) });
    expect(await ran()).toBe(before);
    await approve(asked);
    expect(await ended(held)).toMatchObject({ outcome: 'success' });
    expect(await ran()).toContain(`host ${held.id} 0 ${held.id}\n`);
  });
});
