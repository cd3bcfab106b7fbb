/**
 * Opens channels to SSH targets: one connection per route, target and login, shared by its channels and ended
 * with the route. A connection that nobody uses is closed after a while.
 */
import type { ServerHostKeyAlgorithm } from 'ssh2';
import type { Cancel, Clock } from '../../base/clock.ts';
import { HeldlineError } from '../../base/heldline-error.ts';
import type { Logger } from '../../base/logger.ts';
import type { SshTarget } from '../../model/target.ts';
import type { Route, TargetDialer, TargetLeg, TargetOpening } from '../../session/ports.ts';
import type { Access } from '../../target/access.ts';
import { HOST_KEY_FAMILIES } from '../adapter/algorithms.ts';
import type { RekeyLimits } from '../adapter/guarded-connection.ts';
import { DEFAULT_REKEY } from '../adapter/guarded-connection.ts';
import type { CredentialFor } from '../ports.ts';
import type { SshTargetLeg } from './ssh-target-leg.ts';
import { TargetConnection } from './target-connection.ts';

export interface SshDialerOptions {
  readonly credentialFor: CredentialFor;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly rekey?: RekeyLimits;
  /** ms from the first packet to a signed-in connection. */
  readonly deadline?: number;
}

const DEFAULT_DEADLINE = 20_000;
/** ms that an unused connection is kept for the next channel of the route. */
const IDLE_TIME = 30_000;

export class SshDialer implements TargetDialer {
  readonly #options: SshDialerOptions;
  readonly #routes = new WeakMap<Route, Map<string, Promise<TargetConnection>>>();

  constructor(options: SshDialerOptions) {
    this.#options = options;
  }

  async dial(access: Access, opening: TargetOpening, route: Route, signal: AbortSignal): Promise<TargetLeg> {
    const { target, login } = access;
    if (target.kind !== 'ssh') throw new TypeError(`${target.name} is not an SSH target`);
    const work = this.#connectionFor(target, login, route).then((connection) => connection.openChannel(opening));
    return await this.#bounded(work, target, signal);
  }

  /** Signs in and out again. @throws HeldlineError as `dial` does */
  async test(target: SshTarget, login: string, signal: AbortSignal): Promise<void> {
    const connection = await this.#open(target, login, signal);
    connection.end();
  }

  async #connectionFor(target: SshTarget, login: string, route: Route): Promise<TargetConnection> {
    const connections = this.#connectionsOf(route);
    // Another address, key or credential is another target, whatever its name.
    const key = JSON.stringify([target.name, target.host, target.port, login, target.hostKeys, target.credential]);
    const known = connections.get(key);
    if (known !== undefined && (await isUsable(known))) return await known;
    const current = connections.get(key);
    // Somebody else may have replaced the dead connection while we looked at it.
    if (current !== undefined && current !== known) return await current;
    const opening = this.#open(target, login, route.ended).then((connection) => this.#keep(connection, route));
    connections.set(key, opening);
    opening.catch(() => {
      if (connections.get(key) === opening) connections.delete(key);
    });
    return await opening;
  }

  #connectionsOf(route: Route): Map<string, Promise<TargetConnection>> {
    const connections = this.#routes.get(route) ?? new Map<string, Promise<TargetConnection>>();
    this.#routes.set(route, connections);
    return connections;
  }

  async #open(target: SshTarget, login: string, signal: AbortSignal): Promise<TargetConnection> {
    const { credentialFor, clock, logger, rekey, deadline } = this.#options;
    const credential = await credentialFor(target, login);
    const open = (hostKeyAlgorithms: readonly ServerHostKeyAlgorithm[]) =>
      TargetConnection.open({
        target,
        login,
        credential,
        clock,
        logger,
        rekey: rekey ?? DEFAULT_REKEY,
        deadline: deadline ?? DEFAULT_DEADLINE,
        hostKeyAlgorithms,
        signal,
      });
    try {
      return await open(HOST_KEY_FAMILIES.flat());
    } catch (failure) {
      if (!isMismatch(failure)) throw failure;
      return await this.#openWithOtherKey(open, failure);
    }
  }

  /** The pinned key may be one that the host has besides the one it showed first. */
  async #openWithOtherKey(
    open: (algorithms: readonly ServerHostKeyAlgorithm[]) => Promise<TargetConnection>,
    mismatch: HeldlineError,
  ): Promise<TargetConnection> {
    for (const family of HOST_KEY_FAMILIES) {
      try {
        return await open(family);
      } catch (failure) {
        // A host without a key of this family ends the exchange; what counts is the mismatch.
        if (!isMismatch(failure) && !isUnreachable(failure)) throw failure;
      }
    }
    throw mismatch;
  }

  #keep(connection: TargetConnection, route: Route): TargetConnection {
    const { clock } = this.#options;
    let cancel: Cancel = () => {};
    connection.whenIdle(() => {
      cancel();
      cancel = clock.after(
        IDLE_TIME,
        () => {
          if (connection.idle) connection.end();
        },
        { unref: true },
      );
    });
    if (route.ended.aborted) connection.end();
    else route.ended.addEventListener('abort', () => connection.end(), { once: true });
    return connection;
  }

  /** A leg that comes too late is ended, not leaked. */
  #bounded(work: Promise<SshTargetLeg>, target: SshTarget, signal: AbortSignal): Promise<TargetLeg> {
    const { clock, deadline } = this.#options;
    const limit = (deadline ?? DEFAULT_DEADLINE) * 2;
    return new Promise<TargetLeg>((resolve, reject) => {
      const giveUp = (failure: HeldlineError) => {
        reject(failure);
        work.then(abandon, () => undefined);
      };
      const onAbort = () => giveUp(new HeldlineError('target.cancelled', `connecting to ${target.name} was given up.`));
      if (signal.aborted) return onAbort();
      const cancel = clock.after(limit, () => giveUp(tooSlow(target)), { unref: true });
      signal.addEventListener('abort', onAbort, { once: true });
      work.then(resolve, reject).finally(() => {
        cancel();
        signal.removeEventListener('abort', onAbort);
      });
    });
  }
}

async function isUsable(opening: Promise<TargetConnection>): Promise<boolean> {
  try {
    return (await opening).usable;
  } catch {
    // Whoever started it has the failure; for us it is just not there.
    return false;
  }
}

function abandon(leg: SshTargetLeg): void {
  leg.attach({ onOutput: () => {}, onDrain: () => {}, onEnd: () => {} });
  leg.close();
}

function tooSlow(target: SshTarget): HeldlineError {
  return new HeldlineError('target.unreachable', `${target.name} did not open a channel in time.`, {
    kind: 'unreachable',
  });
}

function isMismatch(failure: unknown): failure is HeldlineError {
  return failure instanceof HeldlineError && failure.code === 'target.host-key-mismatch';
}

function isUnreachable(failure: unknown): boolean {
  return failure instanceof HeldlineError && failure.code === 'target.unreachable';
}
