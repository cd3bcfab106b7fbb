/**
 * Where cases are played: one built bastion, one real sshd in the sandbox, and for each lane a target of its own,
 * so that the audit log tells the lanes apart. A session's shell is the one that the case asks for: sshd runs the
 * script whose path the client sends as LC_HELDLINE_CASE, and nothing else.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Bastion } from '../support/bastion.ts';
import { egressKey } from '../support/bastion-and-host.ts';
import { startDelayRelay } from '../support/delay-relay.ts';
import { Disposals } from '../support/disposals.ts';
import type { GateCase } from '../support/gate-case.ts';
import { makeSandbox, type Sandbox } from '../support/sandbox.ts';
import { layOutShell, type ShellStart } from '../support/shell-home.ts';
import { SshClient } from '../support/ssh-client.ts';
import { type Sshd, startSshd } from '../support/start-sshd.ts';
import { startTinyPostgres, type TinyPostgres } from '../support/tiny-postgres.ts';
import { AuditTail } from './audit-tail.ts';
import { rangePolicy } from './range-policy.ts';

/** `observe`: everything runs. `enforce`: what is flagged or unreadable is denied. */
export type GateMode = 'observe' | 'enforce';

export interface Lane {
  readonly target: string;
  readonly mode: GateMode;
  /** Round trip that is added between bastion and target, ms. */
  readonly roundTrip: number;
}

export interface LaidOutCase {
  readonly start: ShellStart;
  /** A client whose session is the shell of the case. */
  readonly client: SshClient;
}

export class GateRange implements AsyncDisposable {
  readonly audit: AuditTail;
  readonly sandbox: Sandbox;
  readonly #bastion: Bastion;
  readonly #sshd: Sshd;
  readonly #database: TinyPostgres;
  readonly #owned: Disposals;
  readonly #relays = new Map<number, number>();

  private constructor(bastion: Bastion, sandbox: Sandbox, sshd: Sshd, database: TinyPostgres, owned: Disposals) {
    this.audit = new AuditTail(bastion);
    this.sandbox = sandbox;
    this.#bastion = bastion;
    this.#sshd = sshd;
    this.#database = database;
    this.#owned = owned;
  }

  static async start(): Promise<GateRange> {
    await using stack = new Disposals();
    const database = stack.use(await startTinyPostgres());
    const sandbox = stack.use(await makeSandbox());
    const bastion = stack.use(await Bastion.start({ policy: rangePolicy }));
    const config = ['ForceCommand exec /bin/sh "$LC_HELDLINE_CASE"'];
    const sshd = stack.use(await startSshd({ authorizedKeys: [await egressKey(bastion)], config, sandbox }));
    return new GateRange(bastion, sandbox, sshd, database, stack.move());
  }

  async lane(mode: GateMode, roundTrip: number, number: number): Promise<Lane> {
    const target = `${mode}-${roundTrip}-${number}`;
    const { host, user, hostKeyFingerprint } = this.#sshd;
    const where = ['--host', host, '--port', String(await this.#port(roundTrip)), '--login', user];
    const label = ['--label', `gate=${mode}`, '--host-key', hostKeyFingerprint];
    await this.#bastion.runOrFail(['target', 'add', target, ...where, ...label]);
    return { target, mode, roundTrip };
  }

  async layOut(gateCase: GateCase, lane: Lane): Promise<LaidOutCase> {
    const home = join(this.sandbox.home, `${gateCase.id}-${process.hrtime.bigint()}`);
    await mkdir(home, { mode: 0o777 });
    const start = await layOutShell(home, gateCase, this.#database.port);
    await writeFile(join(home, '.start'), startScript(home, start));
    const { host, port, admin } = this.#bastion;
    const client = await SshClient.open({
      host,
      port,
      user: `${admin.name}@${lane.target}`,
      identity: admin.key.file,
      config: [`SetEnv LC_HELDLINE_CASE=${join(home, '.start')}`],
    });
    return { start, client };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned[Symbol.asyncDispose]();
  }

  async #port(roundTrip: number): Promise<number> {
    if (roundTrip === 0) return this.#sshd.port;
    const known = this.#relays.get(roundTrip);
    if (known !== undefined) return known;
    const relay = this.#owned.use(await startDelayRelay(this.#sshd.port, roundTrip / 2));
    this.#relays.set(roundTrip, relay.port);
    return relay.port;
  }
}

/** No login shell: the very program of the case, with the very environment of the case. */
function startScript(home: string, { program, words, environment }: ShellStart): string {
  const settings = Object.entries(environment).map(([name, value]) => quoted(`${name}=${value}`));
  const command = ['exec env -i', ...settings, quoted(program), ...words.map(quoted)];
  return `cd ${quoted(home)} || exit 1\n${command.join(' ')}\n`;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
