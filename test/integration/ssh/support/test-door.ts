/** A front door with one user, alice, and a relay behind it; real clients and raw attackers connect to it. */
import { readFile } from 'node:fs/promises';
import { systemClock } from '../../../../src/base/clock.ts';
import { type Logger, silentLogger } from '../../../../src/base/logger.ts';
import type { SshTarget, Target } from '../../../../src/model/target.ts';
import type { TargetDialer } from '../../../../src/session/ports.ts';
import type { RekeyLimits } from '../../../../src/ssh/adapter/guarded-connection.ts';
import { SshDialer } from '../../../../src/ssh/client/ssh-dialer.ts';
import type {
  ConsoleRequest,
  DeniedChannel,
  IdentityDoor,
  KeyOutcome,
  LoginCodeOutcome,
  SignInReport,
} from '../../../../src/ssh/ports.ts';
import { DEFAULT_FRONT_DOOR_LIMITS, type FrontDoorLimits } from '../../../../src/ssh/server/front-door-limits.ts';
import { SshFrontDoor } from '../../../../src/ssh/server/ssh-front-door.ts';
import { Disposals } from '../../../support/disposals.ts';
import { SshClient } from '../../../support/ssh-client.ts';
import { makeSshKey, type SshKey } from '../../../support/ssh-keys.ts';
import { type Sshd, startSshd } from '../../../support/start-sshd.ts';
import { type TempDir, tempDir } from '../../../support/temp-dir.ts';
import { Relay } from './relay.ts';

export interface TestDoorOptions {
  readonly targets?: readonly Target[];
  readonly egressKey?: SshKey;
  readonly dialer?: TargetDialer;
  readonly limits?: Partial<FrontDoorLimits>;
  readonly targetRekey?: RekeyLimits;
  /** Alice needs a code; this judges it. */
  readonly secondFactor?: (code: string) => LoginCodeOutcome;
  /** Whether alice may come in at all. */
  readonly isEnabled?: () => boolean;
  /** Further keys of alice as lines of authorized_keys. */
  readonly moreKeys?: readonly string[];
}

export type Way = 'direct' | 'jump';

export class TestDoor implements AsyncDisposable {
  readonly port: number;
  readonly door: SshFrontDoor;
  readonly relay: Relay;
  readonly key: SshKey;
  readonly folder: TempDir;
  readonly reports: SignInReport[] = [];
  readonly denied: DeniedChannel[] = [];
  readonly consoles: ConsoleRequest[] = [];
  /** What the door had to say about its peers. */
  readonly warnings: string[] = [];
  readonly #owned: Disposals;

  private constructor(port: number, door: SshFrontDoor, relay: Relay, key: SshKey, folder: TempDir, owned: Disposals) {
    this.port = port;
    this.door = door;
    this.relay = relay;
    this.key = key;
    this.folder = folder;
    this.#owned = owned;
  }

  static async start(options: TestDoorOptions = {}): Promise<TestDoor> {
    await using stack = new Disposals();
    const folder = stack.use(await tempDir({ name: 'door' }));
    const hostKey = await readFile((await makeSshKey(folder.path, 'host')).file, 'utf8');
    const key = await makeSshKey(folder.path, 'alice');
    const egress = options.egressKey === undefined ? hostKey : await readFile(options.egressKey.file, 'utf8');
    const credential = { kind: 'key', privateKey: egress } as const;
    const rekey = options.targetRekey === undefined ? {} : { rekey: options.targetRekey };
    const warnings: string[] = [];
    const logger: Logger = {
      ...silentLogger,
      warn: (message, fields) => void warnings.push(`${message}: ${fields?.['why']}`),
    };
    const dialer =
      options.dialer ?? new SshDialer({ credentialFor: async () => credential, clock: systemClock, logger, ...rekey });
    const relay = new Relay({ dialer, targetNamed: (name) => options.targets?.find((target) => target.name === name) });
    const [reports, denied, consoles]: [SignInReport[], DeniedChannel[], ConsoleRequest[]] = [[], [], []];
    const door = new SshFrontDoor({
      banner: null,
      clock: systemClock,
      logger,
      limits: { ...DEFAULT_FRONT_DOOR_LIMITS, ...options.limits },
      random: () => 0.5,
      identity: identityOf([key.publicKey, ...(options.moreKeys ?? [])], options, reports),
      hostKeys: { own: [hostKey], hostKeyFor: () => [hostKey] },
      hostName: 'bastion',
      jumpSuffix: '.gate',
      sessions: relay,
      console: {
        open: async (request) => {
          consoles.push(request);
          request.leg.write(Buffer.from(`console of ${request.principal.user}\n`));
          await request.leg.finish({ kind: 'code', code: 0 });
        },
      },
      web: null,
      onChannelDenied: (channel) => void denied.push(channel),
    });
    const port = await door.start({ host: '127.0.0.1', port: 0 });
    stack.use({ [Symbol.asyncDispose]: () => door.stop(0) });
    const started = new TestDoor(port, door, relay, key, folder, stack.move());
    return Object.assign(started, { reports, denied, consoles, warnings });
  }

