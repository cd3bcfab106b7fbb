/** Who may decide on a held command, from where, with what, and what they are told. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BastionAndHost } from '../support/bastion-and-host.ts';
import { type HeldCommand, holdCommand, requestNow, waitForHold } from '../support/held-request.ts';
import { Person } from '../support/person.ts';
import { openSshTerminal } from '../support/ssh-terminal.ts';
import { waitUntil } from '../support/wait-until.ts';

let world: BastionAndHost;
let alice: Person;
let bob: Person;
let carol: Person;
let dave: Person;
let names = 0;

beforeAll(async () => {
  world = await BastionAndHost.start();
  alice = await Person.join(world.bastion, 'alice', ['dev', 'sre']);
  bob = await Person.join(world.bastion, 'bob', ['sre']);
  carol = await Person.join(world.bastion, 'carol', ['sre']);
  dave = await Person.join(world.bastion, 'dave', ['dev']);
});
afterAll(() => world[Symbol.asyncDispose]());

/** alice's `mkdir`, waiting for one of the role sre. */
function hold(program?: string): Promise<HeldCommand> {
  names += 1;
  return holdCommand(world.bastion, alice, world.at(`made-${names}`), program);
}

const local = (words: readonly string[], code: string) => world.bastion.run(words, { input: `${code}\n` });

describe('a second person', () => {
  test('approves on the local command line with the code on standard input, after the whole statement', async () => {
    await using held = await hold();
    const { id, digest, command } = held.request;
    const words = ['approve', id, '--digest', digest, '--user', 'bob', '--code-file', '-'];
    const result = await local(words, await bob.phone.code());
    expect(result).toMatchObject({ code: 0 });
    for (const part of [command, 'alice', 'host', world.sshd.user]) expect(result.errorText).toContain(part);
    expect(await held.running.ended).toMatchObject({ code: 0 });
    expect(existsSync(held.marker)).toBe(true);
  });

  test('is told by the code alone on the local command line', async () => {
    await using held = await hold();
    const file = world.at('code');
    await writeFile(file, `${await carol.phone.code()}\n`);
    const { id, digest } = held.request;
    expect(await world.bastion.run(['approve', id, '--digest', digest, '--code-file', file])).toMatchObject({
      code: 0,
    });
    expect(await held.running.ended).toMatchObject({ code: 0 });
    const released = await world.bastion.waitForAudit('command.released', (event) =>
      JSON.stringify(event).includes(id),
    );
    expect(JSON.stringify(released['approval'])).toContain('"carol"');
  });

  test('approves over ssh with a terminal: sees the statement, types the code, presses Enter', async () => {
    await using held = await hold();
    await using terminal = openSshTerminal(await bob.console(), { command: `approve ${held.request.id}` });
    await terminal.waitFor(held.request.command);
    await terminal.waitFor('Your code to approve');
    terminal.type(`${await bob.phone.code()}\r`);
    expect(await terminal.waitForEnd()).toBe(0);
    expect(await held.running.ended).toMatchObject({ code: 0 });
  });

  test('denies with a reason that the requester reads', async () => {
    await using held = await hold();
    const denied = await world.bastion.run(['deny', held.request.id, '--user', 'bob', '-r', 'not\u202e today']);
    expect(denied).toMatchObject({ code: 0 });
    expect(await held.running.ended).toMatchObject({ code: 77 });
    expect(held.running.stderr.toString()).toContain('denied by bob: "not\\u202e today"');
    expect(existsSync(held.marker)).toBe(false);
  });

  test('is refused with a digest of something else', async () => {
    await using held = await hold();
    const other = `sha256:${'0'.repeat(64)}`;
    const result = await carol.approve(held.request.id, other, carol.phone.wrong());
    expect(result.code).toBe(5);
    expect(result.errorText).toContain('digest');
    expect((await requestNow(world.bastion, held.request.uid))?.state).toBe('pending');
  });

  test('may shorten the digest to sixteen digits, not to less', async () => {
    await using held = await hold();
    const { id, digest } = held.request;
    const hex = digest.replace('sha256:', '');
    expect((await carol.approve(id, hex.slice(0, 15), carol.phone.wrong())).errorText).toContain('digest');
    const code = await carol.phone.code();
    expect((await carol.approve(id, hex.slice(0, 16), code)).errorText).toContain(`heldline: ${id} approved`);
    expect(await held.running.ended).toMatchObject({ code: 0 });
  });

  test('has to give a digest when there is no terminal', async () => {
    await using held = await hold();
    const result = await (await bob.console()).ssh([], `approve ${held.request.id}`, { input: '123456\n' });
    expect(result.code).toBe(2);
    expect(result.errorText).toContain('--digest');
  });

  test('decides once: whoever comes later is told that it is decided', async () => {
    await using held = await hold();
    const { id, digest } = held.request;
    expect((await bob.deny(id)).code).toBe(0);
    await held.running.ended;
    expect((await carol.approve(id, digest, carol.phone.wrong())).code).toBe(5);
    expect((await carol.deny(id)).code).toBe(5);
  });

  test('is out after three wrong codes; others are not', async () => {
    const eve = await Person.join(world.bastion, 'eve', ['sre']);
    await using held = await hold();
    const { id, digest } = held.request;
    const answers = [];
    for (let attempt = 0; attempt < 3; attempt += 1) answers.push(await eve.approve(id, digest, eve.phone.wrong()));
    expect(answers.map((answer) => answer.code)).toEqual([4, 4, 4]);
    expect(answers[0]?.errorText).toContain('That code is not right. 2 tries left.');
    const right = await eve.approve(id, digest, await eve.phone.code());
    expect(right.code).toBe(4);
    expect((await requestNow(world.bastion, held.request.uid))?.state).toBe('pending');
    expect((await bob.deny(id)).code).toBe(0);
  });

  test('cannot use one code twice', async () => {
    const frank = await Person.join(world.bastion, 'frank', ['sre']);
    const code = await frank.phone.code();
    await using first = await hold();
    expect((await frank.approve(first.request.id, first.request.digest, code)).code).toBe(0);
    await first.running.ended;
    await using second = await hold();
    const again = await frank.approve(second.request.id, second.request.digest, code);
    expect(again.code).toBe(4);
    expect(again.errorText).toContain('That code was used already');
    expect(await world.bastion.waitForAudit('approval.code_replayed')).toBeDefined();
    expect(existsSync(second.marker)).toBe(false);
  });

  test('who is disabled does not count, and neither does an approval given before', async () => {
    const grace = await Person.join(world.bastion, 'grace', ['sre']);
    await using held = await hold();
    const { id, digest } = held.request;
    await world.bastion.runOrFail(['user', 'disable', 'grace']);
    const words = ['approve', id, '--digest', digest, '--user', 'grace', '--code-file', '-'];
    expect((await local(words, await grace.phone.code())).code).toBe(4);
    expect((await grace.approve(id, digest, grace.phone.wrong())).code).toBe(255);
    expect((await requestNow(world.bastion, held.request.uid))?.state).toBe('pending');
  });
});

