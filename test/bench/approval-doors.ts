/**
 * How long an approved command takes to reach its target: from the Enter behind the code to the target running it,
 * over real ssh connections of the built program. What the approver's own way to the bastion costs is in it too.
 */
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { type Bastion, heldline } from '../support/bastion.ts';
import { BastionAndHost } from '../support/bastion-and-host.ts';
import { Disposals } from '../support/disposals.ts';
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

export type Door = 'panel, own code' | 'console inbox' | 'ssh bastion approve' | 'local command line';

export class ApprovalDoors implements AsyncDisposable {
  readonly #world: BastionAndHost;
  readonly #people: readonly Person[];
  readonly #requester: ScreenTerminal;
  readonly #owned: Disposals;
  #count = 0;

  private constructor(world: BastionAndHost, people: readonly Person[], requester: ScreenTerminal, owned: Disposals) {
    this.#world = world;
    this.#people = people;
    this.#requester = requester;
    this.#owned = owned;
  }

  /** @param people how many there are to approve */
  static async open(people: number): Promise<ApprovalDoors> {
    await using stack = new Disposals();
    const world = stack.use(await BastionAndHost.start({ policy }));
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
    return new ApprovalDoors(world, joined, requester, stack.move());
  }

  get bastion(): Bastion {
    return this.#world.bastion;
  }

  /** ms from Enter to the run, one a person. */
  async measure(door: Door): Promise<readonly number[]> {
    const times: number[] = [];
    for (const person of this.#people) {
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

  async #colleague(person: Person, door: Exclude<Door, 'panel, own code'>): Promise<number> {
    const run = this.#next();
    const command = `${this.#world.at('mark')} ${run}`;
    this.#requester.type(`${command}\r`);
    const request = await waitUntil('it is held', async () =>
      (await listRequests(this.bastion)).find((one) => one.command === command && one.state === 'pending'),
    );
    await using window = await this.#aboutToApprove(person, door, request);
    const time = await this.#submit(window, run);
    await this.#requester.waitFor(/[$#] $/);
    return time;
  }

  async #aboutToApprove(
    person: Person,
    door: Exclude<Door, 'panel, own code'>,
    request: HeldRequest,
  ): Promise<ScreenTerminal> {
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
    const file = `${this.#world.at('ran')}-${run}`;
    const begun = performance.timeOrigin + performance.now();
    window.type('\r');
    const text = await waitUntil('it ran', async () => {
      const written = await readFile(file, 'utf8').catch(() => '');
      return written.endsWith('\n') ? written : null;
    }).catch((cause: unknown) => {
      throw new Error(`run ${run} never came:\n${window.screen()}`, { cause });
    });
    return Number(text) * 1000 - begun;
  }

  #next(): string {
    this.#count += 1;
    return String(this.#count);
  }
}
