/** The built program with Debian's mosh: holds, approvals and recording are the same as over ssh. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startMoshClient } from '../integration/mosh/support/mosh-stack.ts';
import { UdpRelay } from '../integration/mosh/support/udp-relay.ts';
import { BastionAndHost } from '../support/bastion-and-host.ts';
import { harmlessPolicy } from '../support/harmless-policy.ts';
import { requestNow, waitForHold } from '../support/held-request.ts';
import { moshWindow } from '../support/mosh-window.ts';
import { Person } from '../support/person.ts';
import type { ScreenTerminal } from '../support/screen-terminal.ts';
import { secretsIn, secretsInText } from '../support/secrets-in.ts';

let world: BastionAndHost;
let alice: Person;
let bob: Person;
let names = 0;

/** Longer than it takes until a silent client counts as gone. */
const AWAY = `version: 1
approvals: { slow: { stages: [{ who: { role: sre }, count: 1, factor: totp }], expires: 28s } }
rules: [{ id: slow, effect: approve, approval: slow, match: { command: mv } }]
`;

beforeAll(async () => {
  world = await BastionAndHost.start({ policy: { ...harmlessPolicy, '20-away.yaml': AWAY } });
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
async function relayed(loss = 0): Promise<{ window: ScreenTerminal; relay: UdpRelay; key: string }> {
  const { stdout } = await (await alice.console()).ssh([], 'mosh-server new -c 256 -- host');
  const [, port, key] = /MOSH CONNECT (\d+) (\S{22})/.exec(stdout.toString()) ?? [];
  if (port === undefined || key === undefined) throw new Error(`no invitation: ${stdout}`);
  const relay = await UdpRelay.start(Number(port), { seed: 1, loss, delay: 5 });
  const window = startMoshClient(relay.port, key, { cols: 100, rows: 30 });
  await window.waitFor(/[$#]$/);
  return { window, relay, key };
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
    // A second run would say that it is there already.
    window.type('\recho all-$((40+2))\r');
    expect(await window.waitFor(/^all-42$/m)).not.toContain('File exists');
    const releases = (await world.bastion.audit()).filter(({ type }) => type === 'command.released');
    expect(releases.filter((event) => JSON.stringify(event).includes(id)).length).toBe(1);
  });

  test.each(['always', 'adaptive'] as const)(
    'the digits of a code never appear on the screen of a client that predicts (%s)',
    async (predict) => {
      await using window = await moshWindow(alice, ['host'], { predict });
      await window.waitFor(/[$#]$/);
      window.type("echo pre''dicted\r");
      await window.waitFor(/^predicted$/m);
      const made = marker();
      window.type(`touch ${made}\r`);
      await window.waitFor(/HELD \w{4}/);
      const code = await alice.phone.code();
      await sleep(600);
      const screens: string[] = [];
      for (const digit of code) {
        window.type(digit);
        await sleep(60);
        screens.push(window.screen());
      }
      window.type('\r');
      await expect.poll(() => existsSync(made), { timeout: 10_000 }).toBe(true);
      expect(screens.filter((screen, index) => index > 0 && screen.includes(code.slice(0, index + 1)))).toEqual([]);
      expect(window.output.toString()).not.toContain(code);
    },
    90_000,
  );

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

  test('a hold of somebody who is detached is kept, and expires', async () => {
    const { window, relay } = await relayed();
    await using _relay = relay;
    await using _window = window;
    const [from, made] = [marker(), marker()];
    await writeFile(from, 'text');
    const command = `mv ${from} ${made}`;
    window.type(`${command}\r`);
    await window.waitFor(/HELD \w{4}/);
    const { uid } = await waitForHold(world.bastion, command);
    const before = (await world.bastion.audit()).length;
    relay.cut = true;
    await expect
      .poll(async () => (await world.bastion.audit()).slice(before).some(({ type }) => type === 'mosh.detached'), {
        timeout: 27_000,
      })
      .toBe(true);
    expect((await requestNow(world.bastion, uid))?.state).toBe('pending');
    await expect.poll(async () => (await requestNow(world.bastion, uid))?.state, { timeout: 15_000 }).toBe('expired');
    relay.cut = false;
    await window.waitFor(/expired/);
    expect(existsSync(made)).toBe(false);
  }, 90_000);

  test('what a program writes while nobody is there is recorded, and seen by who comes back', async () => {
    const { window, relay } = await relayed();
    await using _relay = relay;
    await using _window = window;
    window.type('sleep 21; echo away-$((40+2)); exec sleep 30\r');
    await window.waitFor('exec sleep');
    relay.cut = true;
    await sleep(23_000);
    relay.cut = false;
    await window.waitFor(/^away-42$/m);
    const live = (await world.bastion.json(['session', 'list'])).filter(
      ({ door, state }) => door === 'mosh' && state === 'live',
    );
    const texts = await Promise.all(
      live.map(({ id }) => world.bastion.runOrFail(['session', 'export', String(id), '--format', 'txt'])),
    );
    expect(texts.some(({ text }) => /^away-42\s*$/m.test(text))).toBe(true);
  }, 90_000);

  test('the recording is what the target wrote, byte for byte, though the client lost a third', async () => {
    const text = Array.from(
      { length: 2000 },
      (_, line) => `${line} äöü 漢字 ${randomBytes(20).toString('base64')}`,
    ).join('\n');
    await writeFile(world.at('written'), text);
    const { window, relay } = await relayed(0.3);
    // The window goes first, so that its goodbye still gets through.
    await using _relay = relay;
    await using _window = window;
    window.type(`cat ${world.at('written')}; exit\r`);
    expect(await window.waitForEnd(30_000)).toBe(0);
    const listed = await world.bastion.json(['session', 'list', '--user', 'alice']);
    const last = listed
      .filter((one) => one['door'] === 'mosh')
      .sort((a, b) => String(a['started_at']).localeCompare(String(b['started_at'])))
      .at(-1);
    const { text: cast } = await world.bastion.runOrFail([
      'session',
      'export',
      String(last?.['id']),
      '--format',
      'cast',
    ]);
    const events = cast.trim().split('\n').slice(1);
    const output = events.map((line): [number, string, string] => JSON.parse(line)).filter(([, kind]) => kind === 'o');
    expect(output.map(([, , data]) => data).join('')).toContain(text.replaceAll('\n', '\r\n'));
  }, 90_000);

  test('the key of a client is nowhere: in no file, no log, no recording', async () => {
    const { window, relay, key } = await relayed();
    await using _relay = relay;
    await using _window = window;
    window.type('exit\r');
    await window.waitForEnd();
    await world.bastion.waitForAudit('mosh.ended', (event) => JSON.stringify(event).includes('finished'));
    const forms = [key, Buffer.from(key, 'base64').toString('hex')];
    expect(await secretsIn(world.bastion.at(), forms)).toEqual([]);
    expect(secretsInText(world.bastion.log, forms)).toEqual([]);
  });
});
