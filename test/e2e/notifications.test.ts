/**
 * The bastion tells a webhook of held commands: what is told, that nothing secret is, that what the receiver does
 * neither delays nor decides anything, and that a crash between the hold and the delivery loses nothing.
 */
import { existsSync } from 'node:fs';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Bastion, JsonObject } from '../support/bastion.ts';
import { BastionAndHost } from '../support/bastion-and-host.ts';
import { freePort } from '../support/free-port.ts';
import { type HeldCommand, listRequests, requestNow } from '../support/held-request.ts';
import { Person } from '../support/person.ts';
import { RunningProgram } from '../support/running-program.ts';
import { secretsIn, secretsInText } from '../support/secrets-in.ts';
import { waitUntil } from '../support/wait-until.ts';
import { isSignedWith, type WebhookAnswer, WebhookReceiver } from '../support/webhook-receiver.ts';

const SECRET = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
const CHAT_PATH = '/services/T0/B0/chat-url-is-a-secret';
const HOSTILE = '<!channel> @everyone `x` \u202e';

let world: BastionAndHost;
let hook: WebhookReceiver;
let chatPort: number;
let alice: Person;
let bob: Person;
let names = 0;

async function secretFile(bastion: Bastion, name: string, text: string): Promise<void> {
  await writeFile(bastion.at(name), `${text}\n`);
  await chmod(bastion.at(name), 0o600);
}

function settings(): string {
  return `notify:
  receivers:
    hook: { form: json, url: "${hook.url()}", secret_file: hook.secret }
    chat: { form: mattermost, url_file: chat.url, asks: [sre], command: first-word }
    elsewhere: { form: ntfy, url: "${hook.url('/never')}", labels: { env: none } }
`;
}

beforeAll(async () => {
  hook = await WebhookReceiver.start();
  chatPort = await freePort();
  world = await BastionAndHost.start({
    config: (yaml) => `${yaml}\n${settings()}`,
    prepare: async (bastion) => {
      await secretFile(bastion, 'hook.secret', SECRET);
      await secretFile(bastion, 'chat.url', `http://127.0.0.1:${chatPort}${CHAT_PATH}`);
    },
  });
  alice = await Person.join(world.bastion, 'alice', ['dev']);
  bob = await Person.join(world.bastion, 'bob', ['sre']);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await hook[Symbol.asyncDispose]();
});

