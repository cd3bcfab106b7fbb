/** `mosh` without a target, and who looks on or is sent away: the built program with Debian's mosh. */
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startMoshClient } from '../integration/mosh/support/mosh-stack.ts';
import { UdpRelay } from '../integration/mosh/support/udp-relay.ts';
import { BastionAndHost } from '../support/bastion-and-host.ts';
import { waitForHold } from '../support/held-request.ts';
import { moshWindow } from '../support/mosh-window.ts';
import { Person } from '../support/person.ts';
import { openSshTerminal } from '../support/ssh-terminal.ts';

let world: BastionAndHost;
let alice: Person;
let bob: Person;

beforeAll(async () => {
  world = await BastionAndHost.start({ config: (yaml) => yaml.replace('clipboard: false', 'clipboard: true') });
  alice = await Person.join(world.bastion, 'alice', ['dev']);
  bob = await Person.join(world.bastion, 'bob', ['sre', 'auditor']);
});
afterAll(() => world[Symbol.asyncDispose]());

/** The id of the only live session over mosh. */
async function liveMosh(): Promise<string> {
  const live = (await world.bastion.json(['session', 'list'])).filter(
    ({ door, state }) => door === 'mosh' && state === 'live',
  );
  expect(live.length).toBe(1);
  return String(live[0]?.['id']);
}

