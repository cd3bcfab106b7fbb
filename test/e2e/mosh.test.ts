/** The built program with Debian's mosh: holds, approvals and recording are the same as over ssh. */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startMoshClient } from '../integration/mosh/support/mosh-stack.ts';
import { UdpRelay } from '../integration/mosh/support/udp-relay.ts';
import { BastionAndHost } from '../support/bastion-and-host.ts';
import { requestNow, waitForHold } from '../support/held-request.ts';
import { moshWindow } from '../support/mosh-window.ts';
import { Person } from '../support/person.ts';
import type { ScreenTerminal } from '../support/screen-terminal.ts';

let world: BastionAndHost;
let alice: Person;
let bob: Person;
let names = 0;

beforeAll(async () => {
  world = await BastionAndHost.start();
  alice = await Person.join(world.bastion, 'alice', ['dev']);
  bob = await Person.join(world.bastion, 'bob', ['sre']);
});
afterAll(() => world[Symbol.asyncDispose]());

async function shell(): Promise<ScreenTerminal> {
  const window = await moshWindow(alice, ['host']);
  await window.waitFor(/[$#]$/);
  return window;
}

/** A client behind a relay that the test can make worse. */
async function relayed(loss = 0): Promise<{ window: ScreenTerminal; relay: UdpRelay }> {
  const { stdout } = await (await alice.console()).ssh([], 'mosh-server new -c 256 -- host');
  const [, port, key] = /MOSH CONNECT (\d+) (\S{22})/.exec(stdout.toString()) ?? [];
  if (port === undefined || key === undefined) throw new Error(`no invitation: ${stdout}`);
  const relay = await UdpRelay.start(Number(port), { seed: 1, loss, delay: 5 });
  const window = startMoshClient(relay.port, key, { cols: 100, rows: 30 });
  await window.waitFor(/[$#]$/);
  return { window, relay };
}

function marker(): string {
  names += 1;
  return world.at(`mosh-${names}`);
}

describe('over mosh', () => {
  test('a shell on the target, and the session is listed as mosh', async () => {
    await using window = await shell();
    window.type('echo $((1200+34))\r');
    await window.waitFor(/^1234$/m);
    const [session] = (await world.bastion.json(['session', 'list'])).filter((one) => one['door'] === 'mosh');
    expect(session).toMatchObject({ user: 'alice', target: 'host', state: 'live' });
    window.type('exit\r');
    expect(await window.waitForEnd()).toBe(0);
  });

  test('a held command shows its panel, is approved by somebody else, and runs once', async () => {
    await using window = await shell();
    const made = marker();
    window.type(`mkdir ${made}\r`);
    await window.waitFor(/HELD \w{4}/);
    const { id, digest } = await waitForHold(world.bastion, `mkdir ${made}`);
    expect(existsSync(made)).toBe(false);
    expect(await bob.approve(id, digest, await bob.phone.code())).toMatchObject({ code: 0 });
    await window.waitFor(/bob approved|approved by bob|Enter/);
    await sleep(700);
    window.type('\r');
    await expect.poll(() => existsSync(made), { timeout: 10_000 }).toBe(true);
    const released = await world.bastion.waitForAudit('command.released', (event) =>
      JSON.stringify(event).includes(id),
    );
    expect(JSON.stringify(released)).toContain('bob');
  });

  test('the digits of a code never appear on the screen', async () => {
    await using window = await shell();
    const made = marker();
    window.type(`touch ${made}\r`);
    await window.waitFor(/HELD \w{4}/);
    const code = await alice.phone.code();
    await sleep(600);
    for (const digit of code) window.type(digit);
    window.type('\r');
    await expect.poll(() => existsSync(made), { timeout: 10_000 }).toBe(true);
    expect(window.output.toString()).not.toContain(code);
  });

  test('a command that is held while nobody is there expires', async () => {
    await using window = await shell();
    const made = marker();
    window.type(`cp /etc/hostname ${made}\r`);
    await window.waitFor(/HELD \w{4}/);
    const { uid } = await waitForHold(world.bastion, `cp /etc/hostname ${made}`);
    await expect
      .poll(async () => (await requestNow(world.bastion, uid))?.state, { timeout: 10_000 })
      .not.toBe('pending');
    expect(existsSync(made)).toBe(false);
  });

  test('somebody without access is told so in the window', async () => {
    await using window = await moshWindow(alice, ['nowhere']);
    await window.waitForEnd();
    expect(window.output.toString()).toContain('there is no target "nowhere" for you');
  });

  test('the log tells when a client came and went', async () => {
    await using window = await shell();
    window.type('exit\r');
    await window.waitForEnd();
    for (const type of ['mosh.started', 'mosh.ended']) {
      await world.bastion.waitForAudit(type, (event) => JSON.stringify(event).includes('"alice"'));
    }
  });

  test('a target does not set the clipboard unless that is configured', async () => {
    await using window = await shell();
    window.type("printf '\\033]52;c;aGVsbG8=\\007'; echo over-$((20+2))\r");
    await window.waitFor(/^over-22$/m);
    expect(window.output.includes('\x1b]52;')).toBe(false);
  });

  test('doctor knocks on the port, and does not claim to know more', async () => {
    const { text, code } = await world.bastion.run(['doctor']);
    expect(text).toContain(`UDP port ${world.bastion.port} is reached on this machine`);
    expect(text).toContain('Whether it is reached from outside cannot be seen from here');
    expect(code).toBe(0);
  });

  test('a hold goes on while the client roams', async () => {
    const { window, relay } = await relayed();
    // The window goes first, so that its goodbye still gets through.
    await using _relay = relay;
    await using _window = window;
    const made = marker();
    window.type(`mkdir ${made}\r`);
    await window.waitFor(/HELD \w{4}/);
    const { id, digest } = await waitForHold(world.bastion, `mkdir ${made}`);
    await relay.roam('127.0.0.2');
    expect(await bob.approve(id, digest, await bob.phone.code())).toMatchObject({ code: 0 });
    await sleep(700);
    window.type('\r');
    await expect.poll(() => existsSync(made), { timeout: 10_000 }).toBe(true);
    await world.bastion.waitForAudit('mosh.roamed', (event) => JSON.stringify(event).includes('127.0.0.2'));
  });

  test('a hold of somebody who is gone expires and never runs', async () => {
    const { window, relay } = await relayed();
    // The window goes first, so that its goodbye still gets through.
    await using _relay = relay;
    await using _window = window;
    const made = marker();
    window.type(`cp /etc/hostname ${made}\r`);
    await window.waitFor(/HELD \w{4}/);
    relay.cut = true;
    const { uid } = await waitForHold(world.bastion, `cp /etc/hostname ${made}`);
    await expect.poll(async () => (await requestNow(world.bastion, uid))?.state, { timeout: 10_000 }).toBe('expired');
    relay.cut = false;
    await window.waitFor(/expired/);
    expect(existsSync(made)).toBe(false);
  });

  test('the recording has everything that the target wrote, though the client lost a third', async () => {
    const { window, relay } = await relayed(0.3);
    // The window goes first, so that its goodbye still gets through.
    await using _relay = relay;
    await using _window = window;
    window.type('for i in $(seq 2000); do echo line-$i; done; exit\r');
    expect(await window.waitForEnd(30_000)).toBe(0);
    const listed = await world.bastion.json(['session', 'list', '--user', 'alice']);
    const last = listed
      .filter((one) => one['door'] === 'mosh')
      .sort((a, b) => String(a['started_at']).localeCompare(String(b['started_at'])))
      .at(-1);
    const exported = await world.bastion.runOrFail(['session', 'export', String(last?.['id']), '--format', 'txt']);
    const lines = new Set(exported.stdout.toString().split(/\s+/));
    for (let line = 1; line <= 2000; line += 1) expect(lines.has(`line-${line}`), `line ${line}`).toBe(true);
  }, 60_000);
});
