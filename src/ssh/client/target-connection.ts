/**
 * One signed-in connection to an SSH target, shared by the channels of a route. Trusts only pinned host keys,
 * opens sessions and nothing else.
 */

import type { Socket } from 'node:net';
import { connect as connectSocket } from 'node:net';
import type { AnyAuthMethod, Client, ClientChannel, ServerHostKeyAlgorithm } from 'ssh2';
import type { Clock } from '../../base/clock.ts';
import { describeFailure, HeldlineError } from '../../base/heldline-error.ts';
import type { Logger } from '../../base/logger.ts';
import type { SshTarget } from '../../model/target.ts';
import type { TargetOpening, TerminalRequest } from '../../session/ports.ts';
import { TARGET_ALGORITHMS } from '../adapter/algorithms.ts';
import type { RekeyLimits } from '../adapter/guarded-connection.ts';
import { GuardedConnection } from '../adapter/guarded-connection.ts';
import { fingerprintOf } from '../adapter/public-key.ts';
import { ssh2Library } from '../adapter/ssh2-library.ts';
import { guardTargetConnection } from '../adapter/target-guard.ts';
import type { DialCredential } from '../ports.ts';
import { SshTargetLeg } from './ssh-target-leg.ts';

export interface TargetConnectionOptions {
  readonly target: SshTarget;
  readonly login: string;
  readonly credential: DialCredential;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly rekey: RekeyLimits;
  /** ms until the sign-in must be done. */
  readonly deadline: number;
  /** Host key algorithms to ask for. */
  readonly hostKeyAlgorithms: readonly ServerHostKeyAlgorithm[];
  readonly signal: AbortSignal;
}

/** ms between keepalives, and how many may stay unanswered. */
const KEEPALIVE_INTERVAL = 15_000;
const KEEPALIVE_COUNT = 3;
const IDENTIFICATION = 'Heldline';

export class TargetConnection {
  readonly #client: Client;
  readonly #guarded: GuardedConnection;
  readonly #name: string;
  readonly #onIdle = new Set<() => void>();
  #channels = 0;

  private constructor(client: Client, guarded: GuardedConnection, name: string) {
    this.#client = client;
    this.#guarded = guarded;
    this.#name = name;
  }

  /** @throws HeldlineError `target.unreachable`, `target.host-key-mismatch`, `target.refused`, `target.cancelled` */
  static async open(options: TargetConnectionOptions): Promise<TargetConnection> {
    const { target, clock, logger, rekey } = options;
    const socket = connectSocket({ host: target.host, port: target.port, noDelay: true });
    const client = new (ssh2Library().Client)();
    // Kept for the whole life: an error event without a listener would end the process.
    client.on('error', (failure) =>
      logger.debug('a target connection failed', { target: target.name, failure: failure.message }),
    );
    try {
      const guarded = await signIn(client, socket, options, () => {
        const onViolation = (why: string) => logger.warn('a target was cut off', { target: target.name, why });
        const guard = new GuardedConnection({ connection: client, clock, rekey, onViolation });
        guardTargetConnection(guard);
        return guard;
      });
      guarded.startRekeying();
      return new TargetConnection(client, guarded, target.name);
    } catch (failure) {
      client.destroy();
      socket.destroy();
      throw failure;
    }
  }

  get usable(): boolean {
    return !this.#guarded.ended;
  }

  get idle(): boolean {
    return this.#channels === 0;
  }

  /** Calls `action` whenever the last channel has ended. */
  whenIdle(action: () => void): void {
    this.#onIdle.add(action);
  }

