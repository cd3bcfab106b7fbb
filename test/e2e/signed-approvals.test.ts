/** Approvals by signature, with the ssh-keygen and ssh-agent that people have, and evidence that outlives the bastion. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { heldline } from '../support/bastion.ts';
import { BastionAndHost } from '../support/bastion-and-host.ts';
import { harmlessPolicy } from '../support/harmless-policy.ts';
import { type HeldCommand, type HeldRequest, holdCommand, requestNow, waitForHold } from '../support/held-request.ts';
import { Person } from '../support/person.ts';
import { type ProgramResult, runOrFail, runProgram } from '../support/run-program.ts';
import { RunningProgram } from '../support/running-program.ts';
import { ScreenTerminal } from '../support/screen-terminal.ts';
import { SoftwareKey } from '../support/software-keys.ts';
import { openSshTerminal } from '../support/ssh-terminal.ts';
import { waitUntil } from '../support/wait-until.ts';

const NAMESPACE = 'approve@127.0.0.1';
/**
 * `mkdir`: any key of one of sre; `install`: the same, and it may be remembered; `rmdir`: a security key with a PIN;
 * `touch`: the requester's own key.
 */
const SIGNED = `version: 1
approvals:
  signed: { stages: [{ who: { role: sre }, factor: signature }], expires: 2m }
  token: { stages: [{ who: { role: sre }, factor: sk-signature, verify: true }], expires: 2m }
  own-signed: { stages: [{ who: requester, factor: signature }], expires: 2m }
rules:
  - { id: signed, effect: approve, approval: signed, match: { command: mkdir } }
  - { id: installed, effect: approve, approval: signed, match: { command: install }, grant: { scope: command, minutes: 15, max_uses: 1 } }
  - { id: token, effect: approve, approval: token, match: { command: rmdir } }
  - { id: own-signed, effect: approve, approval: own-signed, match: { command: touch } }
`;
const DEFAULTS = (harmlessPolicy['10-defaults.yaml'] ?? '').replace(/ {2}- \{ id: (own-code|second-person).*\n/g, '');

let world: BastionAndHost;
let alice: Person;
let bob: Person;
let names = 0;

beforeAll(async () => {
  world = await BastionAndHost.start({ policy: { '10-defaults.yaml': DEFAULTS, '20-signed.yaml': SIGNED } });
  alice = await Person.join(world.bastion, 'alice', ['dev', 'sre']);
  bob = await Person.join(world.bastion, 'bob', ['sre']);
});
afterAll(() => world[Symbol.asyncDispose]());

/** alice's command, waiting. */
function hold(program?: string): Promise<HeldCommand> {
  names += 1;
  return holdCommand(world.bastion, alice, world.at(`signed-${names}`), program);
}

/** The bytes that `person` signs, as the bastion prints them. */
async function toSign(person: Person, id: string, ...more: '--grant'[]): Promise<string> {
  const result = await (await person.console()).ssh([], ['requests', 'show', id, '--to-sign', ...more].join(' '));
  expect(result).toMatchObject({ code: 0 });
  return result.text;
}

/** A real `ssh-keygen -Y sign` by a person's own key. */
async function sign(person: Person, statement: string, namespace = NAMESPACE): Promise<string> {
  const words = ['-Y', 'sign', '-n', namespace, '-f', person.key.file];
  return (await runOrFail('ssh-keygen', words, { input: statement })).text;
}

async function send(
  person: Person,
  { id, digest }: HeldRequest,
  signature: string,
  ...more: '--grant'[]
): Promise<ProgramResult> {
  const words = ['approve', id, '--digest', digest, '--signature-file', '-', ...more].join(' ');
  return (await person.console()).ssh([], words, { input: signature });
}

async function expectHeld(held: HeldCommand): Promise<void> {
  expect((await requestNow(world.bastion, held.request.uid))?.state).toBe('pending');
  expect(existsSync(held.marker)).toBe(false);
}

interface Evidence {
  readonly statement: string;
  readonly armored: string;
  readonly namespace: string;
  readonly public_key: string;
}

/** What stock OpenSSH says of a signature, with nothing but what was stored. */
async function verify(approver: string, evidence: Evidence): Promise<ProgramResult> {
  const [signers, signature] = [world.at('allowed_signers'), world.at('statement.sig')];
  await writeFile(signers, `${approver} namespaces="${evidence.namespace}" ${evidence.public_key}\n`);
  await writeFile(signature, evidence.armored);
  const words = ['-Y', 'verify', '-f', signers, '-I', approver, '-n', evidence.namespace, '-s', signature];
  return runProgram('ssh-keygen', words, { input: evidence.statement });
}

/** The signature in `requests show ID --json`. */
async function storedEvidence(id: string): Promise<Evidence> {
  const [shown] = await world.bastion.json(['requests', 'show', id]);
  const [vote] = JSON.parse(JSON.stringify(shown?.['votes'])) as { readonly signature: Evidence }[];
  if (vote === undefined) throw new TypeError(`${id} has no vote`);
  return vote.signature;
}

/** The signature in the audit log, which keeps it when the store has forgotten the request. */
async function loggedEvidence(uid: string): Promise<Evidence> {
  const vote = await world.bastion.waitForAudit('approval.vote', (event) => JSON.stringify(event).includes(uid));
  return (JSON.parse(JSON.stringify(vote['approval'])) as { readonly signature: Evidence }).signature;
}

describe('over ssh', () => {
  test('show, ssh-keygen, approve: released, and verified by stock ssh-keygen from store and log', async () => {
    await using held = await hold();
    expect(held.running.stderr.toString()).toContain(`approve ${held.request.id} --sign`);
    const statement = await toSign(bob, held.request.id);
    expect(statement.split('\n')).toEqual(
      expect.arrayContaining(['verdict="approve"', 'approver="bob"', `digest="${held.request.digest}"`]),
    );
    const sent = await send(bob, held.request, await sign(bob, statement));
    expect(sent).toMatchObject({ code: 0 });
    expect(sent.errorText).toContain(held.request.command);
    expect(await held.running.ended).toMatchObject({ code: 0 });
    expect(existsSync(held.marker)).toBe(true);
    for (const evidence of [await storedEvidence(held.request.id), await loggedEvidence(held.request.uid)]) {
      expect(evidence.statement).toBe(statement);
      const verified = await verify('bob', evidence);
      expect(verified.text).toContain(`Good "${NAMESPACE}" signature for bob`);
      expect(verified.code).toBe(0);
      const changed = { ...evidence, statement: statement.replace('"approve"', '"deny"') };
      expect((await verify('bob', changed)).code).not.toBe(0);
    }
  });

  test('pasted into a terminal', async () => {
    await using held = await hold();
    await using terminal = openSshTerminal(await bob.console(), { command: `approve ${held.request.id} --sign` });
    await terminal.waitFor(held.request.command);
    await terminal.waitFor('Then paste what it prints here');
    const signature = await sign(bob, await toSign(bob, held.request.id));
    terminal.type(signature.replaceAll('\n', '\r'));
    expect(await terminal.waitForEnd()).toBe(0);
    expect(await held.running.ended).toMatchObject({ code: 0 });
  });

  test.each([
    ['of another request', (_: HeldCommand, other: HeldCommand) => toSign(bob, other.request.id)],
    ['of somebody else', (held: HeldCommand) => toSign(alice, held.request.id)],
    ['of a denial', async (held: HeldCommand) => (await toSign(bob, held.request.id)).replace('"approve"', '"deny"')],
    ['of nothing', async () => ''],
  ])('a signature %s leaves the request held', async (_, make) => {
    await using held = await hold();
    await using other = await hold();
    const result = await send(bob, held.request, await sign(bob, await make(held, other)));
    expect(result.code).toBe(4);
    expect(result.errorText).toContain('not over this statement');
    await expectHeld(held);
  });

  test('a signature for another purpose, of another key, or none at all leaves the request held', async () => {
    await using held = await hold();
    const statement = await toSign(bob, held.request.id);
    for (const [signature, why] of [
      [await sign(bob, statement, 'file'), 'made for something else'],
      [await sign(alice, statement), 'not of a key of bob'],
      ['492039\n', 'no signature'],
      ['x'.repeat(1024 * 1024), 'too long'],
    ] as const) {
      const result = await send(bob, held.request, signature);
      expect(result.code).toBe(4);
      expect(result.errorText).toContain(why);
    }
    await expectHeld(held);
    expect(await world.bastion.waitForAudit('approval.signature_rejected')).toBeDefined();
    expect((await send(bob, held.request, await sign(bob, statement))).code).toBe(0);
    expect((await send(bob, held.request, await sign(bob, statement))).code).toBe(5);
  });

  test('a code does not do, and the requester does not count', async () => {
    await using held = await hold();
    const { id, digest } = held.request;
    const byCode = await bob.approve(id, digest, await bob.phone.code());
    expect(byCode.code).toBe(4);
    expect(byCode.errorText).toContain(`approve ${id} --sign`);
    const own = await send(alice, held.request, await sign(alice, await toSign(alice, id)));
    expect(own.code).toBe(4);
    expect(own.errorText).toContain('somebody else has to approve this');
    await expectHeld(held);
  });

  test.each([
    ['--sign', 2, 'standard input'],
    ['--signature-file /etc/hostname', 2, 'standard input'],
    ['--code-file 492039', 2, 'standard input'],
  ])('approve %s says how it goes', async (words, code, why) => {
    await using held = await hold(words.startsWith('--code') ? 'cp /etc/hostname' : 'mkdir');
    const command = `approve ${held.request.id} --digest ${held.request.digest} ${words}`;
    const result = await (await bob.console()).ssh([], command, { input: '' });
    expect(result.code).toBe(code);
    expect(result.errorText).toContain(why);
  });
});

describe('a signed approval that is remembered', () => {
  test('names its terms in what ssh-keygen signs and verifies; the command passes once more', async () => {
    await using held = await hold('install -d');
    const statement = await toSign(bob, held.request.id, '--grant');
    expect(statement).toMatch(/^grant=\{"cost":1,.*"minutes":15,.*"scope":"command","uses":1,"words":null\}\n$/m);
    const signature = await sign(bob, statement);
    expect(await send(bob, held.request, signature)).toMatchObject({ code: 4 });
    const plain = await sign(bob, await toSign(bob, held.request.id));
    expect(await send(bob, held.request, plain, '--grant')).toMatchObject({ code: 4 });
    await expectHeld(held);
    expect(await send(bob, held.request, signature, '--grant')).toMatchObject({ code: 0 });
    expect(await held.running.ended).toMatchObject({ code: 0 });
    const evidence = await loggedEvidence(held.request.uid);
    expect(evidence.statement).toBe(statement);
    expect((await verify('bob', evidence)).text).toContain('Good');
    await world.bastion.waitForAudit('grant.approved', (event) => JSON.stringify(event).includes(held.request.uid));
    const again = await (await alice.at('host')).ssh([], held.request.command);
    expect(again).toMatchObject({ code: 0 });
    expect(again.errorText).toContain(`passes by grant ${held.request.id}`);
  });

  test('by the local command line, with --sign --grant', async () => {
    await using held = await hold('install -d');
    const { id, digest } = held.request;
    const words = ['approve', id, '--digest', digest, '--user', 'bob', '--sign', '--grant', '--key-file', bob.key.file];
    expect(await world.bastion.run(words)).toMatchObject({ code: 0 });
    expect((await storedEvidence(id)).statement).toContain('\ngrant={');
  });

  test('not where the rule does not offer it: nothing is signed in vain', async () => {
    await using held = await hold();
    const shown = await (await bob.console()).ssh([], `requests show ${held.request.id} --to-sign --grant`);
    expect(shown).toMatchObject({ code: 2, text: '' });
    expect(shown.errorText).toContain('cannot be remembered');
    const sent = await send(bob, held.request, await sign(bob, await toSign(bob, held.request.id)), '--grant');
    expect(sent).toMatchObject({ code: 2 });
    await expectHeld(held);
  });
});

describe('on the local command line', () => {
  const words = ({ id, digest }: HeldRequest): string[] => [
    'approve',
    id,
    '--digest',
    digest,
    '--user',
    'bob',
    '--sign',
  ];

  test('ssh-keygen signs with the key that is named', async () => {
    await using held = await hold();
    const approved = await world.bastion.run([...words(held.request), '--key-file', bob.key.file]);
    expect(approved).toMatchObject({ code: 0 });
    expect(await held.running.ended).toMatchObject({ code: 0 });
    expect((await verify('bob', await storedEvidence(held.request.id))).code).toBe(0);
  });

  test('or with the one in the agent, and says what to do when there is none', async () => {
    await using held = await hold();
    const socket = world.at('agent.sock');
    await using agent = await RunningProgram.start('ssh-agent', ['-D', '-a', socket]);
    await waitUntil('the agent listens', () => existsSync(socket));
    const env = { ...process.env, SSH_AUTH_SOCK: socket, SSH_AGENT_PID: String(agent.pid) };
    const without = await world.bastion.run(words(held.request), { env });
    expect(without.code).toBe(4);
    expect(without.errorText).toContain('--key-file');
    await expectHeld(held);
    await runOrFail('ssh-add', ['-q', alice.key.file], { env });
    await runOrFail('ssh-add', ['-q', bob.key.file], { env });
    expect(await world.bastion.run(words(held.request), { env })).toMatchObject({ code: 0 });
    expect(await held.running.ended).toMatchObject({ code: 0 });
  });

  test.each([
    ['with the passphrase that ssh-keygen asks for', 'open sesame\r', 0],
    ['not after Ctrl-C in its place', '\x03', 130],
  ])('at a terminal: after Enter, %s', async (_, answer, code) => {
    await using held = await hold();
    const file = world.at(`locked-key-${code}`);
    await runOrFail('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'open sesame', '-f', file]);
    await world.bastion.runOrFail(['key', 'add', 'bob', '--key-file', `${file}.pub`]);
    const typed = ['approve', held.request.id, '--user', 'bob', '--sign', '--key-file', file];
    const program = [heldline, '-c', world.bastion.configFile, ...typed];
    await using terminal = ScreenTerminal.start(process.execPath, program);
    await terminal.waitFor(held.request.command);
    await terminal.waitFor(`Enter signs ${held.request.id} for alice on host`);
    await expectHeld(held);
    terminal.type('\r');
    await terminal.waitFor('Enter passphrase');
    terminal.type(answer);
    expect(await terminal.waitForEnd()).toBe(code);
    if (code === 0) expect(await held.running.ended).toMatchObject({ code });
    else await expectHeld(held);
  });

  test('at a terminal, Ctrl-C signs nothing', async () => {
    await using held = await hold();
    const typed = ['approve', held.request.id, '--user', 'bob', '--sign', '--key-file', bob.key.file];
    const program = [heldline, '-c', world.bastion.configFile, ...typed];
    await using terminal = ScreenTerminal.start(process.execPath, program);
    await terminal.waitFor('Enter signs');
    terminal.type('\x03');
    expect(await terminal.waitForEnd()).toBe(130);
    await expectHeld(held);
  });

  test('a key that is not there signs nothing', async () => {
    await using held = await hold();
    const result = await world.bastion.run([...words(held.request), '--key-file', world.at('nothing')]);
    expect(result.code).toBe(1);
    expect(result.errorText).toContain('ssh-keygen did not sign it');
    await expectHeld(held);
  });
});

describe('a security key', () => {
  const key = new SoftwareKey('sk-ssh-ed25519@openssh.com');

  beforeAll(async () => {
    const words = ['key', 'add', 'bob', '--key-file', '-'];
    await world.bastion.runOrFail(words, { input: `${key.line} token\n` });
  });

  test('is asked for with a PIN: touch alone, a plain key and a code do not do; ssh-keygen verifies it', async () => {
    await using held = await hold('rmdir');
    const statement = await toSign(bob, held.request.id);
    const signed = (flags: number, counter: number): string =>
      key.sign(statement, { namespace: NAMESPACE, flags, counter });
    for (const signature of [signed(1, 5), signed(4, 6), await sign(bob, statement)]) {
      expect((await send(bob, held.request, signature)).code).toBe(4);
    }
    const copied = await send(bob, held.request, signed(5, 4));
    expect(copied.errorText).toContain('there may be a copy');
    expect(await world.bastion.waitForAudit('user.key_counter_back')).toBeDefined();
    await expectHeld(held);
    expect(await send(bob, held.request, signed(5, 7))).toMatchObject({ code: 0 });
    await held.running.ended;
    expect((await verify('bob', await storedEvidence(held.request.id))).text).toContain('Good');
  });
});

test("the panel waits for the requester's own signature, and runs the line once it is there", async () => {
  await using terminal = await alice.window('host', '/bin/sh');
  await terminal.waitFor(/[$#] $/);
  const marker = world.at('own-signed');
  terminal.type(`touch ${marker}\r`);
  await terminal.waitFor(/HELD \w{4}/);
  await terminal.waitFor('Waiting for your signature');
  const request = await waitForHold(world.bastion, `touch ${marker}`);
  expect(await send(alice, request, await sign(alice, await toSign(alice, request.id)))).toMatchObject({ code: 0 });
  await terminal.waitFor('approved by alice (own signature)');
  await waitUntil('the line runs', () => existsSync(marker));
  terminal.type('exit\r');
  await terminal.waitForEnd();
});
