/** Faults around a command that the built program holds: the approver goes away, the policy files are broken. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { JsonObject } from '../../support/bastion.ts';
import { BastionAndHost } from '../../support/bastion-and-host.ts';
import type { FaultRow } from '../../support/fault-table.ts';
import { type HeldCommand, holdCommand } from '../../support/held-request.ts';
import { Person } from '../../support/person.ts';
import { openSshTerminal } from '../../support/ssh-terminal.ts';

/** `mkdir` is held for a colleague, for a short time. */
const policy = {
  '10-defaults.yaml': `version: 1
postures: [{ when: { any: true }, default: allow }]
access: [{ who: { any: true }, targets: { any: true } }]
approvals:
  colleague: { stages: [{ who: { role: sre }, count: 1, factor: totp }], expires: 8s }
rules: [{ id: folders, effect: approve, approval: colleague, match: { command: mkdir } }]
`,
};

export class LiveFaults implements AsyncDisposable {
  readonly #world: BastionAndHost;
  readonly #alice: Person;
  readonly #bob: Person;

  private constructor(world: BastionAndHost, alice: Person, bob: Person) {
    this.#world = world;
    this.#alice = alice;
    this.#bob = bob;
  }

  static async start(): Promise<LiveFaults> {
    const world = await BastionAndHost.start({ policy });
    const alice = await Person.join(world.bastion, 'alice');
    return new LiveFaults(world, alice, await Person.join(world.bastion, 'bob', ['sre']));
  }

  /** The approver has typed the code, and the connection is gone before Enter. */
  async approverLeaves(): Promise<FaultRow> {
    await using held = await this.#hold('left');
    const terminal = openSshTerminal(await this.#bob.console(), { command: `approve ${held.request.id}` });
    await terminal.waitFor('Your code to approve');
    terminal.type(await this.#bob.phone.code());
    await terminal[Symbol.asyncDispose]();
    return await this.#seeThrough(held, "the approver's session ends");
  }

  async policyFailsToLoad(): Promise<FaultRow> {
    const { bastion } = this.#world;
    await using held = await this.#hold('unloaded');
    await writeFile(bastion.at('policy.d', '90-broken.yaml'), 'version: 1\nrules: [{ id: }\n');
    const { code } = await bastion.run(['config', 'reload']);
    if (code === 0) throw new TypeError('a broken policy was loaded');
    const refused = await bastion.waitForAudit('policy.reload_failed');
    const row = await this.#seeThrough(held, 'the policy fails to load at a reload (the one in force stays)');
    return { ...row, log: `\`${String(refused['type'])}\`; ${row.log}` };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#world[Symbol.asyncDispose]();
  }

  #hold(name: string): Promise<HeldCommand> {
    return holdCommand(this.#world.bastion, this.#alice, this.#world.at(name));
  }

  async #seeThrough({ marker, request, running }: HeldCommand, fault: string): Promise<FaultRow> {
    const isOfIt = (event: JsonObject): boolean => JSON.stringify(event).includes(request.uid);
    const ended = await this.#world.bastion.waitForAudit('approval.expired', isOfIt);
    await running.ended;
    const [told = ''] = running.stderr.toString().trim().split('\n').slice(-1);
    const log = `\`approval.expired\` (${String(ended['reason'])})`;
    const words = told.trim().replace(request.id, 'ID');
    return { door: 'exec', step: 'waiting for approval', fault, ran: existsSync(marker), told: words, log };
  }
}