  /** Opens a channel and starts in it what was asked for. @throws HeldlineError `target.refused`, `target.unreachable` */
  openChannel(opening: TargetOpening): Promise<SshTargetLeg> {
    this.#channels += 1;
    return new Promise<SshTargetLeg>((resolve, reject) => {
      // The callback runs in the turn in which the target said yes; only then is no output lost.
      const opened = (failure: Error | undefined, channel: ClientChannel) => {
        if (failure === undefined)
          resolve(new SshTargetLeg(channel, this.#guarded.endpointFor(channel), () => this.#released()));
        else reject(this.#refusal(failure));
      };
      try {
        startRequest(this.#client, opening, opened);
      } catch (cause) {
        reject(this.#refusal(cause));
      }
    }).catch((failure: unknown) => {
      this.#released();
      throw failure;
    });
  }

  end(): void {
    this.#guarded.end();
    // A target that does not close its side in time is left behind.
    this.#client.destroy();
  }

  #released(): void {
    this.#channels -= 1;
    if (this.#channels === 0) for (const action of this.#onIdle) action();
  }

  #refusal(cause: unknown): HeldlineError {
    if (!this.usable) {
      return new HeldlineError('target.unreachable', `the connection to ${this.#name} was lost.`, {
        cause,
        kind: 'unreachable',
      });
    }
    return new HeldlineError('target.refused', `${this.#name} refused the request: ${describeFailure(cause)}`, {
      cause,
    });
  }
}

/** The command goes out byte for byte; the package takes a buffer where its type says text. */
function startRequest(
  client: Client,
  opening: TargetOpening,
  opened: (failure: Error | undefined, channel: ClientChannel) => void,
): void {
  const environment = { ...opening.environment };
  switch (opening.kind) {
    case 'shell':
      client.shell(pseudoTty(opening.terminal) ?? false, { env: environment }, opened);
      return;
    case 'exec': {
      const pty = pseudoTty(opening.terminal);
      const options = pty === null ? { env: environment } : { env: environment, pty };
      client.exec(Buffer.from(opening.command.bytes) as Buffer & string, options, opened);
      return;
    }
    case 'sftp':
      client.subsys('sftp', opened);
  }
}

function pseudoTty(terminal: TerminalRequest | null): object | null {
  if (terminal === null) return null;
  const { term, size, width, height, modes } = terminal;
  return { term, cols: size.cols, rows: size.rows, width, height, modes };
}

/** Resolves once the target has let us in. `guard` is called when the protocol exists and nothing was read yet. */
function signIn(
  client: Client,
  socket: Socket,
  options: TargetConnectionOptions,
  guard: () => GuardedConnection,
): Promise<GuardedConnection> {
  const { target, login, credential, clock, signal } = options;
  const where = `${target.name} (${target.host}:${target.port})`;
  let shown: string | null = null;
  return new Promise<GuardedConnection>((resolve, reject) => {
    const fail = (failure: HeldlineError) => {
      cancelDeadline();
      signal.removeEventListener('abort', onAbort);
      reject(failure);
    };
    const onAbort = () => fail(new HeldlineError('target.cancelled', `connecting to ${where} was given up.`));
    const cancelDeadline = clock.after(options.deadline, () =>
      fail(unreachable(`${where} did not answer in ${Math.round(options.deadline / 1000)} s.`)),
    );
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort);
    socket.once('error', (cause) => fail(unreachable(`${where} cannot be reached: ${cause.message}`, cause)));
    client.once('error', (cause) => fail(explain(cause, target, shown)));
    client.once('close', () => fail(unreachable(`${where} closed the connection.`)));
    client.connect({
      sock: socket,
      username: login,
      ident: IDENTIFICATION,
      algorithms: { ...TARGET_ALGORITHMS, serverHostKey: [...options.hostKeyAlgorithms] },
      authHandler: authMethods(login, credential),
      readyTimeout: 0,
      keepaliveInterval: KEEPALIVE_INTERVAL,
      keepaliveCountMax: KEEPALIVE_COUNT,
      hostVerifier: (key: Buffer) => {
        shown = fingerprintOf(key);
        return target.hostKeys.includes(shown);
      },
    });
    const guarded = guard();
    client.once('ready', () => {
      cancelDeadline();
      signal.removeEventListener('abort', onAbort);
      resolve(guarded);
    });
  });
}

/** Only what was configured is tried; a password also answers the one hidden prompt of a host that asks by dialogue. */
function authMethods(username: string, credential: DialCredential): AnyAuthMethod[] {
  if (credential.kind === 'key') return [{ type: 'publickey', username, key: credential.privateKey }];
  const { password } = credential;
  return [
    { type: 'password', username, password },
    {
      type: 'keyboard-interactive',
      username,
      prompt: (_name, _instructions, _language, prompts, finish) => {
        const [only, ...more] = prompts;
        finish(only !== undefined && more.length === 0 && only.echo !== true ? [password] : prompts.map(() => ''));
      },
    },
  ];
}

function explain(cause: Error & { readonly level?: string }, target: SshTarget, shown: string | null): HeldlineError {
  if (shown !== null && !target.hostKeys.includes(shown)) {
    const pinned = target.hostKeys.join(' or ');
    return new HeldlineError(
      'target.host-key-mismatch',
      `the host key of ${target.name} is not the pinned one: it shows ${shown}, pinned is ${pinned}.`,
      { cause, hint: `If the host was reinstalled, an administrator runs: heldline target trust ${target.name}` },
    );
  }
  if (cause.level === 'client-authentication') {
    return new HeldlineError('target.refused', `${target.name} does not accept the credential that is set for it.`, {
      cause,
    });
  }
  return unreachable(`${target.name} (${target.host}:${target.port}) cannot be reached: ${cause.message}`, cause);
}

function unreachable(message: string, cause?: unknown): HeldlineError {
  return new HeldlineError('target.unreachable', message, { cause, kind: 'unreachable' });
}
