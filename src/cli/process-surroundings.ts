/** What the command line knows of the process it runs in; the only reader of its environment. */
import { homedir, userInfo } from 'node:os';
import type { Surroundings } from '../app/places.ts';

export function processSurroundings(): Surroundings {
  const { uid } = userInfo();
  return { uid, account: accountName(), home: homedir(), environment: process.env };
}

/** The operating system's name of the person at the keyboard, also through sudo. */
export function accountName(): string {
  return process.env['SUDO_USER'] ?? userInfo().username;
}
