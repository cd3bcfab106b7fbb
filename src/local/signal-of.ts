/** Signal names of SSH (RFC 4254 §6.10) as this system's. */
import { constants } from 'node:os';

/** null for a name that this system does not have. @param name without `SIG` */
export function signalOf(name: string): NodeJS.Signals | null {
  const signal = `SIG${name}`;
  return isSignal(signal) ? signal : null;
}

function isSignal(name: string): name is NodeJS.Signals {
  return Object.hasOwn(constants.signals, name);
}
