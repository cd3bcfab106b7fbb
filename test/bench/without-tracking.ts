/**
 * The built daemon with its screens switched off, for the bench alone: output is recorded and forwarded as ever, and
 * neither parsed nor looked at. The product has no such switch: a gate that sees no screen holds every line.
 */
import { pathToFileURL } from 'node:url';
import { type DaemonCommand, heldline } from '../support/bastion.ts';

const TERMINAL = new URL('../dist/terminal/', pathToFileURL(heldline)).href;
const SWITCH_OFF = `
import { Emulator } from '${TERMINAL}emulator.js';
import { LineTracker } from '${TERMINAL}line-tracker.js';
Emulator.prototype.write = () => {};
LineTracker.prototype.received = () => {};
`;

/** For `wrap` of a `Bastion`. */
export function withoutTracking({ program, words }: DaemonCommand): DaemonCommand {
  return { program, words: ['--import', `data:text/javascript,${encodeURIComponent(SWITCH_OFF)}`, ...words] };
}
