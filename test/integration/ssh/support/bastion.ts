/** A front door with a user `alice`, her key, an ssh configuration for the real client, and a relay behind it. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../../src/base/clock.ts';
import { silentLogger } from '../../../../src/base/logger.ts';
import type { Target } from '../../../../src/model/target.ts';
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
import type { FrontDoorLimits } from '../../../../src/ssh/server/front-door-limits.ts';
import { DEFAULT_FRONT_DOOR_LIMITS } from '../../../../src/ssh/server/front-door-limits.ts';
import { SshFrontDoor } from '../../../../src/ssh/server/ssh-front-door.ts';
import { makeKey } from './real-sshd.ts';
import { Relay } from './relay.ts';

export interface BastionOptions {
  readonly targets?: readonly Target[];
  /** Egress key. */
  readonly egressKey?: string;
  readonly dialer?: TargetDialer;
  readonly limits?: Partial<FrontDoorLimits>;
  readonly targetRekey?: RekeyLimits;
  readonly secondFactor?: (code: string) => LoginCodeOutcome;
  /** Further public keys of alice, as `type base64`. */
  readonly moreKeys?: readonly string[];
}

export interface RunResult {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export class Bastion implements AsyncDisposable {
  readonly directory: string;
  readonly port: number;
  readonly door: SshFrontDoor;
  readonly relay: Relay;
  readonly reports: SignInReport[];
  readonly denied: DeniedChannel[];
  readonly consoles: ConsoleRequest[];
  readonly configFile: string;

  private constructor(parts: Omit<Bastion, 'run' | 'privateKey' | typeof Symbol.asyncDispose>) {
    this.directory = parts.directory;
    this.port = parts.port;
    this.door = parts.door;
    this.relay = parts.relay;
    this.reports = parts.reports;
    this.denied = parts.denied;
    this.consoles = parts.consoles;
    this.configFile = parts.configFile;
  }

  static async start(options: BastionOptions = {}): Promise<Bastion> {
    const directory = mkdtempSync(join(tmpdir(), 'heldline-door-'));
    const hostKey = readFileSync(makeKey(directory, 'host'), 'utf8');
    const userKey = makeKey(directory, 'alice');
    const limits = { ...DEFAULT_FRONT_DOOR_LIMITS, ...options.limits };
    const credential = { kind: 'key', privateKey: options.egressKey ?? hostKey } as const;
    const rekey = options.targetRekey === undefined ? {} : { rekey: options.targetRekey };
    const dialer =
      options.dialer ??
      new SshDialer({ credentialFor: async () => credential, clock: systemClock, logger: silentLogger, ...rekey });
    const relay = new Relay({ dialer, targetNamed: (name) => options.targets?.find((target) => target.name === name) });
    const reports: SignInReport[] = [];
    const denied: DeniedChannel[] = [];
    const consoles: ConsoleRequest[] = [];
    const blobs = [readFileSync(`${userKey}.pub`, 'utf8'), ...(options.moreKeys ?? [])].map(
      (line) => line.split(' ')[1] ?? '',
    );
    const door = new SshFrontDoor({
      clock: systemClock,
      logger: silentLogger,
      limits,
      random: Math.random,
      identity: identityOf(blobs, options, reports),
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
      onChannelDenied: (channel) => void denied.push(channel),
    });
    const port = await door.start({ host: '127.0.0.1', port: 0 });
    const configFile = join(directory, 'config');
    writeFileSync(configFile, sshConfig(directory, port));
    return new Bastion({ directory, port, door, relay, reports, denied, consoles, configFile });
  }

  get privateKey(): string {
    return readFileSync(join(this.directory, 'alice'), 'utf8');
  }

  /** Runs a real program with the bastion's ssh configuration in `$SSH_CONFIG`. */
  run(
    program: string,
    args: readonly string[],
    input: Buffer | null = null,
    environment: Record<string, string> = {},
  ): Promise<RunResult> {
    const env = { ...process.env, LC_ALL: 'C.UTF-8', SSH_CONFIG: this.configFile, ...environment };
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env, cwd: this.directory });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (bytes: Buffer) => out.push(bytes));
    child.stderr.on('data', (bytes: Buffer) => err.push(bytes));
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? Buffer.alloc(0));
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) =>
        resolve({ code, signal, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString('utf8') }),
      );
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.door.stop(0);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function identityOf(blobs: readonly string[], options: BastionOptions, reports: SignInReport[]): IdentityDoor {
  const check = options.secondFactor;
  return {
    findUserKey: async (user, key): Promise<KeyOutcome> =>
      user === 'alice' && blobs.includes(key.blob)
        ? { kind: 'known', roles: ['dev'], secondFactor: check !== undefined }
        : { kind: 'refused', why: 'unknown' },
    verifyLoginCode: async (_user, code) => check?.(code) ?? { kind: 'rejected', why: 'no code' },
    report: async (report) => void reports.push(report),
  };
}

function sshConfig(directory: string, port: number): string {
  return `
Host bastion
  User alice
Host *.gate
  ProxyJump bastion
  HostKeyAlias bastion
  User auto
Host *
  IdentityFile ${join(directory, 'alice')}
  IdentitiesOnly yes
  UserKnownHostsFile ${join(directory, 'known_hosts')}
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking accept-new
  LogLevel ERROR
  BatchMode no
Host bastion
  HostName 127.0.0.1
  Port ${port}
`;
}
