/** The built bastion with its HTTP API: a command held over real ssh is decided by a real HTTP client, and runs once. */
import { existsSync } from 'node:fs';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BastionAndHost } from '../support/bastion-and-host.ts';
import { freePort } from '../support/free-port.ts';
import { harmlessPolicy } from '../support/harmless-policy.ts';
import { type HeldRequest, requestNow, waitForHold } from '../support/held-request.ts';
import { Person } from '../support/person.ts';
import { runOrFail } from '../support/run-program.ts';
import { RunningProgram } from '../support/running-program.ts';
import { secretsIn } from '../support/secrets-in.ts';
import { waitUntil } from '../support/wait-until.ts';

/** `install`: a signature of one of sre, and it may be remembered. */
const SIGNED = `version: 1
approvals:
  signed: { stages: [{ who: { role: sre }, factor: signature }], expires: 2m }
rules:
  - { id: installed, effect: approve, approval: signed, match: { command: install }, grant: { scope: command, minutes: 15, max_uses: 1 } }
`;

let world: BastionAndHost;
let port: number;
let alice: Person;
let bob: Person;
let names = 0;

beforeAll(async () => {
  port = await freePort();
  const config = (yaml: string): string => `${yaml}\nweb: { port: ${port} }\n`;
  world = await BastionAndHost.start({ config, policy: { ...harmlessPolicy, '20-signed.yaml': SIGNED } });
  alice = await Person.join(world.bastion, 'alice', ['dev']);
  bob = await Person.join(world.bastion, 'bob', ['sre']);
});
afterAll(() => world[Symbol.asyncDispose]());

interface Held extends AsyncDisposable {
  readonly running: RunningProgram;
  readonly request: HeldRequest;
  readonly marker: string;
}

/** alice's command, waiting for one of the role sre. */
async function hold(program = 'mkdir'): Promise<Held> {
  names += 1;
  const marker = world.at(`over-http-${names}`);
  const command = `${program} ${marker}`;
  const running = await RunningProgram.start('ssh', ['-F', (await alice.at('host')).configFile, 'server', command]);
  const request = await waitForHold(world.bastion, command);
  return { running, request, marker, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}

/** A token that bob makes for himself over ssh. */
async function ownToken(person: Person, ...more: string[]): Promise<string> {
  names += 1;
  const made = await (await person.console()).ssh([], ['token', 'add', `t${names}`, ...more].join(' '));
  expect(made).toMatchObject({ code: 0 });
  return made.text.trim();
}

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

async function ask(path: string, token: string, decision?: object): Promise<Answer> {
  const body = decision === undefined ? {} : { method: 'POST', body: JSON.stringify(decision) };
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers, ...body });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

const decide = ({ id, digest }: HeldRequest, token: string, more: object): Promise<Answer> =>
  ask(`/v1/requests/${id}/decision`, token, { verdict: 'approve', digest, ...more });

