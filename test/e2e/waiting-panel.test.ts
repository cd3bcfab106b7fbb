/** While others are asked: a message and a reminder reach them on every door, and neither does anything else. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { READY_DELAY } from '../../src/session/gate/panel-keys.ts';
import { BastionAndHost } from '../support/bastion-and-host.ts';
import { type HeldRequest, waitForHold } from '../support/held-request.ts';
import { Person } from '../support/person.ts';
import type { ScreenTerminal } from '../support/screen-terminal.ts';
import { openSshTerminal } from '../support/ssh-terminal.ts';
import { waitUntil } from '../support/wait-until.ts';
import { WebhookReceiver } from '../support/webhook-receiver.ts';

const POLICY = `version: 1
postures: [{ when: { any: true }, default: allow }]
access: [{ who: { any: true }, targets: { any: true } }]
approvals: { colleague: { stages: [{ who: { role: sre } }], expires: 5m, release: immediate } }
rules: [{ id: makes, effect: approve, approval: colleague, match: { command: mkdir } }]
`;
const HOSTILE = '<!channel> \u202egnp.exe @everyone';
const SHOWN = '<!channel> \\u202egnp.exe @everyone';

let world: BastionAndHost;
let hook: WebhookReceiver;
let alice: Person;
let bob: Person;

beforeAll(async () => {
  hook = await WebhookReceiver.start();
  world = await BastionAndHost.start({
    policy: { '10-defaults.yaml': POLICY },
    prepare: async (bastion) => {
      await writeFile(bastion.at('chat.url'), `${hook.url('/chat')}\n`, { mode: 0o600 });
      await writeFile(bastion.at('hook.secret'), `whsec_${Buffer.alloc(32, 9).toString('base64')}\n`, { mode: 0o600 });
    },
    config: (yaml) =>
      `${yaml}\nnotify: { receivers: { hook: { form: json, url: "${hook.url()}", secret_file: hook.secret }, chat: { form: slack, url_file: chat.url } } }\n`,
  });
  alice = await Person.join(world.bastion, 'alice', ['dev']);
  bob = await Person.join(world.bastion, 'bob', ['sre']);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await hook[Symbol.asyncDispose]();
});

async function hold(terminal: ScreenTerminal, command: string): Promise<HeldRequest> {
  await terminal.waitFor(/[$#] $/);
  terminal.type(`${command}\r`);
  const held = await waitForHold(world.bastion, command);
  await terminal.waitFor(/HELD/);
  return held;
}

/** A letter that belongs to nothing that is being typed: it comes after a pause. */
async function press(terminal: ScreenTerminal, letter: string): Promise<void> {
  await sleep(READY_DELAY + 100);
  terminal.type(letter);
}

const chats = (): readonly string[] => hook.received.filter(({ path }) => path === '/chat').map(({ body }) => body);

test('m and r reach those who are asked, harmless, and change nothing', async () => {
  await using terminal = await alice.window('host');
  await using inbox = await openSshTerminal(await bob.console(), { command: 'approvals' });
  const command = `mkdir ${world.at('asked')}`;
  const held = await hold(terminal, command);
  await inbox.waitFor(held.id);
  await hook.waitFor('request.asked', held.uid);

  await press(terminal, 'r');
  await terminal.waitFor(/They were told \d+ s ago; again in \d+ s\./);
  await press(terminal, 'm');
  await terminal.waitFor('Message: _');
  terminal.type(HOSTILE);
  await terminal.waitFor(`Message: ${SHOWN}`);
  terminal.type('\r');
  await terminal.waitFor('Message 1 of 5 went to those who are asked.');

  await inbox.waitFor(`Message ${SHOWN}`);
  const shown = await (await bob.console()).ssh([], `requests show ${held.id}`);
  expect(shown.text).toMatch(/^Message {2}<!channel> \\u202egnp\.exe @everyone$/m);
  expect(shown.text).toContain(held.digest);
  expect(await hook.waitFor('request.asked', 'gnp.exe')).toMatchObject({
    data: { digest: held.digest, messages: [{ text: SHOWN }], votes: [] },
  });
  await waitUntil('the chat has it', () => chats().some((body) => body.includes('gnp.exe')));
  expect(chats().join()).not.toMatch(/<!channel|\u202e/);

  const isReminded = async (): Promise<boolean> => {
    await press(terminal, 'r');
    await sleep(1000);
    return terminal.screen().includes('Reminder 1 of 5 went out');
  };
  await waitUntil('half a minute is over', isReminded, 45_000);
  await waitUntil('the chat is reminded', () => chats().some((body) => body.includes('still waits')));
  const told = (await world.bastion.audit()).filter(({ type }) => type === 'approval.reminded');
  expect(told).toMatchObject([{ actor: { user: 'alice' }, approval: { id: held.id, reminder: 1 } }]);

  expect(existsSync(world.at('asked'))).toBe(false);
  const code = await bob.phone.code();
  expect(await bob.approve(held.id, held.digest, code)).toMatchObject({ code: 0 });
  await waitUntil('it ran', () => existsSync(world.at('asked')));
});

test('both work on a phone; what was typed before the panel is not for it, and Esc leaves a message only', async () => {
  await using terminal = await openSshTerminal(await alice.at('host'), { cols: 36, rows: 20 });
  await terminal.waitFor(/[$#] $/);
  const command = `mkdir ${world.at('narrow')}`;
  terminal.type(`${command}\rmr`);
  const held = await waitForHold(world.bastion, command);
  await terminal.waitFor(/HELD \w{4} waiting {2}r m \? Esc/);
  await press(terminal, 'm');
  await terminal.waitFor(/HELD \w{4} msg\?/);
  terminal.type('never mind\x1b');
  await terminal.waitFor(/HELD \w{4} waiting/);
  await press(terminal, 'm');
  await terminal.waitFor(/HELD \w{4} msg\?/);
  terminal.type('from my phone\r');
  await terminal.waitFor(/HELD \w{4} Message 1 of 5/);
  const [listed] = await world.bastion.json(['requests', 'show', held.id]);
  expect(listed).toMatchObject({ state: 'pending', messages: [{ text: 'from my phone' }], votes: [] });
  terminal.type('\x1b');
  await terminal.waitFor(/cancelled/);
  expect(existsSync(world.at('narrow'))).toBe(false);
});
