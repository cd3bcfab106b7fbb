/** Mosh from the exec request on, in this process, with shells for sessions; and real clients for it. */
import { type Clock, systemClock } from '../../../../src/base/clock.ts';
import { silentLogger } from '../../../../src/base/logger.ts';
import { LegIo } from '../../../../src/console/leg-io.ts';
import type { AuditDraft } from '../../../../src/model/audit-event.ts';
import type { Principal } from '../../../../src/model/principal.ts';
import type { Roaming } from '../../../../src/model/roaming.ts';
import { MoshDoor } from '../../../../src/mosh/mosh-door.ts';
import type { CodeAnswer, ConsoleWindow } from '../../../../src/mosh/ports.ts';
import { MoshServer } from '../../../../src/mosh/server/mosh-server.ts';
import { ScreenTerminal } from '../../../support/screen-terminal.ts';
import { ExecLeg } from './exec-leg.ts';
import { ShellSessions } from './shell-sessions.ts';
import { type RelayQuality, UdpRelay } from './udp-relay.ts';

export const ALICE: Principal = {
  user: 'alice',
  roles: [],
  proof: { keyFingerprint: 'SHA256:test', keyType: 'ssh-ed25519', secondFactor: true },
  address: '127.0.0.1',
};

export interface Invitation {
  readonly port: number;
  readonly key: string;
}

export interface ClientOptions {
  readonly cols?: number;
  readonly rows?: number;
  readonly predict?: 'always' | 'adaptive' | 'never';
}

export class MoshStack implements AsyncDisposable {
  readonly sessions: ShellSessions = new ShellSessions();
  readonly events: AuditDraft[] = [];
  readonly server: MoshServer;
  readonly door: MoshDoor;
  /** What the admission says to everybody. */
  refusal: string | null = null;
  /** What the policy says of addresses. */
  roaming: Roaming = { allows: () => true, onMove: null };
  /** What becomes of a code. */
  answer: (code: string) => CodeAnswer = () => ({ kind: 'refused', why: 'wrong code' });
  readonly #open: AsyncDisposable[] = [];

  private constructor(detached: number, clock: Clock) {
    this.server = new MoshServer({ listen: ['127.0.0.1'], port: 0, clock, logger: silentLogger });
    this.door = new MoshDoor({
      server: this.server,
      sessions: this.sessions,
      console: { open: (visit) => this.#pick(visit) },
      isVerb: () => false,
      admission: {
        admit: (_principal, target, login) => Promise.resolve(this.refusal ?? { target, login, labels: {} }),
        roaming: () => this.roaming,
        verifyCode: (_user, code) => Promise.resolve(this.answer(code)),
      },
      audit: { append: (draft) => Promise.resolve(this.events.push(draft)) },
      clock,
      logger: silentLogger,
      detached,
      clipboard: true,
      waitingPerUser: 100,
      openPerUser: 100,
    });
  }

  static async start(options: { readonly detached?: number; readonly clock?: Clock } = {}): Promise<MoshStack> {
    const stack = new MoshStack(options.detached ?? 3_600_000, options.clock ?? systemClock);
    await stack.server.open();
    return stack;
  }

  /** Stands in for the picker: one question, whose answer is where to. */
  async #pick({ leg, request, onConnect, ...visit }: ConsoleWindow): Promise<void> {
    if (request.kind !== 'shell') throw new Error('the picker is no command');
    const io = new LegIo(leg, request.terminal, { json: false, noInput: false });
    const target = await io.ask('Where to? ');
    if (target === null) return io.finish({ kind: 'code', code: 0 });
    await onConnect(target, 'root');
    return this.sessions.open({ ...visit, target, login: 'root', door: leg.door, request, leg: io.handOver() });
  }

  /** Asks as the wrapper does over SSH. */
  ask(words = "'-c' '256' '-s' '--' 'db1'", before = ''): { readonly leg: ExecLeg; readonly taken: boolean } {
    const leg = new ExecLeg();
    const command = Buffer.from(`${before}mosh-server 'new' ${words}`);
    const taken = this.door.tryOpen({
      principal: ALICE,
      request: { kind: 'exec', command, terminal: null, environment: {} },
      leg,
      client: 'OpenSSH_9.2p1',
      connection: { remoteAddress: '127.0.0.1', remotePort: 40000, localAddress: '127.0.0.1', localPort: 2222 },
    });
    return { leg, taken };
  }

  async invite(words?: string): Promise<Invitation> {
    const { leg } = this.ask(words);
    await leg.finished;
    const [, port, key] = /^MOSH CONNECT (\d+?) ([A-Za-z0-9/+]{22})\s*$/m.exec(leg.output) ?? [];
    if (port === undefined || key === undefined) throw new Error(`no invitation: ${leg.output}${leg.errors}`);
    return { port: Number(port), key };
  }

  async relay(port: number, quality: RelayQuality): Promise<UdpRelay> {
    const relay = await UdpRelay.start(port, quality);
    this.#open.push(relay);
    return relay;
  }

  /** A real client with a screen. */
  client({ port, key }: Invitation, options: ClientOptions = {}): ScreenTerminal {
    const client = startMoshClient(port, key, options);
    this.#open.push(client);
    return client;
  }

  /** A session over a path of the given quality, once it shows a prompt. */
  async session(
    quality: RelayQuality,
    options: ClientOptions = {},
  ): Promise<{ client: ScreenTerminal; relay: UdpRelay }> {
    const invitation = await this.invite();
    const relay = await this.relay(invitation.port, quality);
    const client = this.client({ ...invitation, port: relay.port }, options);
    await client.waitFor(/^\$/m);
    return { client, relay };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const open of this.#open.reverse()) await open[Symbol.asyncDispose]();
    this.door.closeAll();
    await this.sessions[Symbol.asyncDispose]();
    await this.server.close();
  }
}

/** `mosh-client` wants a UTF-8 locale and a terminal, and its key in the environment. */
export function startMoshClient(port: number, key: string, options: ClientOptions): ScreenTerminal {
  const { cols = 80, rows = 24, predict = 'never' } = options;
  const env = {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: '/',
    LC_ALL: 'C.UTF-8',
    MOSH_KEY: key,
    MOSH_PREDICTION_DISPLAY: predict,
    MOSH_NO_TERM_INIT: '1',
    MOSH_TITLE_NOPREFIX: '1',
  };
  return ScreenTerminal.start('mosh-client', ['127.0.0.1', String(port)], { cols, rows, env });
}
