/** What a decision asks about besides the line, with real programs: a change freeze, an incident, who is on call. */
import { chmod, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../support/bastion.ts';
import { BastionAndHost } from '../support/bastion-and-host.ts';
import { type HeldCommand, holdCommand } from '../support/held-request.ts';
import { Person } from '../support/person.ts';
import { type TempDir, tempDir } from '../support/temp-dir.ts';

let folder: TempDir;
let world: BastionAndHost;
let alice: Person;
let bob: Person;
let carol: Person;
let made = 0;

const policy = (): string => `version: 1
postures: [{ when: { any: true }, default: allow }]
access: [{ who: { any: true }, targets: { any: true } }]
windows:
  am: { days: [mon, tue, wed, thu, fri, sat, sun], from: "00:00", to: "12:00" }
  pm: { days: [mon, tue, wed, thu, fri, sat, sun], from: "12:00", to: "00:00" }
checks:
  freeze: { exec: [${folder.at('freeze')}], timeout: 2s }
  rota: { exec: [${folder.at('rota')}], timeout: 2s, parse: { type: names } }
approvals: { colleague: { stages: [{ who: { role: sre }, on_call: rota }], expires: 2m, release: immediate } }
rules:
  - { id: frozen, effect: deny, when: { label.env: prod, check.freeze: true }, match: { command: touch } }
  - { id: makes, effect: approve, approval: colleague, when: { label.env: prod, role: dev, window: [am, pm] }, match: { command: mkdir } }
`;

beforeAll(async () => {
  folder = await tempDir({ name: 'context', open: true });
  await say('freeze', 'echo false');
  await say('rota', 'echo bob');
  world = await BastionAndHost.start({ policy: { '10-defaults.yaml': policy() }, labels: ['env=prod'] });
  alice = await Person.join(world.bastion, 'alice', ['dev']);
  bob = await Person.join(world.bastion, 'bob', ['sre']);
  carol = await Person.join(world.bastion, 'carol', ['sre']);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

async function say(program: string, text: string): Promise<void> {
  await writeFile(folder.at(program), `#!/bin/sh\n${text}\n`);
  await chmod(folder.at(program), 0o755);
}

function hold(): Promise<HeldCommand> {
  made += 1;
  return holdCommand(world.bastion, alice, world.at(`made-${made}`));
}

const shown = async (id: string): Promise<JsonObject> =>
  (await world.bastion.json(['requests'])).find((one) => one['id'] === id) ?? {};
const touch = async () => (await alice.at('host')).ssh([], `touch ${world.at('touched')}`);

test('whoever is on call is asked, and what was asked about is in the request, the trace and the log', async () => {
  await using held = await hold();
  const { id, digest, uid } = held.request;
  const facts = { 'label.env in prod': 'true', 'role in dev': 'true', 'on_call rota': 'bob' };
  const { facts: found } = await shown(id);
  expect(found).toMatchObject(facts);
  expect(Object.entries(found as object).filter(([text]) => text.startsWith('window '))).toHaveLength(2);
  expect(await shown(id)).toMatchObject({ needs: [{ who: 'role sre and user bob' }] });
  const text = await world.bastion.runOrFail(['requests', 'show', id]);
  expect(text.text).toContain('on_call rota: bob');
  expect(await carol.approve(id, digest, await carol.phone.code())).toMatchObject({ code: 3 });
  expect(await bob.approve(id, digest, await bob.phone.code())).toMatchObject({ code: 0 });
  expect(await held.running.ended).toMatchObject({ code: 0 });
  const asked = await world.bastion.waitForAudit('approval.requested', (event) => JSON.stringify(event).includes(uid));
  expect(asked).toMatchObject({ policy: { facts } });
  const trace = await world.bastion.runOrFail(['requests', 'show', id, '--trace']);
  expect(trace.text).toContain('"on_call rota":"bob"');
});

test.each([
  ['nobody', 'true'],
  ['somebody unknown', 'echo mallory'],
  ['nonsense', 'echo "; reboot"'],
  ['nothing, for it fails', 'exit 3'],
  ['nothing in time', 'sleep 60'],
])('when the rota says %s, the whole group is asked', async (_what, text) => {
  await say('rota', text);
  await using held = await hold();
  expect(await shown(held.request.id)).toMatchObject({ needs: [{ who: 'role sre' }], votes: [] });
  expect(await bob.deny(held.request.id)).toMatchObject({ code: 0 });
  expect(await held.running.ended).toMatchObject({ code: 77 });
});

test('a change freeze denies, and so does one that is not known; the log says which', async () => {
  expect(await touch()).toMatchObject({ code: 0 });
  for (const [text, answer] of [
    ['echo true', 'true'],
    ['echo perhaps', 'unknown'],
    ['exit 1', 'unknown'],
  ] as const) {
    await say('freeze', text);
    expect(await touch(), text).toMatchObject({ code: 77, errorText: expect.stringContaining('frozen') });
    const blocked = (await world.bastion.audit()).filter((event) => event['type'] === 'command.blocked').at(-1);
    expect(blocked).toMatchObject({ policy: { rule: 'frozen', facts: { 'check.freeze is true': answer } } });
  }
});
