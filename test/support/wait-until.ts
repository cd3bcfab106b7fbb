/** Polls for something that an outside process does and tells nobody about. Never for our own code: await that. */
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Resolves with the first answer of `probe` that is neither undefined, null nor false.
 * @throws Error naming `what` when `deadline` ms pass without one
 */
export async function waitUntil<T>(
  what: string,
  probe: () => T | Promise<T>,
  deadline = 10_000,
): Promise<Exclude<T, undefined | null | false>> {
  const end = performance.now() + deadline;
  for (;;) {
    const answer = await probe();
    if (isAnswer(answer)) return answer;
    if (performance.now() >= end) throw new Error(`not within ${deadline} ms: ${what}`);
    await sleep(20);
  }
}

function isAnswer<T>(answer: T): answer is Exclude<T, undefined | null | false> {
  return answer !== undefined && answer !== null && answer !== false;
}
