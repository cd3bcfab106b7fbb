/** What a session costs while nothing happens in it: open some, let the bastion settle, open more, compare. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Disposals } from '../support/disposals.ts';

export interface IdleSessions {
  /** Sessions before the first look: the program has then grown as much as it does once. */
  readonly before: number;
  readonly counted: number;
  /** ms for the processes to give back what they used while signing in. */
  readonly settle: number;
}

/** Opens one session, which lasts until it is disposed of. */
export type OpenSession = () => Promise<AsyncDisposable>;

/** Bytes a session. @param memory of everything that serves the sessions */
export async function idleMemory(open: OpenSession, memory: () => number, count: IdleSessions): Promise<number> {
  await using owner = new Disposals();
  await openSessions(owner, open, count.before, count.settle);
  const first = memory();
  await openSessions(owner, open, count.counted, count.settle);
  return (memory() - first) / count.counted;
}

async function openSessions(owner: Disposals, open: OpenSession, count: number, settle: number): Promise<void> {
  for (let made = 0; made < count; made += 1) owner.use(await open());
  await sleep(settle);
}
