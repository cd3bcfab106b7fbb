/** Lets the verbs ask a host for its key, and try to sign in, through the SSH edge. */
import type { Clock } from '../base/clock.ts';
import { HeldlineError } from '../base/heldline-error.ts';
import type { TargetProbe } from '../console/services.ts';
import { probeHostKey } from '../ssh/client/probe-host-key.ts';
import type { SshDialer } from '../ssh/client/ssh-dialer.ts';
import type { TargetDirectory } from '../target/target-directory.ts';

/** ms */
const DEADLINE = 10_000;

export class SshProbe implements TargetProbe {
  readonly #dialer: SshDialer;
  readonly #targets: TargetDirectory;
  readonly #clock: Clock;

  constructor(dialer: SshDialer, targets: TargetDirectory, clock: Clock) {
    this.#dialer = dialer;
    this.#targets = targets;
    this.#clock = clock;
  }

  async hostKeys(host: string, port: number): Promise<readonly string[]> {
    return [(await probeHostKey(host, port, this.#clock, DEADLINE)).fingerprint];
  }

  async signIn(name: string, login: string): Promise<void> {
    const target = await this.#targets.find(name);
    if (target?.kind !== 'ssh')
      throw new HeldlineError('target.unknown', `there is no SSH target ${name}`, { kind: 'not-found' });
    await this.#dialer.test(target, login, AbortSignal.timeout(DEADLINE));
  }
}