describe('nobody', () => {
  test('approves their own command where a second person is asked, whatever their roles and on no door', async () => {
    await using held = await hold();
    const { id, digest } = held.request;
    const code = await alice.phone.code();
    const overSsh = await alice.approve(id, digest, code);
    expect(overSsh.code).toBe(4);
    expect(overSsh.errorText).toContain('your own code does not count');
    const words = ['approve', id, '--digest', digest, '--user', 'alice', '--code-file', '-'];
    expect((await local(words, code)).code).toBe(4);
    const refused = await world.bastion.waitForAudit('approval.self_refused');
    expect(JSON.stringify(refused)).toContain('"alice"');
    expect(existsSync(held.marker)).toBe(false);
  });

  test('who is not asked approves or denies', async () => {
    await using held = await hold();
    const { id, digest } = held.request;
    expect([3, 4]).toContain((await dave.approve(id, digest, await dave.phone.code())).code);
    expect([3, 4]).toContain((await dave.deny(id)).code);
    expect((await requestNow(world.bastion, held.request.uid))?.state).toBe('pending');
  });

  test('is an approver by being root on the bastion', async () => {
    await using held = await hold();
    const { id, digest } = held.request;
    const result = await local(['approve', id, '--digest', digest, '--code-file', '-'], bob.phone.wrong());
    expect(result.code).toBe(4);
    expect((await world.bastion.run(['deny', id])).code).toBe(4);
    expect((await requestNow(world.bastion, held.request.uid))?.state).toBe('pending');
  });
});

describe('what does not fit', () => {
  test.each([
    ['an id that nobody has', ['approve', 'ZZZZ', '--digest', '0'.repeat(16), '--user', 'bob', '--code-file', '-'], 3],
    ['no id', ['approve'], 2],
    ['an option that there is not', ['approve', '7KQ2', '--force'], 2],
    ['deny of an id that nobody has', ['deny', 'ZZZZ', '--user', 'bob'], 3],
    ['a verb that there is not', ['aprove', '7KQ2'], 2],
  ])('%s', async (_, words, code) => {
    const result = await local(words, '123456');
    expect(result).toMatchObject({ code, text: '' });
    expect(result.errorText).toMatch(/^heldline: /);
  });

  test('a request that expired is decided', async () => {
    await using held = await hold('cp /etc/hostname');
    expect(await held.running.ended).toMatchObject({ code: 75 });
    const { id, digest, uid } = held.request;
    expect((await bob.approve(id, digest, bob.phone.wrong())).code).toBe(5);
    expect((await requestNow(world.bastion, uid))?.state).toBe('expired');
    expect(
      await world.bastion.waitForAudit('approval.expired', (event) => JSON.stringify(event).includes(uid)),
    ).toBeDefined();
  });
});

test('an approval that took longer than ten seconds waits for Enter at the terminal', async () => {
  await using terminal = await alice.window('host', '/bin/sh');
  await terminal.waitFor(/[$#] $/);
  const marker = world.at('late');
  terminal.type(`mkdir ${marker}\r`);
  await terminal.waitFor(/HELD \w{4}/);
  const held = await waitForHold(world.bastion, `mkdir ${marker}`);
  const begun = Date.now();
  const heidi = await Person.join(world.bastion, 'heidi', ['sre']);
  const code = await heidi.phone.code();
  await waitUntil('the request is older than ten seconds', () => Date.now() - begun > 10_500, 15_000);
  expect((await heidi.approve(held.id, held.digest, code, '-r', 'go')).code).toBe(0);
  await terminal.waitFor('heidi approved: "go"');
  expect(existsSync(marker)).toBe(false);
  await waitUntil('Enter releases it', () => {
    if (terminal.screen().includes('heidi approved:')) terminal.type('\r');
    return terminal.screen().includes(`heldline: ${held.id} approved by heidi`);
  });
  await waitUntil('the command ran', () => existsSync(marker));
});

test('without the daemon the verbs say so with a code of their own', async () => {
  await world.bastion.stop();
  const result = await world.bastion.run(['requests']);
  expect(result).toMatchObject({ code: 6, text: '' });
  expect(result.errorText).toMatch(/^heldline: /);
  expect((await world.bastion.run(['approve', '7KQ2', '--digest', '0'.repeat(16)])).code).toBe(6);
});
