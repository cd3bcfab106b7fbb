/** Ends a program with everything it started in its process group: asked first, killed after a while. */
import type { Cancel, Clock } from '../base/clock.ts';

/** ms between asking and killing. */
const PATIENCE = 2_000;

/** Sends `signal` to the group of `pid`; a group that is gone is no failure. @param signal with `SIG` */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Gone already, or owned by an account that we may not signal; there is nothing more to do either way.
  }
}

/** Asks the group of `pid` to end, and kills it if nobody cancels in time. */
export function endGroup(pid: number, clock: Clock): Cancel {
  signalGroup(pid, 'SIGHUP');
  signalGroup(pid, 'SIGTERM');
  return clock.after(PATIENCE, () => signalGroup(pid, 'SIGKILL'), { unref: true });
}
