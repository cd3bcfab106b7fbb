/**
 * How long an approved command takes to reach its target: from the Enter behind the code to the target running it,
 * over real connections to the built program. The approver has read the request and is about to send: what their own
 * program needs until then (starting it, signing in, loading an HTTP client) is not in it.
 */
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { type Bastion, heldline } from '../support/bastion.ts';
import { BastionAndHost } from '../support/bastion-and-host.ts';
import { Disposals } from '../support/disposals.ts';
import { freePort } from '../support/free-port.ts';
import { type HeldRequest, listRequests } from '../support/held-request.ts';
import { Person } from '../support/person.ts';
import { ScreenTerminal } from '../support/screen-terminal.ts';
import { openSshTerminal } from '../support/ssh-terminal.ts';
import { waitUntil } from '../support/wait-until.ts';

/** `mark` writes down when it ran; for one's own code, for a colleague's. */
const policy = {
  '10-defaults.yaml': `version: 1
postures: [{ when: { any: true }, default: allow, on_opaque: allow }]
access: [{ who: { any: true }, targets: { any: true } }]
approvals:
  own: { stages: [{ who: requester, factor: totp }], expires: 5m }
  colleague: { stages: [{ who: { role: sre }, count: 1, factor: totp }], expires: 5m, release: immediate }
rules:
  - { id: own, effect: approve, approval: own, match: { command: mark-own } }
  - { id: colleague, effect: approve, approval: colleague, match: { command: mark } }
`,
};

/** A code is good once in 30 s: each sample takes another person's. */
const AT_ONCE = 3;

type Screen = 'console inbox' | 'ssh bastion approve' | 'local command line';

export type Door = 'panel, own code' | Screen | 'HTTP API';

export class ApprovalDoors implements AsyncDisposable {
  readonly #world: BastionAndHost;
  readonly #people: readonly Person[];
  readonly #requester: ScreenTerminal;
  readonly #owned: Disposals;
  readonly #port: number;
  #count = 0;
  #turn = 0;

  private constructor(
    world: BastionAndHost,
    people: readonly Person[],
    requester: ScreenTerminal,
    port: number,
    owned: Disposals,
  ) {
    this.#port = port;
    this.#world = world;
    this.#people = people;
    this.#requester = requester;
    this.#owned = owned;
  }

