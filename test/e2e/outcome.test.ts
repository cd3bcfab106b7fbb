/** What the log says about how a released command ended: its exit code where the target tells, and who says so. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../support/bastion.ts';
import { BastionAndHost } from '../support/bastion-and-host.ts';
import { type HeldRequest, waitForHold } from '../support/held-request.ts';
import { Person } from '../support/person.ts';
import { RunningProgram } from '../support/running-program.ts';
import { waitUntil } from '../support/wait-until.ts';

const policy = {
  '10-defaults.yaml': `version: 1
postures: [{ when: { any: true }, default: allow, on_opaque: allow }]
access: [{ who: { any: true }, targets: { any: true } }]
approvals: { colleague: { stages: [{ who: { role: sre } }], expires: 2m, release: immediate } }
rules: [{ id: makes, effect: approve, approval: colleague, match: { command: mkdir } }]
`,
};

let world: BastionAndHost;
let alice: Person;
let approvers: Person[];

beforeAll(async () => {
  world = await BastionAndHost.start({ policy });
  alice = await Person.join(world.bastion, 'alice');
  approvers = [];
  for (const name of ['bob', 'carol', 'dave', 'erin']) {
    approvers.push(await Person.join(world.bastion, name, ['sre']));
  }
});
afterAll(() => world[Symbol.asyncDispose]());

async function approve(command: string): Promise<HeldRequest> {
  const held = await waitForHold(world.bastion, command);
  const approver = approvers.shift();
  if (approver === undefined) throw new TypeError('every approver has given their code');
  expect(await approver.approve(held.id, held.digest, await approver.phone.code())).toMatchObject({ code: 0 });
  return held;
}

const finished = ({ uid }: HeldRequest): Promise<JsonObject> =>
  world.bastion.waitForAudit('command.finished', (event) => JSON.stringify(event['approval']).includes(uid));

describe('a command without a terminal', () => {
  const start = async (command: string): Promise<RunningProgram> =>
    RunningProgram.start('ssh', ['-F', (await alice.at('host')).configFile, 'server', command]);

  test('its exit code and duration are written down as reported by the target', async () => {
    const command = `mkdir ${world.at('seven')}; exit 7`;
    await using running = await start(command);
    const held = await approve(command);
    expect(await running.ended).toMatchObject({ code: 7 });
    expect(await finished(held)).toMatchObject({
      outcome: 'failure',
      reason: 'reported by the target',
      command: { text: command },
      detail: { status: { kind: 'code', code: 7 }, durationMs: expect.any(Number) },
    });
  });

  test('who leaves before it ended leaves a disconnect', async () => {
    const command = `mkdir ${world.at('left')}; sleep 60`;
    await using running = await start(command);
    const held = await approve(command);
    await waitUntil('the command runs', () => existsSync(world.at('left')));
    await running.stop('SIGKILL');
    expect(await finished(held)).toMatchObject({ outcome: 'error', detail: { status: { kind: 'disconnect' } } });
  });
});

describe('a line of a shell', () => {
  test('a shell that marks the end of its commands tells the code', async () => {
    const rc = world.at('rc');
    await writeFile(rc, `PS1='box$ '\nPROMPT_COMMAND='printf "\\e]133;D;%s\\a" "$?"'\n`);
    await using terminal = await alice.window('host', `bash --rcfile ${rc} -i`);
    await terminal.waitFor(/box\$ $/);
    const command = `mkdir ${world.at('no', 'such', 'parent')}`;
    terminal.type(`${command}\r`);
    const held = await approve(command);
    expect(await finished(held)).toMatchObject({
      outcome: 'failure',
      reason: 'reported by the target',
      detail: { status: { kind: 'code', code: 1 } },
    });
  });

  test('a shell that does not is unknown once its prompt is back', async () => {
    await using terminal = await alice.window('host', '/bin/sh');
    await terminal.waitFor(/[$#] $/);
    const command = `mkdir ${world.at('plain')}`;
    terminal.type(`${command}\r`);
    const held = await approve(command);
    await waitUntil('the command ran', () => existsSync(world.at('plain')));
    await terminal.waitFor(/Running once\.\s+[$#] $/);
    terminal.type('true\r');
    expect(await finished(held)).toMatchObject({ outcome: 'error', detail: { status: { kind: 'unknown' } } });
  });
});
