/** Commands without a terminal, as scripts and Ansible run them: held, decided elsewhere, with a code that says how it ended. */
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BastionAndHost } from '../support/bastion-and-host.ts';
import { freePort } from '../support/free-port.ts';
import { waitForHold } from '../support/held-request.ts';
import { Person } from '../support/person.ts';
import { RunningProgram } from '../support/running-program.ts';

describe('a held command without a terminal', () => {
  let world: BastionAndHost;
  let alice: Person;
  let bob: Person;

  beforeAll(async () => {
    world = await BastionAndHost.start();
    alice = await Person.join(world.bastion, 'alice', ['dev']);
    bob = await Person.join(world.bastion, 'bob', ['sre']);
  });
  afterAll(() => world[Symbol.asyncDispose]());

  /** Starts `command` on the host as alice; the caller ends it. */
  const start = async (command: string): Promise<RunningProgram> =>
    RunningProgram.start('ssh', ['-F', (await alice.at('host')).configFile, 'server', command]);

  /** Connections that the target has seen so far. */
  const connections = (): number => world.sshd.logs().split('Connection from').length - 1;

  test('an ordinary command returns its own code and streams, and no word of ours', async () => {
    const result = await (await alice.at('host')).ssh([], 'echo out; echo err >&2; exit 7');
    expect(result).toMatchObject({ code: 7, text: 'out\n', errorText: 'err\n' });
  });

  test('75 when nobody decides in time', async () => {
    const before = connections();
    const result = await (await alice.at('host')).ssh([], `cp /etc/hostname ${world.at('expired')}`);
    expect(result.errorText).toMatch(/^heldline: \w{4} held: .*Waiting up to 2 s\. To approve: /);
    expect(result.errorText).toMatch(/heldline: \w{4} expired\. The command was not run/);
    expect(result).toMatchObject({ code: 75, text: '' });
    expect(existsSync(world.at('expired'))).toBe(false);
    expect(connections()).toBe(before);
  });

  test('77 and the reason when somebody denies it', async () => {
    await using running = await start(`mkdir ${world.at('denied')}`);
    const held = await waitForHold(world.bastion, `mkdir ${world.at('denied')}`);
    expect(await bob.deny(held.id, '-r', "'wait for the backup'")).toMatchObject({ code: 0 });
    expect(await running.ended).toMatchObject({ code: 77 });
    expect(running.stderr.toString()).toContain(`heldline: ${held.id} denied by bob: "wait for the backup"`);
    expect(existsSync(world.at('denied'))).toBe(false);
  });

  test('77 when a rule blocks it, and the rule is named', async () => {
    const before = connections();
    const result = await (await alice.at('host')).ssh([], `ln -s /etc/hostname ${world.at('link')}`);
    expect(result.code).toBe(77);
    expect(result.errorText).toContain('blocked by rule no-links');
    expect(connections()).toBe(before);
  });

  test('77 when the requester takes it back', async () => {
    const command = `mkdir ${world.at('cancelled')}`;
    await using running = await start(command);
    const held = await waitForHold(world.bastion, command);
    expect(await alice.deny(held.id)).toMatchObject({ code: 0 });
    expect(await running.ended).toMatchObject({ code: 77 });
    expect(existsSync(world.at('cancelled'))).toBe(false);
  });

  test('the request is cancelled when the requester goes away', async () => {
    const command = `mkdir ${world.at('gone')}`;
    await using running = await start(command);
    const held = await waitForHold(world.bastion, command);
    await running.stop('SIGKILL');
    await world.bastion.waitForAudit('approval.cancelled', (event) => JSON.stringify(event).includes(held.uid));
    const late = await bob.approve(held.id, held.digest, bob.phone.wrong());
    expect(late.code).toBe(5);
    expect(existsSync(world.at('gone'))).toBe(false);
  });

  test("the command's own code when another connection approves it, and nothing reaches the target before", async () => {
    const command = `mkdir ${world.at('made')} && echo done && exit 9`;
    const before = connections();
    await using running = await start(command);
    const held = await waitForHold(world.bastion, command);
    expect(connections()).toBe(before);
    expect(await bob.approve(held.id, held.digest, await bob.phone.code())).toMatchObject({ code: 0 });
    expect(await running.ended).toMatchObject({ code: 9 });
    expect(running.stdout.toString()).toBe('done\n');
    expect(running.stderr.toString()).toContain(`heldline: ${held.id} approved by bob. Running once.`);
    expect(existsSync(world.at('made'))).toBe(true);
  });

  test("0 and one's own code from a second connection for what needs only that", async () => {
    const command = `touch ${world.at('touched')}`;
    await using running = await start(command);
    const held = await waitForHold(world.bastion, command);
    expect(existsSync(world.at('touched'))).toBe(false);
    expect(await alice.approve(held.id, held.digest, await alice.phone.code())).toMatchObject({ code: 0 });
    expect(await running.ended).toMatchObject({ code: 0 });
    expect(existsSync(world.at('touched'))).toBe(true);
  });

  test('an approved command that dies of a signal gives 255, as over ssh', async () => {
    const command = `touch ${world.at('killed')}; kill -TERM $$`;
    await using running = await start(command);
    const held = await waitForHold(world.bastion, command);
    expect(await alice.approve(held.id, held.digest, await alice.phone.code())).toMatchObject({ code: 0 });
    expect(await running.ended).toMatchObject({ code: 255 });
  });

  test('69 when the target cannot be reached', async () => {
    const port = String(await freePort());
    const where = ['--host', '127.0.0.1', '--port', port, '--login', 'root'];
    await world.bastion.runOrFail(['target', 'add', 'down', ...where, '--host-key', world.sshd.hostKeyFingerprint]);
    const result = await (await alice.at('down')).ssh([], 'true');
    expect(result.code).toBe(69);
    expect(result.errorText).toMatch(/^heldline: /);
  });

  test('a target that nobody knows and one that may not be seen get the same words', async () => {
    const unknown = await (await alice.at('nowhere')).ssh([], 'true');
    expect(unknown.code).not.toBe(0);
    expect(unknown.errorText).toContain('there is no target "nowhere" for you');
  });

  test('the log says held, approved, released, in this order, for the command that ran', async () => {
    const session = (await world.bastion.waitForAudit('command.released'))['session'];
    const events = (await world.bastion.audit()).filter(
      (event) => JSON.stringify(event['session']) === JSON.stringify(session),
    );
    const order = ['session.started', 'command.submitted', 'command.released', 'recording.sealed', 'session.ended'];
    expect(events.map((event) => event['type']).filter((type) => order.includes(String(type)))).toEqual(order);
  });
});
