/**
 * The daemon is killed, at once and without a word, while a command is held and at many moments between the
 * approver's Enter and the release. Whatever the moment: what ran was released first, and ran once.
 */
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../support/bastion.ts';
import { BastionAndHost } from '../support/bastion-and-host.ts';
import { Disposals } from '../support/disposals.ts';
import { type HeldRequest, listRequests, waitForHold } from '../support/held-request.ts';
import { Person } from '../support/person.ts';
import { randomNumbers } from '../support/random-numbers.ts';
import { RunningProgram } from '../support/running-program.ts';
import type { ScreenTerminal } from '../support/screen-terminal.ts';
import { openSshTerminal } from '../support/ssh-terminal.ts';
import { TEST_SEED } from '../support/test-seed.ts';
import { waitUntil } from '../support/wait-until.ts';

/** `tee` is held for a colleague: the number of lines in its file is the number of times that it ran. */
const policy = {
  '10-defaults.yaml': `version: 1
postures: [{ when: { any: true }, default: allow }]
access: [{ who: { any: true }, targets: { any: true } }]
approvals:
  colleague: { stages: [{ who: { role: sre }, count: 1, factor: totp }], expires: 5m }
rules: [{ id: tee, effect: approve, approval: colleague, match: { command: tee } }]
`,
};

const ROUNDS = 20;
const APPROVERS = 8;

let world: BastionAndHost;
let alice: Person;
let approvers: readonly Person[];

beforeAll(async () => {
  world = await BastionAndHost.start({ policy });
  alice = await Person.join(world.bastion, 'alice');
  const names = Array.from({ length: APPROVERS }, (_, index) => `approver${index}`);
  const joined: Person[] = [];
  for (const name of names) joined.push(await Person.join(world.bastion, name, ['sre']));
  approvers = joined;
});
afterAll(() => world[Symbol.asyncDispose]());

type Kind = 'exec' | 'shell';

interface Hold extends AsyncDisposable {
  readonly request: HeldRequest;
  readonly file: string;
}

const command = (file: string): string => `echo ran | tee -a ${file}`;