  /** @param people how many there are to approve */
  static async open(people: number): Promise<ApprovalDoors> {
    await using stack = new Disposals();
    const port = await freePort();
    const config = (yaml: string): string => `${yaml}\nweb: { port: ${port} }\n`;
    const world = stack.use(await BastionAndHost.start({ policy, config }));
    for (const name of ['mark', 'mark-own']) {
      await writeFile(world.at(name), `#!/bin/bash\necho "$EPOCHREALTIME" > ${world.at('ran')}-$1\n`);
      await chmod(world.at(name), 0o755);
    }
    const joined: Person[] = [];
    for (let first = 0; first < people; first += AT_ONCE) {
      const names = Array.from({ length: Math.min(AT_ONCE, people - first) }, (_, more) => `person${first + more}`);
      joined.push(...(await Promise.all(names.map((name) => Person.join(world.bastion, name, ['sre'])))));
    }
    const alice = await Person.join(world.bastion, 'alice');
    const requester = stack.use(await alice.window('host', '/bin/sh'));
    await requester.waitFor(/[$#] $/);
    return new ApprovalDoors(world, joined, requester, port, stack.move());
  }

  get bastion(): Bastion {
    return this.#world.bastion;
  }

  /** ms from Enter to the run, `count` times, each by the person whose turn it is. */
  async measure(door: Door, count: number): Promise<readonly number[]> {
    const times: number[] = [];
    for (let approval = 0; approval < count; approval += 1) {
      const person = this.#people[this.#turn % this.#people.length];
      if (person === undefined) throw new Error('nobody is there to approve');
      this.#turn += 1;
      times.push(await (door === 'panel, own code' ? this.#ownCode(person) : this.#colleague(person, door)));
    }
    return times;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned[Symbol.asyncDispose]();
  }

  async #ownCode(person: Person): Promise<number> {
    await using window = await person.window('host', '/bin/sh');
    await window.waitFor(/[$#] $/);
    const run = this.#next();
    window.type(`${this.#world.at('mark-own')} ${run}\r`);
    await window.waitFor(/HELD \w{4}/);
    window.type(await person.phone.code());
    await window.waitFor('*** ***');
    return await this.#submit(window, run);
  }

  async #colleague(person: Person, door: Screen | 'HTTP API'): Promise<number> {
    const run = this.#next();
    const command = `${this.#world.at('mark')} ${run}`;
    this.#requester.type(`${command}\r`);
    const request = await waitUntil('it is held', async () =>
      (await listRequests(this.bastion)).find((one) => one.command === command && one.state === 'pending'),
    );
    const time = await (door === 'HTTP API'
      ? this.#overHttp(person, request, run)
      : this.#onScreen(person, door, request, run));
    await this.#requester.waitFor(/[$#] $/);
    return time;
  }

  async #onScreen(person: Person, door: Screen, request: HeldRequest, run: string): Promise<number> {
    await using window = await this.#aboutToApprove(person, door, request);
    return await this.#submit(window, run);
  }

  /** With a token of the person's own, by a program that has read the request: it knows the digest from there. */
  async #overHttp(person: Person, { id }: HeldRequest, run: string): Promise<number> {
    const made = await (await person.console()).ssh([], `token add run-${run} --scope decide`);
    const headers = { authorization: `Bearer ${made.text.trim()}`, 'content-type': 'application/json' };
    const url = `http://127.0.0.1:${this.#port}/v1/requests/${id}`;
    const code = await person.phone.code();
    const { digest } = (await (await fetch(url, { headers })).json()) as { readonly digest: string };
    const body = JSON.stringify({ verdict: 'approve', digest, code });
    const begun = performance.timeOrigin + performance.now();
    const { status } = await fetch(`${url}/decision`, { method: 'POST', headers, body });
    if (status !== 200) throw new Error(`${made.errorText}the API answered ${status}`);
    return (await this.#ranAt(run)) - begun;
  }

  async #aboutToApprove(person: Person, door: Screen, request: HeldRequest): Promise<ScreenTerminal> {
    if (door === 'console inbox') {
      const inbox = openSshTerminal(await person.console(), { command: 'approvals' });
      await inbox.waitFor(`> ${request.id}`);
      inbox.type('a');
      await inbox.waitFor(`approve ${request.id} for`);
      inbox.type(await person.phone.code());
      return inbox;
    }
    const words = ['approve', request.id];
    const local = [heldline, '-c', this.bastion.configFile, ...words, '--user', person.name];
    const window =
      door === 'local command line'
        ? ScreenTerminal.start(process.execPath, local)
        : openSshTerminal(await person.console(), { command: words.join(' ') });
    await window.waitFor('Your code to approve');
    window.type(await person.phone.code());
    return window;
  }

  /** Enter behind a code that is typed already. */
  async #submit(window: ScreenTerminal, run: string): Promise<number> {
    const begun = performance.timeOrigin + performance.now();
    window.type('\r');
    const ran = await this.#ranAt(run).catch((cause: unknown) => {
      throw new Error(`run ${run} never came:\n${window.screen()}`, { cause });
    });
    return ran - begun;
  }

  /** When the target ran it, ms since the epoch. */
  async #ranAt(run: string): Promise<number> {
    const text = await waitUntil('it ran', async () => {
      const written = await readFile(`${this.#world.at('ran')}-${run}`, 'utf8').catch(() => '');
      return written.endsWith('\n') ? written : null;
    });
    return Number(text) * 1000;
  }

  #next(): string {
    this.#count += 1;
    return String(this.#count);
  }
}
