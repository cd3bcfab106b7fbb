/** What the policy makes of a client's new address: the built program with Debian's client behind a relay that moves. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startMoshClient } from '../integration/mosh/support/mosh-stack.ts';
import { UdpRelay } from '../integration/mosh/support/udp-relay.ts';
import { Bastion } from '../support/bastion.ts';
import { BastionAndHost } from '../support/bastion-and-host.ts';
import { harmlessPolicy } from '../support/harmless-policy.ts';
import { waitForHold } from '../support/held-request.ts';
import { Person } from '../support/person.ts';
import type { ScreenTerminal } from '../support/screen-terminal.ts';

let world: BastionAndHost;
let alice: Person;
let bob: Person;

beforeAll(async () => {
  world = await BastionAndHost.start({ policy: { ...harmlessPolicy, '20-roaming.yaml': roaming('on_move: freeze') } });
  alice = await Person.join(world.bastion, 'alice', ['dev']);
  bob = await Person.join(world.bastion, 'bob', ['sre']);
});
afterAll(() => world[Symbol.asyncDispose]());

function roaming(members: string): string {
  return `version: 1\nroaming:\n  - { when: { target: host }, ${members} }\n`;
}

async function usePolicy(members: string): Promise<void> {
  await writeFile(world.bastion.at('policy.d', '20-roaming.yaml'), roaming(members));
  await world.bastion.runOrFail(['config', 'reload']);
}

/** A client behind a relay. */
async function connect(person = alice, target = 'host'): Promise<{ window: ScreenTerminal; relay: UdpRelay }> {
  const { stdout } = await (await person.console()).ssh([], `mosh-server new -c 256 -- ${target}`);
  const [, port, key] = /MOSH CONNECT (\d+) (\S{22})/.exec(stdout.toString()) ?? [];
  if (port === undefined || key === undefined) throw new Error(`no invitation: ${stdout}`);
  const relay = await UdpRelay.start(Number(port), { seed: 1 });
  return { window: startMoshClient(relay.port, key, { cols: 100, rows: 30 }), relay };
}

async function typeCode(window: ScreenTerminal, person = alice): Promise<void> {
  window.type(`${await person.phone.code()}\r`);
}

/** Nobody has access by itself. */
const ASKED = `version: 1
postures: [{ when: { any: true }, default: allow }]
approvals: { peer: { stages: [{ who: { role: sre }, factor: totp }], expires: 10m } }
access: [{ who: { role: dev }, targets: { any: true }, request: { approval: peer, longest: 8h } }]
`;

describe('out of reach', () => {
  test('a session ends together with the access for a time that it was opened under', async () => {
    await using bastion = await Bastion.start({ policy: { '10-defaults.yaml': ASKED } });
    await bastion.runOrFail(['target', 'add', 'lab', '--local', '/bin/sh']);
    const carol = await Person.join(bastion, 'carol', ['dev']);
    const dave = await Person.join(bastion, 'dave', ['sre']);
    const asked = await (await carol.console()).ssh([], 'access request lab --for 30m -r test --json');
    const { id, digest } = JSON.parse(asked.text) as { readonly id: string; readonly digest: string };
    expect(await dave.approve(id, digest, await dave.phone.code())).toMatchObject({ code: 0 });
    const { window, relay } = await connect(carol, 'lab');
    await using _relay = relay;
    await using _window = window;
    await window.waitFor(/[$#]$/);
    relay.cut = true;
    await bastion.waitForAudit('mosh.detached', () => true, 30_000);
    const [granted] = await bastion.json(['access', 'list']);
    expect(await (await carol.console()).ssh([], `access give-back ${granted?.['id']}`)).toMatchObject({ code: 0 });
    const ended = await bastion.waitForAudit('session.ended');
    expect(ended['reason']).toBe('access to lab ended');
  });
});

describe('on a new address', () => {
  test('with freeze, a good code in the panel releases nothing until its person has signed in again', async () => {
    await usePolicy('on_move: freeze');
    const { window, relay } = await connect();
    await using _relay = relay;
    await using _window = window;
    await window.waitFor(/[$#]$/);
    const made = world.at('frozen');
    window.type(`touch ${made}\r`);
    await window.waitFor(/HELD \w{4}/);
    await relay.roam('127.0.0.2');
    await typeCode(window);
    await window.waitFor('Your address changed');
    expect(existsSync(made)).toBe(false);
    const again = await connect();
    await using _again = again.relay;
    await using second = again.window;
    await second.waitFor('still running');
    second.type('\r');
    await second.waitFor(/HELD \w{4}/);
    await typeCode(second);
    await expect.poll(() => existsSync(made), { timeout: 10_000 }).toBe(true);
  });

  test("with freeze, somebody else's approval waits as well", async () => {
    await usePolicy('on_move: freeze');
    const { window, relay } = await connect();
    await using _relay = relay;
    await using _window = window;
    await window.waitFor(/[$#]$/);
    await relay.roam('127.0.0.2');
    const made = world.at('frozen-too');
    window.type(`mkdir ${made}\r`);
    await window.waitFor(/HELD \w{4}/);
    const { id, digest } = await waitForHold(world.bastion, `mkdir ${made}`);
    expect(await bob.approve(id, digest, await bob.phone.code())).toMatchObject({ code: 0 });
    await window.waitFor(/bob approved|Enter/);
    await expect
      .poll(
        () => {
          window.type('\r');
          return window.screen();
        },
        { timeout: 10_000 },
      )
      .toContain('Your address changed');
    expect(existsSync(made)).toBe(false);
  });

  test('with code, the session is hidden until the code was given, and works as before then', async () => {
    await usePolicy('on_move: code');
    const erin = await Person.join(world.bastion, 'erin', ['dev']);
    const { window, relay } = await connect(erin);
    await using _relay = relay;
    await using _window = window;
    await window.waitFor(/[$#]$/);
    window.type('echo secret-$((40+2))\r');
    await window.waitFor('secret-42');
    await relay.roam('127.0.0.2');
    window.type('x');
    expect(await window.waitFor('your address changed')).not.toContain('secret-42');
    window.type('\r');
    await typeCode(window, erin);
    await window.waitFor('secret-42');
    window.type('echo on-$((20+3))\r');
    await window.waitFor('on-23');
    await world.bastion.waitForAudit('mosh.confirmed', (event) => JSON.stringify(event).includes('127.0.0.2'));
  });

  test('of a network that is refused, nothing typed reaches the target; the log says so', async () => {
    await usePolicy('refuse: [127.0.0.2]');
    const { window, relay } = await connect();
    await using _relay = relay;
    await using _window = window;
    await window.waitFor(/[$#]$/);
    await relay.roam('127.0.0.2');
    const typed = world.at('from-outside');
    window.type(`echo x > ${typed}\r`);
    await world.bastion.waitForAudit('mosh.refused', (event) => JSON.stringify(event).includes('127.0.0.2'));
    expect(existsSync(typed)).toBe(false);
    await relay.roam('127.0.0.1');
    await expect.poll(() => existsSync(typed), { timeout: 10_000 }).toBe(true);
  });

  test('of the sign-in that is not among the networks, there is no session at all', async () => {
    await usePolicy('networks: [192.0.2.0/24]');
    const { errorText, code } = await (await alice.console()).ssh([], 'mosh-server new -c 256 -- host');
    expect(errorText).toContain('the policy allows no Mosh to there from your network (127.0.0.1)');
    expect(code).not.toBe(0);
    await usePolicy('on_move: freeze');
  });
});
