/** Freezing the input of a live session, letting it go on, and ending it with a reason: what its user sees, what runs. */
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BastionAndHost } from '../support/bastion-and-host.ts';
import { waitForHold } from '../support/held-request.ts';
import { Person } from '../support/person.ts';
import { RunningProgram } from '../support/running-program.ts';
import { waitUntil } from '../support/wait-until.ts';

let world: BastionAndHost;
let alice: Person;
let audrey: Person;

beforeAll(async () => {
  world = await BastionAndHost.start();
  alice = await Person.join(world.bastion, 'alice');
  audrey = await Person.join(world.bastion, 'audrey', ['auditor']);
});
afterAll(() => world[Symbol.asyncDispose]());

/** The id of alice's newest session. */
async function newest(): Promise<string> {
  const started = (await world.bastion.audit()).filter((event) => event['type'] === 'session.started').at(-1);
  const session: unknown = started?.['session'];
  return String(typeof session === 'object' && session !== null && 'id' in session ? session.id : '');
}

describe('a session with a terminal', () => {
  test('sends nothing that is typed until it is resumed, keeps nothing, and says so', async () => {
    await using terminal = await alice.window('host', '/bin/sh');
    await terminal.waitFor(/[$#] $/);
    const id = await newest();
    const frozen = await (await audrey.console()).ssh([], `session freeze ${id} -r 'wrong host'`);
    expect(frozen, frozen.errorText).toMatchObject({ code: 0 });
    await terminal.waitFor('the input of this session is frozen: wrong host (audrey)');
    terminal.type(`echo no > ${world.at('frozen')}\r`);
    expect((await (await alice.console()).ssh([], `session resume ${id}`)).code).toBe(3);
    expect((await world.bastion.run(['session', 'freeze', id])).code).toBe(5);
    await world.bastion.runOrFail(['session', 'resume', id]);
    await terminal.waitFor('is not frozen any more');
    terminal.type(`echo yes > ${world.at('resumed')}\r`);
    await waitUntil('what is typed afterwards runs', () => existsSync(world.at('resumed')));
    expect(existsSync(world.at('frozen'))).toBe(false);
    const types = (await world.bastion.audit()).map((event) => event['type']);
    expect(types.filter((type) => type === 'session.frozen' || type === 'session.resumed')).toEqual([
      'session.frozen',
      'session.resumed',
    ]);
    expect((await world.bastion.run(['session', 'resume', id])).code).toBe(5);
  });

  test('a command that is held in it is denied', async () => {
    await using terminal = await alice.window('host', '/bin/sh');
    await terminal.waitFor(/[$#] $/);
    const command = `mkdir ${world.at('held')}`;
    terminal.type(`${command}\r`);
    const held = await waitForHold(world.bastion, command);
    await world.bastion.runOrFail(['session', 'freeze', held.session, '-r', 'not now']);
    await world.bastion.waitForAudit('approval.cancelled', (event) => JSON.stringify(event).includes(held.uid));
    expect(existsSync(world.at('held'))).toBe(false);
  });

  test('is ended with the reason that its user reads', async () => {
    await using terminal = await alice.window('host', '/bin/sh');
    await terminal.waitFor(/[$#] $/);
    const id = await newest();
    await world.bastion.runOrFail(['session', 'kill', id, '-r', 'maintenance']);
    await terminal.waitFor('this session was ended: maintenance');
    await terminal.waitForEnd();
    expect(await world.bastion.waitForAudit('session.killed')).toMatchObject({ reason: 'maintenance' });
  });
});

test('the lines of a pipe wait and run afterwards, in order', async () => {
  const { configFile } = await alice.at('host');
  await using running = await RunningProgram.start('ssh', ['-F', configFile, 'server', '/bin/sh']);
  await running.write('echo ready\n');
  await waitUntil('the shell reads', () => running.stdout.toString().includes('ready'));
  const id = await newest();
  await world.bastion.runOrFail(['session', 'freeze', id, '-r', 'wait']);
  await running.write(`echo one >> ${world.at('pipe')}\necho two\n`);
  await waitUntil('its user is told', () => running.stderr.toString().includes('is frozen: wait'));
  expect(running.stdout.toString()).not.toContain('two');
  await world.bastion.runOrFail(['session', 'resume', id]);
  await waitUntil('it goes on', () => running.stdout.toString().includes('two'));
  expect(existsSync(world.at('pipe'))).toBe(true);
});
