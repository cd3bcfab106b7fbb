/**
 * Targets that are a program on this machine: in a terminal when one was asked for, else with pipes. The
 * program gets a constructed environment and none of our file descriptors.
 */
import { accessSync, constants } from 'node:fs';
import type { Clock } from '../base/clock.ts';
import { HeldlineError } from '../base/heldline-error.ts';
import type { LocalTarget } from '../model/target.ts';
import type { Route, TargetDialer, TargetLeg, TargetOpening } from '../session/ports.ts';
import type { Access } from '../target/access.ts';
import type { LocalPrograms } from './local-command.ts';
import { localCommand } from './local-command.ts';
import { PipeLeg } from './pipe-leg.ts';
import { PtyLeg } from './pty-leg.ts';

const SFTP_SERVERS = ['/usr/lib/openssh/sftp-server', '/usr/libexec/openssh/sftp-server', '/usr/libexec/sftp-server'];
const SETPRIV = ['/usr/bin/setpriv', '/bin/setpriv'];

export class LocalDialer implements TargetDialer {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async dial(access: Access, opening: TargetOpening, route: Route, signal: AbortSignal): Promise<TargetLeg> {
    const { target } = access;
    if (target.kind !== 'local') throw new TypeError(`${target.name} is not a local target`);
    const over = new AbortController();
    const leg = await this.#start(target, opening, () => over.abort());
    if (signal.aborted || route.ended.aborted) leg.close();
    route.ended.addEventListener('abort', () => leg.close(), { once: true, signal: over.signal });
    return leg;
  }

  async #start(target: LocalTarget, opening: TargetOpening, released: () => void): Promise<TargetLeg> {
    const programs: LocalPrograms = { sftpServer: firstRunnable(SFTP_SERVERS), setpriv: firstRunnable(SETPRIV) };
    const command = localCommand(target, opening, programs);
    if (firstRunnable([target.argv[0]]) === null) {
      throw new HeldlineError(
        'target.unreachable',
        `${target.argv[0]}, the program of ${target.name}, cannot be run.`,
        {
          kind: 'unreachable',
        },
      );
    }
    if (opening.kind === 'sftp' || opening.terminal === null)
      return await PipeLeg.start(command, this.#clock, released);
    const owner = target.account === undefined ? {} : { owner: target.account };
    return new PtyLeg({ ...command, size: opening.terminal.size, ...owner }, this.#clock, released);
  }
}

function firstRunnable(paths: readonly string[]): string | null {
  return paths.find(isRunnable) ?? null;
}

function isRunnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Missing or not executable: the caller asks which of several there is.
    return false;
  }
}
