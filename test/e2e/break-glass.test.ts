/** Break-glass with real clients: begun with a code, what it lets pass and what it does not, its end, its review. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../support/bastion.ts';
import { BastionAndHost } from '../support/bastion-and-host.ts';
import { Person } from '../support/person.ts';
import type { ProgramResult } from '../support/run-program.ts';
import { secretsIn } from '../support/secrets-in.ts';
import { openSshTerminal } from '../support/ssh-terminal.ts';
import { waitUntil } from '../support/wait-until.ts';
import { WebhookReceiver } from '../support/webhook-receiver.ts';

const POLICY = `version: 1
postures: [{ when: { any: true }, default: allow }]
access: [{ who: { any: true }, targets: { any: true } }]
approvals: { colleague: { stages: [{ who: { role: lead } }], expires: 2m, release: immediate } }
rules:
  - { id: makes, effect: approve, approval: colleague, match: { command: mkdir } }
  - { id: frozen, effect: deny, match: { command: touch } }
  - { id: never, effect: deny, hard: true, match: { command: ln } }
  - { id: kept, effect: deny, match: { command: mkfifo } }
break_glass: { roles: [sre], reason: { min_length: 15 }, keeps: [kept], minutes: 10, notify: ["webhook:pager"] }
`;
const SECRET = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
const REASON = 'INC-4711 primary is down';

let world: BastionAndHost;
let pager: WebhookReceiver;
let alice: Person;
let bob: Person;
let dave: Person;

beforeAll(async () => {
  pager = await WebhookReceiver.start();
  world = await BastionAndHost.start({
    policy: { '10-defaults.yaml': POLICY },
    prepare: (bastion) => writeFile(bastion.at('pager.secret'), `${SECRET}\n`, { mode: 0o600 }),
    config: (yaml) =>
      `${yaml}\nnotify: { receivers: { pager: { form: json, url: "${pager.url()}", secret_file: pager.secret, events: [asked], asks: [nobody] } } }\n`,
  });
  alice = await Person.join(world.bastion, 'alice', ['sre']);
  bob = await Person.join(world.bastion, 'bob', ['sre']);
  dave = await Person.join(world.bastion, 'dave', ['dev']);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await pager[Symbol.asyncDispose]();
});

const run = async (command: string, person = alice): Promise<ProgramResult> =>
  (await person.at('host')).ssh([], command);
const verb = async (person: Person, words: string, input = ''): Promise<ProgramResult> =>
  (await person.console()).ssh([], `break-glass ${words}`, { input });
const start = async (person = alice, code?: string, reason = REASON): Promise<ProgramResult> =>
  verb(person, `start -r "${reason}"`, `${code ?? (await person.phone.code())}\n`);
const listed = async (): Promise<readonly JsonObject[]> => world.bastion.json(['break-glass', 'list']);
const latest = async (): Promise<JsonObject> => (await listed()).at(-1) ?? {};
const review = async (): Promise<ProgramResult> =>
  verb(bob, `review ${String((await latest())['id'])} -r "as in INC-4711"`);
const eventsOf = async (type: string): Promise<readonly JsonObject[]> =>
  (await world.bastion.audit()).filter((event) => event['type'] === type);

const memberOf = (event: JsonObject | undefined, block: string, member: string): string =>
  String((event?.[block] as JsonObject | undefined)?.[member]);

test('begins for the role alone, with a right code and a reason', async () => {
  expect(await start(dave)).toMatchObject({
    code: 4,
    errorText: expect.stringContaining('does not have the role sre'),
  });
  expect(await start(alice, alice.phone.wrong())).toMatchObject({
    code: 4,
    errorText: expect.stringContaining('not right'),
  });
  expect(await start(alice, '123456', 'short')).toMatchObject({
    code: 2,
    errorText: expect.stringContaining('15 characters'),
  });
  expect(await verb(alice, 'start')).toMatchObject({ code: 2 });
  expect(await listed()).toEqual([]);
  expect(await eventsOf('breakglass.started')).toEqual([]);
});

test('lets what is held and what is denied pass, is marked, told and logged; hard and kept rules stay', async () => {
  const begun = await start();
  expect(begun, begun.errorText).toMatchObject({ code: 0, errorText: expect.stringContaining('is open for 10 min') });
  const { id, uid } = await latest();
  expect(await pager.waitFor('request.decided', String(uid))).toMatchObject({
    data: { kind: 'break-glass', reason: REASON },
  });
  const made = await run(`mkdir ${world.at('made')}`);
  expect(made).toMatchObject({ code: 0, errorText: expect.stringContaining(`passes by break-glass ${String(id)}`) });
  expect(existsSync(world.at('made'))).toBe(true);
  const touched = await run(`touch ${world.at('touched')}`);
  expect(touched).toMatchObject({ code: 0, errorText: expect.stringContaining('which lifts frozen') });
  expect(await run(`ln -s / ${world.at('hard')}`)).toMatchObject({
    code: 77,
    errorText: expect.stringContaining('never'),
  });
  expect(await run(`mkfifo ${world.at('kept')}`)).toMatchObject({
    code: 77,
    errorText: expect.stringContaining('kept'),
  });
  const both = await run(`mkdir ${world.at('both')}; ln -s / ${world.at('hard')}`);
  expect(both).toMatchObject({ code: 77 });
  for (const name of ['hard', 'kept', 'both']) expect(existsSync(world.at(name)), name).toBe(false);
  expect(await run(`touch ${world.at('daves')}`, dave)).toMatchObject({ code: 77 });

  const used = await eventsOf('breakglass.used');
  expect(used.map((event) => memberOf(event, 'command', 'text'))).toEqual([
    `mkdir ${world.at('made')}`,
    `touch ${world.at('touched')}`,
  ]);
  expect(used[1]).toMatchObject({
    actor: { user: 'alice' },
    reason: REASON,
    session: { id: expect.any(String) },
    policy: { rule: 'frozen' },
    breakglass: { id, uid, uses: 2, lifts: ['frozen'] },
  });
  const [released] = await eventsOf('command.released');
  expect(released).toMatchObject({ breakglass: { id, uid } });
  const told = memberOf(used[1], 'approval', 'uid');
  expect(await pager.waitFor('request.decided', told)).toMatchObject({
    data: { by_break_glass: id, state: 'released' },
  });
});

test('in a terminal: the line runs, the recording has a mark, the end is said', async () => {
  await using terminal = await alice.window('host');
  await terminal.waitFor(/[$#] $/);
  terminal.type(`touch ${world.at('typed')}\r`);
  await waitUntil('it ran', () => existsSync(world.at('typed')));
  await terminal.waitFor(/passes by break-glass \w{4}, which lifts frozen\. Running once\./);
  terminal.type(`ln -s / ${world.at('hard')}\r`);
  await terminal.waitFor(/blocked by rule never/);
  const session = memberOf((await eventsOf('breakglass.used')).at(-1), 'session', 'id');
  expect(await verb(alice, 'end')).toMatchObject({ code: 0 });
  await terminal.waitFor(/break-glass \w{4} has ended: ended by alice/);
  const { id, uid } = await latest();
  expect(await pager.waitFor('break-glass.ended', String(uid))).toMatchObject({
    data: { id, user: 'alice', uses: 3, ending: 'ended by alice', ended_by: 'alice', reason: REASON },
  });
  await waitUntil('the log says who was told', async () => (await eventsOf('breakglass.notified')).length === 1);
  terminal.type(`touch ${world.at('too-late')}\r`);
  await terminal.waitFor(/blocked by rule frozen/);
  expect(existsSync(world.at('too-late'))).toBe(false);
  const cast = await world.bastion.runOrFail(['session', 'export', session, '--format', 'cast']);
  expect(cast.text).toMatch(/APPROVED by break-glass \w{4}/);
});

test('waits for a review by somebody else before it begins again', async () => {
  const { id } = await latest();
  expect(await start(alice, '000000')).toMatchObject({
    code: 4,
    errorText: expect.stringContaining(`${String(id)} has not been reviewed`),
  });
  expect(await verb(alice, `review ${String(id)}`)).toMatchObject({
    code: 4,
    errorText: expect.stringContaining('somebody else'),
  });
  expect(await verb(dave, `review ${String(id)}`)).toMatchObject({ code: 3 });
  expect(await world.bastion.run(['break-glass', 'review', String(id)])).not.toMatchObject({ code: 0 });
  expect(await world.bastion.run(['doctor'])).toMatchObject({
    text: expect.stringContaining(`to be reviewed: ${String(id)} (alice)`),
  });
  const reviewed = await review();
  expect(reviewed, reviewed.errorText).toMatchObject({ code: 0 });
  expect(reviewed.errorText).toContain(`touch ${world.at('typed')}`);
  expect(await latest()).toMatchObject({ uses: 3, review: { by: 'bob', note: 'as in INC-4711' } });
  expect(await eventsOf('breakglass.review_refused')).toHaveLength(1);
  expect(await eventsOf('breakglass.reviewed')).toMatchObject([{ actor: { user: 'bob' }, breakglass: { id } }]);
});

test.each<[string, () => Promise<unknown>]>([
  ['kill -9 of the daemon', killed],
  ['a new policy', changePolicy],
  ['a lockdown, also when that is over', lockdown],
])('%s ends it', async (name, end) => {
  const person = await Person.join(world.bastion, `user${name.length}`, ['sre']);
  const begun = await start(person);
  expect(begun, begun.errorText).toMatchObject({ code: 0 });
  expect(await run(`mkdir ${world.at(`before-${name.length}`)}`, person)).toMatchObject({ code: 0 });
  await end();
  const file = world.at(`after-${name.length}`);
  expect(await run(`touch ${file}`, person)).toMatchObject({ code: 77 });
  expect(existsSync(file)).toBe(false);
  await waitUntil('it is over', async () => (await latest())['state'] === 'ended');
  expect(await pager.waitFor('break-glass.ended', String((await latest())['uid']))).toMatchObject({
    data: { user: person.name },
  });
  expect(await review()).toMatchObject({ code: 0 });
});

test('it is begun by hand, and the code is nowhere', async () => {
  const command = `break-glass start -r "${REASON}"`;
  await using terminal = await openSshTerminal(await alice.console(), { command });
  await terminal.waitFor(/Your code to break the glass/);
  const code = await alice.phone.code();
  terminal.type(`${code}\r`);
  await terminal.waitFor(/is open for 10 min/);
  expect(await verb(alice, 'end')).toMatchObject({ code: 0 });
  expect(await secretsIn(world.bastion.at(), [code])).toEqual([]);
});

test('once everything is reviewed, doctor has nothing to say', async () => {
  expect(await review()).toMatchObject({ code: 0 });
  const { text } = await world.bastion.run(['doctor']);
  expect(text).toContain('no break-glass is open or waits for a review');
});

async function killed(): Promise<void> {
  await world.bastion.stop('SIGKILL');
  await world.bastion.serve();
}

async function changePolicy(): Promise<void> {
  const file = world.bastion.at('policy.d', '10-defaults.yaml');
  await writeFile(file, `${POLICY}roles: { sre: { description: other } }\n`);
  await world.bastion.runOrFail(['config', 'reload']);
}

async function lockdown(): Promise<void> {
  await world.bastion.runOrFail(['lockdown', 'on', '-r', 'test']);
  await world.bastion.runOrFail(['lockdown', 'off']);
}