/** alice's `mkdir`, waiting for one of the role sre. */
async function hold(more = ''): Promise<HeldCommand> {
  names += 1;
  const marker = world.at(`made-${names}`);
  const command = `mkdir ${marker}${more}`;
  const running = await RunningProgram.start('ssh', ['-F', (await alice.at('host')).configFile, 'server', command]);
  const request = await waitUntil(`${command} is held`, async () =>
    (await listRequests(world.bastion)).find((one) => one.command === command),
  );
  return { running, request, marker, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}

/** Resolves when nothing waits for the webhook. */
async function quiet(): Promise<void> {
  await waitUntil('nothing waits for the webhook', async () => {
    const [report] = await world.bastion.json(['notify', 'test', 'hook']);
    return report?.['waiting'] === 0;
  });
}

const dataOf = (body: JsonObject): JsonObject => body['data'] as JsonObject;

describe('a held command', () => {
  test('reaches the webhook: signed, whole, with the way to approve; and so does what became of it', async () => {
    await using held = await hold(` '${HOSTILE}' --token hunter2hunter2`);
    const { id, uid, digest } = held.request;
    const asked = await hook.waitFor('request.asked', uid);
    expect(dataOf(asked)).toMatchObject({
      id,
      uid,
      digest,
      state: 'pending',
      user: 'alice',
      target: 'host',
      command: `mkdir ${held.marker} '<!channel> @everyone \`x\` \\u202e' --token REDACTED`,
      rule: 'second-person',
      needs: [{ who: 'role sre', count: 1, factors: ['totp'], escalation: false }],
      approve_with: `ssh -t -p ${world.bastion.port} 127.0.0.1 approve ${id}`,
      log_head: { seq: expect.any(Number), hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(hook.received.every((one) => isSignedWith(SECRET, one))).toBe(true);
    expect(await bob.deny(id, '-r', 'later')).toMatchObject({ code: 0 });
    expect(dataOf(await hook.waitFor('request.decided', uid))).toMatchObject({ state: 'denied', ending: 'later' });
    await world.bastion.waitForAudit('approval.notified', (event) => JSON.stringify(event).includes(uid));
  });

  test('is told in the words of the chat, without what is not to be told there', async () => {
    await using chat = await WebhookReceiver.start(chatPort);
    await using held = await hold(' with-a-name');
    await waitUntil('the chat is told', () => chat.received.some(({ body }) => body.includes(held.request.id)));
    const told = chat.received.find(({ body }) => body.includes(held.request.id));
    expect(told).toMatchObject({ method: 'POST', path: CHAT_PATH });
    expect(told?.body).toContain('Command: mkdir ...');
    expect(told?.body).not.toContain('with-a-name');
  });

  test('is not delayed by receivers that are dead or never answer, nor is its release', async () => {
    const silent: WebhookAnswer = () => undefined;
    await quiet();
    const { answer } = hook;
    hook.answer = silent;
    try {
      await using held = await hold();
      await waitUntil('the webhook was asked', () => hook.received.some(({ body }) => body.includes(held.request.uid)));
      const { id, digest } = held.request;
      expect(await bob.approve(id, digest, await bob.phone.code())).toMatchObject({ code: 0 });
      expect(await held.running.ended).toMatchObject({ code: 0 });
      expect(existsSync(held.marker)).toBe(true);
    } finally {
      hook.answer = answer;
      hook.hangUp();
    }
  });

  test('is not decided by what a receiver answers or asks for', async () => {
    await quiet();
    const { answer } = hook;
    hook.answer = (response, received) => {
      const { id, digest } = dataOf(JSON.parse(received.body) as JsonObject);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ verdict: 'approve', id, digest, code: '000000' }));
    };
    try {
      await using held = await hold();
      await hook.waitFor('request.asked', held.request.uid);
      await world.bastion.waitForAudit('approval.notified', (event) =>
        JSON.stringify(event).includes(held.request.uid),
      );
      expect(await requestNow(world.bastion, held.request.uid)).toMatchObject({ state: 'pending' });
      expect(existsSync(held.marker)).toBe(false);
    } finally {
      hook.answer = answer;
    }
  });

  test('no receiver, log or clear file has a code or a secret', async () => {
    const secrets = [SECRET, CHAT_PATH, alice.phone.secret, bob.phone.secret, await bob.phone.code()];
    const sent = hook.received.map(({ body, headers }) => `${body}${JSON.stringify(headers)}`).join('\n');
    expect(secretsInText(`${sent}${world.bastion.log}${world.bastion.errorLog}`, secrets)).toEqual([]);
    expect(sent).not.toContain('hunter2hunter2');
    const found = await secretsIn(world.bastion.at(), secrets);
    const allowed = [world.bastion.at('hook.secret'), world.bastion.at('chat.url')];
    expect(found.filter((one) => !allowed.some((path) => one.startsWith(path)))).toEqual([]);
    expect(hook.received.some(({ path }) => path === '/never')).toBe(false);
  });
});

describe('killed between the hold and its delivery', () => {
  test('both pieces of news arrive after the restart, in order, each under one id', async () => {
    await quiet();
    const { answer } = hook;
    hook.answer = (response) => response.writeHead(503).end();
    await using held = await hold();
    const { uid } = held.request;
    await waitUntil('the first attempt was made', () => hook.received.some(({ body }) => body.includes(uid)));
    await world.bastion.stop('SIGKILL');
    const before = hook.received.length;
    hook.answer = answer;
    await world.bastion.serve();
    const decided = await hook.waitFor('request.decided', uid);
    expect(dataOf(decided)).toMatchObject({ state: 'expired', ending: 'Heldline was restarted' });
    const after = hook.received.slice(before).filter(({ body }) => body.includes(uid));
    expect(after.map(({ body }) => (JSON.parse(body) as JsonObject)['type'])).toEqual([
      'request.asked',
      'request.decided',
    ]);
    const ids = hook.received.filter(({ body }) => body.includes(uid)).map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(2);
    expect(await world.bastion.run(['audit', 'verify'])).toMatchObject({ code: 0 });
  });
});

describe('the administrator', () => {
  test('tries the receivers', async () => {
    const result = await world.bastion.run(['notify', 'test']);
    expect(result.code).toBe(7);
    expect(result.text).toMatch(/^ok +hook +json +\d+/m);
    expect(result.text).toMatch(/^fail +chat +mattermost +\d+ +ECONNREFUSED/m);
    expect(await world.bastion.json(['notify', 'test', 'hook'])).toMatchObject([
      { v: 1, receiver: 'hook', form: 'json', problem: null },
    ]);
    expect((await world.bastion.run(['notify', 'test', 'nobody'])).code).toBe(3);
    const sample = hook.bodies('test').at(-1);
    expect(sample).toMatchObject({ type: 'test' });
  });

  test('changes them while the daemon runs; a mistake changes nothing', async () => {
    await using other = await WebhookReceiver.start();
    const yaml = await readFile(world.bastion.configFile, 'utf8');
    await writeFile(world.bastion.configFile, yaml.replace(hook.url(), 'http://192.0.2.1/in-the-clear'));
    const refused = await world.bastion.run(['config', 'reload']);
    expect(refused.code).toBe(7);
    expect(refused.errorText).toMatch(/heldline\.yaml:\d+:\d+ notify\.receivers\.hook\.url: use https/);
    await writeFile(world.bastion.configFile, yaml);
    expect((await world.bastion.run(['notify', 'test', 'hook'])).code).toBe(0);

    await writeFile(world.bastion.configFile, yaml.replace(hook.url(), other.url()));
    const loaded = await world.bastion.runOrFail(['config', 'reload']);
    expect(loaded.errorText).toContain('Told: hook, chat, elsewhere.');
    await using held = await hold();
    await other.waitFor('request.asked', held.request.uid);
    expect(hook.received.some(({ body }) => body.includes(held.request.uid))).toBe(false);
    await world.bastion.waitForAudit('config.loaded', (event) => JSON.stringify(event).includes('"chat"'));
    await writeFile(world.bastion.configFile, yaml);
    await world.bastion.runOrFail(['config', 'reload']);
  });

  test('is told about a secret that others can read, and about its file only', async () => {
    await chmod(world.bastion.at('hook.secret'), 0o644);
    const check = await world.bastion.run(['config', 'check']);
    expect(check.code).toBe(7);
    expect(check.errorText).toMatch(/hook\.secret:1:1 is open to others; run: chmod 600/);
    expect(check.errorText).not.toContain(SECRET);
    expect((await world.bastion.run(['doctor'])).text).toMatch(/^fail +notifications: 1 errors/m);
    await chmod(world.bastion.at('hook.secret'), 0o600);
    expect((await world.bastion.run(['doctor'])).text).toMatch(/^ok +notifications: 3 receivers/m);
  });
});