describe('a held command', () => {
  test('is read and approved over HTTP with token, digest and code; it runs once', async () => {
    await using held = await hold();
    const token = await ownToken(bob, '--scope', 'decide');
    const read = await ask(`/v1/requests/${held.request.id}`, token);
    expect(read).toMatchObject({ status: 200, body: { command: held.request.command, state: 'pending' } });
    const approved = await decide(held.request, token, { code: await bob.phone.code(), reason: 'go' });
    expect(approved).toMatchObject({ status: 200, body: { outcome: 'approved', state: 'approved' } });
    expect(await held.running.ended).toMatchObject({ code: 0 });
    expect(existsSync(held.marker)).toBe(true);
    await waitUntil(
      'it is released',
      async () => (await requestNow(world.bastion, held.request.uid))?.state === 'released',
    );
    const again = await decide(held.request, token, { code: await bob.phone.code() });
    expect(again).toMatchObject({ status: 409, body: { error: { code: 'request.decided' } } });
    const events = (await world.bastion.audit()).filter((event) => JSON.stringify(event).includes(held.request.uid));
    expect(events.filter(({ type }) => type === 'command.released')).toHaveLength(1);
    expect(events.find(({ type }) => type === 'approval.vote')).toMatchObject({
      approval: { door: 'web', code: 'second' },
    });
  });

  test('is approved by a signature that ssh-keygen makes and verifies, and remembered as it says', async () => {
    await using held = await hold('install -d');
    const { id, uid, command } = held.request;
    const token = await ownToken(bob, '--scope', 'decide');
    const { body } = await ask(`/v1/requests/${id}/to-sign`, token);
    const [namespace, text] = [String(body['namespace']), String(body['statement_with_grant'])];
    const words = ['-Y', 'sign', '-n', namespace, '-f', bob.key.file];
    const signature = (await runOrFail('ssh-keygen', words, { input: text })).text;
    expect(await decide(held.request, token, { code: '000000' })).toMatchObject({ status: 422 });
    expect(await decide(held.request, token, { signature })).toMatchObject({ status: 422 });
    const approved = await decide(held.request, token, { signature, grant: true });
    expect(approved).toMatchObject({ status: 200, body: { outcome: 'approved' } });
    expect(await held.running.ended).toMatchObject({ code: 0 });
    const vote = await world.bastion.waitForAudit('approval.vote', (event) => JSON.stringify(event).includes(uid));
    const evidence = Object(vote['approval']).signature;
    expect(evidence.statement).toBe(text);
    const [signers, file] = [world.at('signers'), world.at('signature')];
    await writeFile(signers, `bob namespaces="${namespace}" ${evidence.public_key}\n`);
    await writeFile(file, evidence.armored);
    const verify = ['-Y', 'verify', '-f', signers, '-I', 'bob', '-n', namespace, '-s', file];
    expect((await runOrFail('ssh-keygen', verify, { input: text })).text).toContain('Good');
    await world.bastion.waitForAudit('grant.approved', (event) => JSON.stringify(event).includes(uid));
    const again = await (await alice.at('host')).ssh([], command);
    expect(again.errorText).toContain(`passes by grant ${id}`);
    expect(again).toMatchObject({ code: 0 });
  });

  test('is denied over HTTP without a code, as over ssh', async () => {
    await using held = await hold();
    const denied = await decide(held.request, await ownToken(bob, '--scope', 'decide'), {
      verdict: 'deny',
      reason: 'no',
    });
    expect(denied).toMatchObject({ status: 200, body: { outcome: 'denied' } });
    expect(await held.running.ended).toMatchObject({ code: 77 });
    expect(existsSync(held.marker)).toBe(false);
  });

  test('is not released by anything without a code that is right', async () => {
    await using held = await hold();
    const [bobs, reader, alices] = [
      await ownToken(bob, '--scope', 'decide'),
      await ownToken(bob),
      await ownToken(alice, '--scope', 'decide'),
    ];
    const { request } = held;
    const attempts: readonly (readonly [string, object, number])[] = [
      [bobs, {}, 422],
      [bobs, { code: '' }, 422],
      [bobs, { code: bob.phone.late() }, 422],
      [bobs, { code: await alice.phone.code() }, 422],
      [bobs, { digest: `sha256:${'f'.repeat(64)}`, code: '000000' }, 409],
      [bobs, { code: null }, 400],
      [bobs, { force: true }, 400],
      [reader, { code: await bob.phone.code() }, 403],
      [alices, { code: '000000' }, 403],
      ['hlt_0000000000000000_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', {}, 401],
    ];
    for (const [token, more, status] of attempts) expect(await decide(request, token, more)).toMatchObject({ status });
    for (const path of [`/r/${request.id}`, `/v1/requests/${request.id}/decision?verdict=approve`])
      await fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization: `Bearer ${bobs}` } });
    expect((await requestNow(world.bastion, request.uid))?.state).toBe('pending');
    expect(existsSync(held.marker)).toBe(false);
    await bob.deny(request.id);
    expect(await held.running.ended).toMatchObject({ code: 77 });
  });

  test('is not for the token of somebody who was disabled, also after they are enabled again', async () => {
    await using held = await hold();
    const token = await ownToken(bob, '--scope', 'decide');
    await world.bastion.runOrFail(['user', 'disable', 'bob']);
    expect(await decide(held.request, token, { code: '000000' })).toMatchObject({ status: 401 });
    await world.bastion.runOrFail(['user', 'enable', 'bob']);
    expect(await ask('/v1/requests', token)).toMatchObject({ status: 401 });
    expect((await requestNow(world.bastion, held.request.uid))?.state).toBe('pending');
  });
});