describe('mosh without a target', () => {
  test('shows the picker, filters it, and leads to a shell that is recorded as mosh', async () => {
    await using window = await moshWindow(alice, []);
    await window.waitFor(/\* host/);
    window.resize(80, 24);
    window.type('nothing-like-this');
    await window.waitFor((screen) => !screen.includes('* host'));
    window.type('\x1b');
    await window.waitFor(/\* host/);
    window.type('\r');
    await window.waitFor(/[$#]\s*$/);
    window.type('echo $((1200+34)); stty size\r');
    await window.waitFor(/^1234$/m);
    expect(await window.waitFor(/^24 80$/m)).not.toContain('Enter connect');
    await liveMosh();
    window.type('exit\r');
    expect(await window.waitForEnd()).toBe(0);
  });

  test('is left with Esc, and nothing was opened', async () => {
    await using window = await moshWindow(alice, []);
    await window.waitFor(/\* host/);
    window.type('\x1b');
    expect(await window.waitForEnd()).toBe(0);
  });

  test('holds the inbox too: watching, then approving, and the code is never seen', async () => {
    await using window = await moshWindow(alice, ['host']);
    await window.waitFor(/[$#]$/);
    const made = world.at('approved-over-mosh');
    window.type(`mkdir ${made}\r`);
    const { id } = await waitForHold(world.bastion, `mkdir ${made}`);
    await using inbox = await moshWindow(bob, [], { predict: 'always' });
    await inbox.waitFor(id);
    inbox.type('a');
    await inbox.waitFor(`> ${id}`);
    inbox.type('w');
    await inbox.waitFor((screen) => screen.includes('watching') && screen.includes('# mkdir'));
    inbox.type('q');
    await inbox.waitFor('You watched alice on host');
    inbox.type('a');
    await inbox.waitFor(`approve ${id} for alice`);
    const [before, code] = [inbox.output.length, await bob.phone.code()];
    for (const digit of code) {
      inbox.type(digit);
      await inbox.waitFor((screen) => screen.includes('*'));
    }
    const shown = inbox.screen();
    inbox.type('\r');
    await inbox.waitFor(`${id}: approved.`);
    expect(shown).not.toContain(code);
    expect(inbox.output.subarray(before).toString()).not.toContain(code);
    await window.waitFor(/bob approved|approved by bob|Enter/);
    window.type('\r');
    await expect.poll(() => existsSync(made), { timeout: 10_000 }).toBe(true);
  });
});

describe('a command of the console over mosh', () => {
  test('the inbox decides, though its client roams and was away, and the code is never seen', async () => {
    await using window = await moshWindow(alice, ['host']);
    await window.waitFor(/[$#]$/);
    const { stdout } = await (await bob.console()).ssh([], 'mosh-server new -c 256 -- approvals');
    const [, port, key] = /MOSH CONNECT (\d+) (\S{22})/.exec(stdout.toString()) ?? [];
    await using relay = await UdpRelay.start(Number(port), { seed: 1 });
    await using inbox = startMoshClient(relay.port, key ?? '', { cols: 100, rows: 30, predict: 'always' });
    await inbox.waitFor(/Nothing waits for you/);
    const before = (await world.bastion.audit()).length;
    relay.cut = true;
    const detached = async (): Promise<boolean> =>
      (await world.bastion.audit()).slice(before).some(({ type }) => type === 'mosh.detached');
    await expect.poll(detached, { timeout: 27_000 }).toBe(true);
    const made = world.at('approved-in-the-inbox');
    window.type(`mkdir ${made}\r`);
    const { id } = await waitForHold(world.bastion, `mkdir ${made}`);
    await relay.roam('127.0.0.2');
    relay.cut = false;
    await inbox.waitFor(`> ${id}`);
    inbox.type('a');
    await inbox.waitFor(`approve ${id} for alice`);
    const [shown, code] = [inbox.output.length, await bob.phone.code()];
    for (const digit of code) inbox.type(digit);
    await inbox.waitFor('*'.repeat(6));
    inbox.type('\r');
    await inbox.waitFor(`${id}: approved.`);
    expect(inbox.output.subarray(shown).toString()).not.toContain(code);
    await window.waitFor(/bob approved|approved by bob|Enter/);
    window.type('\r');
    await expect.poll(() => existsSync(made), { timeout: 10_000 }).toBe(true);
  }, 90_000);

  test('takes a code for one request, which is never seen, by prediction neither', async () => {
    await using window = await moshWindow(alice, ['host']);
    await window.waitFor(/[$#]$/);
    const made = world.at('approved-by-verb');
    window.type(`mkdir ${made}\r`);
    const { id } = await waitForHold(world.bastion, `mkdir ${made}`);
    await using verb = await moshWindow(bob, ['approve', id], { predict: 'always' });
    await verb.waitFor(made);
    const code = await bob.phone.code();
    for (const digit of code) verb.type(digit);
    await verb.waitFor('*'.repeat(6));
    verb.type('\r');
    await verb.waitFor('Press a key to close.');
    expect(verb.output.toString()).not.toContain(code);
    verb.type(' ');
    expect(await verb.waitForEnd()).toBe(0);
    await window.waitFor(/bob approved|approved by bob|Enter/);
    window.type('\r');
    await expect.poll(() => existsSync(made), { timeout: 10_000 }).toBe(true);
  }, 90_000);

  test('its output stays until a key is pressed', async () => {
    await using window = await moshWindow(bob, ['targets']);
    expect(await window.waitFor('Press a key to close.')).toContain('host');
    window.type(' ');
    expect(await window.waitForEnd()).toBe(0);
  });

  test('that does not exist, or is not for people, says so', async () => {
    await using window = await moshWindow(bob, ['user', 'add', 'mallory']);
    expect(await window.waitFor('Press a key to close.')).toContain('there is no command');
    window.type(' ');
    await window.waitForEnd();
    const users = await world.bastion.json(['user', 'list']);
    expect(users.map(({ name }) => name)).not.toContain('mallory');
  });
});

describe('session watch', () => {
  test('shows a session over mosh as it is and goes on, and its user is told', async () => {
    await using window = await moshWindow(alice, ['host']);
    await window.waitFor(/[$#]$/);
    window.type('echo before-$((40+2))\r');
    await window.waitFor('before-42');
    const client = await bob.console();
    await using watcher = openSshTerminal(client, {
      command: `session watch ${await liveMosh()}`,
      cols: 120,
      rows: 40,
    });
    await watcher.waitFor((screen) => screen.includes('before-42') && screen.includes('watching'));
    await window.waitFor('bob is watching this session.');
    window.type("printf '\\033[2J\\033[Hafter-%s\\n' $((50+7))\r");
    await watcher.waitFor((screen) => screen.includes('after-57') && !screen.includes('before-42'));
    watcher.type('q');
    expect(await watcher.waitForEnd()).toBe(0);
    const viewed = await world.bastion.waitForAudit('recording.viewed', (event) =>
      JSON.stringify(event).includes('bob'),
    );
    expect(JSON.stringify(viewed)).toContain('"live"');
  });

  test('can end it: the client learns why and leaves', async () => {
    await using window = await moshWindow(alice, ['host']);
    await window.waitFor(/[$#]$/);
    const command = `session watch ${await liveMosh()}`;
    await using watcher = openSshTerminal(await bob.console(), { command });
    await watcher.waitFor('watching');
    watcher.type('k');
    await watcher.waitFor('End this session?');
    watcher.type('y');
    await window.waitFor('this session was ended: ended by bob');
    window.type(' ');
    await window.waitForEnd();
  });
});

describe('the clipboard', () => {
  test('is set by a target where the configuration says so', async () => {
    await using window = await moshWindow(alice, ['host']);
    await window.waitFor(/[$#]$/);
    window.type("printf '\\033]52;;aGVsbG8=\\007'\r");
    await window.waitFor(() => window.output.includes('\x1b]52;c;aGVsbG8='));
  });
});

describe('a key that is removed', () => {
  test('ends what it opened over mosh, sessions and pickers, and their holds', async () => {
    const carol = await Person.join(world.bastion, 'carol', ['dev']);
    await using window = await moshWindow(carol, ['host']);
    await window.waitFor(/[$#]$/);
    await using picker = await moshWindow(carol, []);
    await picker.waitFor(/\* host/);
    const made = world.at('by-carol');
    window.type(`mkdir ${made}\r`);
    const { uid } = await waitForHold(world.bastion, `mkdir ${made}`);
    const [key] = await world.bastion.json(['key', 'list', 'carol']);
    await world.bastion.runOrFail(['key', 'remove', 'carol', String(key?.['fingerprint'])]);
    await Promise.all([window.waitForEnd(3000), picker.waitForEnd(3000)]);
    await world.bastion.waitForAudit('approval.cancelled', (event) => JSON.stringify(event).includes(uid));
    expect(window.output.toString()).toContain('the key that you signed in with was removed');
    expect(existsSync(made)).toBe(false);
  });
});
