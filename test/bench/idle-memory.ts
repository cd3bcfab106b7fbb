/** What a session costs while nothing happens in it: open some, let the bastion settle, open more, compare. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Disposals } from '../support/disposals.ts';
import type { SshClient } from '../support/ssh-client.ts';
import { KeyRoad } from './keystrokes.ts';

export interface IdleSessions {
  /** Sessions before the first look: the program has then grown as much as it does once. */
  readonly before: number;
  readonly counted: number;
  /** ms for the processes to give back what they used while signing in. */
  readonly settle: number;
}

/** Bytes a session. @param memory of everything that serves the sessions */
export async function idleMemory(client: SshClient, memory: () => number, count: IdleSessions): Promise<number> {
  await using open = new Disposals();
  await openSessions(open, client, count.before, count.settle);
  const first = memory();
  await openSessions(open, client, count.counted, count.settle);
  return (memory() - first) / count.counted;
}

async function openSessions(owner: Disposals, client: SshClient, count: number, settle: number): Promise<void> {
  for (let made = 0; made < count; made += 1) owner.use(await KeyRoad.open(client));
  await sleep(settle);
}