  /** A real client whose `server` is the target, one way or the other. */
  async client(way: Way, target: string, config: readonly string[] = []): Promise<SshClient> {
    const common = { identity: this.key.file };
    if (way === 'direct') {
      return await SshClient.open({ ...common, host: '127.0.0.1', port: this.port, user: `alice@${target}`, config });
    }
    const outer = [
      'Host outer',
      '  HostName 127.0.0.1',
      `  Port ${this.port}`,
      '  User alice',
      'Host server',
      '  ProxyJump outer',
    ];
    return await SshClient.open({
      ...common,
      host: `${target}.gate`,
      port: 22,
      user: 'auto',
      config: [...config, ...outer],
    });
  }

  /** A client of the console. */
  console(config: readonly string[] = []): Promise<SshClient> {
    return SshClient.open({ host: '127.0.0.1', port: this.port, user: 'alice', identity: this.key.file, config });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned[Symbol.asyncDispose]();
  }
}

/** A real sshd, a door before it, and the key between the two. */
export class DoorAndTarget implements AsyncDisposable {
  readonly door: TestDoor;
  readonly sshd: Sshd;
  readonly #owned: Disposals;

  private constructor(door: TestDoor, sshd: Sshd, owned: Disposals) {
    this.door = door;
    this.sshd = sshd;
    this.#owned = owned;
  }

  static async start(
    options: TestDoorOptions & { readonly sshdConfig?: readonly string[] } = {},
  ): Promise<DoorAndTarget> {
    await using stack = new Disposals();
    const folder = stack.use(await tempDir({ name: 'egress' }));
    const egressKey = await makeSshKey(folder.path, 'egress');
    const config = options.sshdConfig === undefined ? {} : { config: options.sshdConfig };
    const sshd = stack.use(await startSshd({ authorizedKeys: [egressKey.publicKey], ...config }));
    const door = stack.use(await TestDoor.start({ egressKey, targets: [targetOf('db1', sshd)], ...options }));
    return new DoorAndTarget(door, sshd, stack.move());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned[Symbol.asyncDispose]();
  }
}

export function targetOf(name: string, sshd: Pick<Sshd, 'port' | 'user' | 'hostKeyFingerprint'>): SshTarget {
  return {
    kind: 'ssh',
    name,
    host: '127.0.0.1',
    port: sshd.port,
    logins: [sshd.user],
    hostKeys: [sshd.hostKeyFingerprint],
    credential: { kind: 'egress' },
    labels: {},
    description: '',
    createdAt: 0,
    createdBy: 'test',
  };
}

function identityOf(keys: readonly string[], options: TestDoorOptions, reports: SignInReport[]): IdentityDoor {
  const blobs = keys.map((line) => line.split(' ')[1]);
  const judge = options.secondFactor;
  return {
    findUserKey: async (user, key): Promise<KeyOutcome> =>
      user === 'alice' && blobs.includes(key.blob) && options.isEnabled?.() !== false
        ? { kind: 'known', roles: ['dev'], secondFactor: judge !== undefined }
        : { kind: 'refused', why: 'unknown' },
    verifyLoginCode: async (_user, code) => judge?.(code) ?? { kind: 'rejected', why: 'no code' },
    report: async (report) => void reports.push(report),
  };
}