test('doctor says where it answers', async () => {
  expect((await world.bastion.run(['doctor'])).text).toContain(`HTTP API: answers on 127.0.0.1, port ${port}`);
});

describe('tokens', () => {
  test('are made, listed and removed; over ssh only one’s own', async () => {
    await world.bastion.runOrFail(['token', 'add', 'of-alice', '--user', 'alice', '--for', '30d']);
    const console = await bob.console();
    expect((await console.ssh([], 'token list')).text).not.toContain('of-alice');
    expect(await console.ssh([], 'token remove of-alice')).toMatchObject({ code: 3 });
    expect(await console.ssh([], 'token add theirs --user alice')).toMatchObject({ code: 4 });
    expect(await world.bastion.run(['token', 'add', 'nobodys'])).toMatchObject({ code: 2 });
    expect(await world.bastion.run(['token', 'add', 'long', '--user', 'bob', '--for', '400d'])).toMatchObject({
      code: 2,
    });
    const [listed] = (await world.bastion.json(['token', 'list'])).filter(({ name }) => name === 'of-alice');
    expect(listed).toMatchObject({ v: 1, user: 'alice', scope: 'read', expired: false });
    expect(JSON.stringify(listed)).not.toMatch(/hlt_|hash/);
    await world.bastion.runOrFail(['token', 'remove', 'of-alice']);
    expect(await world.bastion.run(['token', 'remove', 'of-alice'])).toMatchObject({ code: 3 });
  });

  test('leave neither themselves nor codes in log, store and recordings', async () => {
    const token = await ownToken(bob);
    await ask('/v1/requests', token);
    expect(await secretsIn(world.bastion.at(), [token, token.slice(-43)])).toEqual([]);
    expect(world.bastion.log).not.toContain(token.slice(-43));
  });
});

describe('through ssh, with no open port', () => {
  /** `ssh -N -L PORT:WHERE` as people type it; resolves once the port takes connections. */
  async function tunnel(
    person: Person,
    where: string,
  ): Promise<{ readonly url: string; readonly ssh: RunningProgram }> {
    const local = await freePort();
    const { configFile } = await person.console();
    const ssh = await RunningProgram.start('ssh', [
      '-F',
      configFile,
      '-N',
      '-L',
      `127.0.0.1:${local}:${where}`,
      'server',
    ]);
    const url = `http://localhost:${local}`;
    await waitUntil('the tunnel is open', () =>
      fetch(url).then(
        () => true,
        (failure) => refusedLater(failure),
      ),
    );
    return { url, ssh };
  }

  /** The client listens, but the bastion does not take the channel. */
  const refusedLater = (failure: unknown): boolean =>
    !JSON.stringify(String(Object(failure).cause)).includes('ECONNREFUSED');

  test('whoever signed in needs no token to read, and a code to approve', async () => {
    await using held = await hold();
    // Somebody whose codes are all to come.
    const erin = await Person.join(world.bastion, 'erin', ['sre']);
    const { url, ssh } = await tunnel(erin, 'web:80');
    await using _ssh = ssh;
    const path = `${url}/v1/requests/${held.request.id}`;
    expect(await (await fetch(path)).json()).toMatchObject({ command: held.request.command, state: 'pending' });
    const decision = async (more: object): Promise<number> => {
      const body = JSON.stringify({ verdict: 'approve', digest: held.request.digest, ...more });
      const headers = { 'content-type': 'application/json' };
      return (await fetch(`${path}/decision`, { method: 'POST', headers, body })).status;
    };
    expect(await decision({})).toBe(422);
    expect(await decision({ code: erin.phone.late() })).toBe(422);
    const { digest } = held.request;
    const foreign = { method: 'POST', headers: { 'content-type': 'application/json', origin: 'https://evil.test' } };
    const denial = JSON.stringify({ verdict: 'deny', digest });
    expect((await fetch(`${path}/decision`, { ...foreign, body: denial })).status).toBe(403);
    expect((await requestNow(world.bastion, held.request.uid))?.state).toBe('pending');
    expect(await decision({ code: await erin.phone.code() })).toBe(200);
    expect(await held.running.ended).toMatchObject({ code: 0 });
    expect(existsSync(held.marker)).toBe(true);
  });

  test('the requester is the requester there too, and whoever is disabled loses the connection', async () => {
    await using held = await hold();
    const { url, ssh } = await tunnel(alice, 'web:80');
    await using _ssh = ssh;
    const path = `${url}/v1/requests/${held.request.id}/decision`;
    const body = JSON.stringify({ verdict: 'approve', digest: held.request.digest, code: '000000' });
    const answer = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    expect(answer.status).toBe(403);
    await world.bastion.runOrFail(['user', 'disable', 'alice']);
    expect(await ssh.ended).not.toMatchObject({ code: 0 });
    await world.bastion.runOrFail(['user', 'enable', 'alice']);
    expect(await held.running.ended).not.toMatchObject({ code: 0 });
    expect(existsSync(held.marker)).toBe(false);
  });

  test.each(['web:22', 'web:443', '127.0.0.1:80', 'localhost:22'])('%s leads nowhere', async (where) => {
    const { url, ssh } = await tunnel(bob, where);
    await using _ssh = ssh;
    await expect(fetch(`${url}/v1/health`)).rejects.toThrow('fetch failed');
  });
});