/** Holds a command whose runs are counted in `name`. */
async function hold(kind: Kind, name: string): Promise<Hold> {
  await using stack = new Disposals();
  const file = world.at(name);
  if (kind === 'exec') {
    const { configFile } = await alice.at('host');
    stack.use(await RunningProgram.start('ssh', ['-F', configFile, 'server', command(file)]));
  } else {
    const terminal = stack.use(await alice.window('host', '/bin/sh'));
    await terminal.waitFor(/[$#] $/);
    terminal.type(`${command(file)}\r`);
    await terminal.waitFor(/HELD \w{4}/);
  }
  const request = await waitForHold(world.bastion, command(file));
  const owned = stack.move();
  return { request, file, [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose]() };
}

/** An approver who has read the statement and typed all of the code but Enter. */
async function aboutToApprove(person: Person, request: HeldRequest): Promise<ScreenTerminal> {
  const terminal = openSshTerminal(await person.console(), { command: `approve ${request.id}` });
  await terminal.waitFor('Your code to approve');
  terminal.type(await person.phone.code());
  return terminal;
}

/** How often the command ran, once nothing that could still run it is left on the target. */
async function runs(file: string): Promise<number> {
  const children = `/proc/${world.sshd.pid}/task/${world.sshd.pid}/children`;
  await waitUntil('the target has no session left', () => readFileSync(children, 'utf8').trim() === '');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0;
}

const isReleaseOf =
  ({ uid }: HeldRequest) =>
  (event: JsonObject): boolean =>
    event['type'] === 'command.released' && JSON.stringify(event).includes(uid);

async function stateOf({ uid }: HeldRequest): Promise<string | undefined> {
  return (await listRequests(world.bastion)).find((request) => request.uid === uid)?.state;
}

/** What `session verify` says of the session of a request. */
async function verified({ session }: HeldRequest): Promise<JsonObject> {
  const { text } = await world.bastion.run(['session', 'verify', session, '--json']);
  const answer: JsonObject = JSON.parse(text);
  return answer;
}

describe.each<Kind>(['exec', 'shell'])('killed while a command of a %s is held', (kind) => {
  test('the command never runs, the request is expired, the recording is recovered and says so', async () => {
    await using held = await hold(kind, `held-${kind}`);
    await world.bastion.stop('SIGKILL');
    await world.bastion.serve();
    expect(await runs(held.file)).toBe(0);
    expect(await stateOf(held.request)).toBe('expired');
    const { id, digest } = held.request;
    const [late] = approvers;
    expect((await late?.approve(id, digest, late.phone.wrong()))?.code).toBe(5);
    expect(await verified(held.request)).toMatchObject({
      state: 'recovered',
      result: expect.not.stringMatching('tampered'),
    });
    const words = await world.bastion.runOrFail(['session', 'verify', held.request.session]);
    expect(words.text).toContain('recovered');
    expect(await world.bastion.run(['audit', 'verify'])).toMatchObject({ code: 0 });
  });
});

describe(`killed between approval and release (HELDLINE_SEED=${TEST_SEED})`, () => {
  const random = randomNumbers(TEST_SEED);
  const outcomes: { readonly request: HeldRequest; readonly released: boolean }[] = [];
  /** ms from the approver's Enter to the run, without a crash. */
  const usual: Record<Kind, number> = { exec: 0, shell: 0 };

  test.each<Kind>(['exec', 'shell'])('without a crash a command of a %s runs once', async (kind) => {
    await using held = await hold(kind, `whole-${kind}`);
    const approver = approvers[kind === 'exec' ? 0 : 1];
    if (approver === undefined) throw new Error('nobody can approve');
    await using terminal = await aboutToApprove(approver, held.request);
    const begun = performance.now();
    terminal.type('\r');
    await waitUntil('the command ran', () => existsSync(held.file));
    usual[kind] = performance.now() - begun;
    await terminal.waitForEnd();
    await held[Symbol.asyncDispose]();
    expect(await runs(held.file)).toBe(1);
    expect((await world.bastion.audit()).filter(isReleaseOf(held.request))).toHaveLength(1);
  });

  test.each(Array.from({ length: ROUNDS }, (_, index) => index))('round %d', async (round) => {
    const kind: Kind = round % 2 === 0 ? 'exec' : 'shell';
    const approver = approvers[(round + 2) % APPROVERS];
    if (approver === undefined) throw new Error('nobody can approve');
    await using held = await hold(kind, `round-${round}`);
    await using terminal = await aboutToApprove(approver, held.request);
    const delay = random() * usual[kind] * 1.2;
    terminal.type('\r');
    await sleep(delay);
    await world.bastion.stop('SIGKILL');
    const ran = await runs(held.file);
    const released = (await world.bastion.audit()).some(isReleaseOf(held.request));
    outcomes.push({ request: held.request, released });
    const said = `${kind}, killed after ${delay.toFixed(1)} ms: ran ${ran} times, ${released ? '' : 'not '}released`;
    expect(ran, said).toBeLessThanOrEqual(released ? 1 : 0);
    await world.bastion.serve();
    const state = await stateOf(held.request);
    expect(released ? ['released'] : ['expired'], said).toContain(state);
    expect(await runs(held.file), `${said}; after the restart`).toBe(ran);
  });

  test('afterwards the log is whole, and every recording of theirs is recovered and untouched', async () => {
    expect(await world.bastion.run(['audit', 'verify'])).toMatchObject({ code: 0 });
    for (const { request } of outcomes) {
      const answer = await verified(request);
      expect(answer['result']).not.toBe('tampered');
      expect(['recovered', 'ended']).toContain(answer['state']);
    }
    expect(outcomes).toHaveLength(ROUNDS);
  });
});