test('with a certificate it speaks TLS, and a reload shows a new one', async () => {
  const securePort = await freePort();
  const certificate = async (folder: string, name: string): Promise<void> => {
    const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '1'];
    const files = ['-keyout', `${folder}/web.key`, '-out', `${folder}/web.crt`];
    await runOrFail('openssl', [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      ...files,
      ...subject,
    ]);
    await chmod(`${folder}/web.key`, 0o600);
  };
  await using secure = await BastionAndHost.start({
    config: (yaml) => `${yaml}\nweb: { listen: 0.0.0.0, port: ${securePort}, tls: { cert: web.crt, key: web.key } }\n`,
    prepare: (bastion) => certificate(bastion.at(), 'first'),
  });
  const shown = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const options = {
        host: '127.0.0.1',
        port: securePort,
        path: '/v1/health',
        rejectUnauthorized: false,
        agent: false,
      };
      const request = httpsRequest(options, (response) => {
        const { socket } = response;
        response.resume();
        if (!('getPeerCertificate' in socket)) return reject(new TypeError('no TLS'));
        const { subject } = (socket as import('node:tls').TLSSocket).getPeerCertificate();
        resolve(
          `${response.statusCode} ${String(subject.CN)} ${String(response.headers['strict-transport-security'])}`,
        );
      });
      request.once('error', reject);
      request.end();
    });
  expect(await shown()).toBe('200 first max-age=31536000');
  await certificate(secure.bastion.at(), 'second');
  await secure.bastion.runOrFail(['config', 'reload']);
  expect(await shown()).toContain('second');
  const doctor = await secure.bastion.run(['doctor']);
  expect(doctor.text).toMatch(/warn +HTTP API: its certificate ends in [01] days/);
  await chmod(secure.bastion.at('web.key'), 0o644);
  expect(await secure.bastion.run(['config', 'reload'])).not.toMatchObject({ code: 0 });
  expect(await secure.bastion.run(['config', 'check'])).toMatchObject({ code: 7 });
  const yaml = await readFile(secure.bastion.configFile, 'utf8');
  await writeFile(secure.bastion.configFile, yaml.replace(/, tls: \{.*\}/, ' }'));
  const checked = await secure.bastion.run(['config', 'check']);
  expect(checked).toMatchObject({ code: 7 });
  expect(checked.errorText).toMatch(/heldline\.yaml:\d+:\d+ web\.listen: others can reach this address/);
});
