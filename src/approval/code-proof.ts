/** Proof of a vote by a one-time code, which is used up before the vote is written down. */

import type { CodeOutcome } from '../model/code-outcome.ts';
import { approvalEvent } from './approval-events.ts';
import { actorOf, type Ballot, type ProofOutcome, refusedWith } from './ballot-parts.ts';
import type { HeldRequest } from './ports.ts';
import type { VoteOutcome } from './vote.ts';

/** Wrong codes per approver and request, after which that approver is out of it. */
const CODE_TRIES = 3;

/** Uses the code up. Throws when that fails or its outcome is unknown. */
export async function proveByCode(ballot: Ballot): Promise<ProofOutcome> {
  const { input, parts, person } = ballot;
  const { code } = input;
  if (code === null) return refusedWith({ kind: 'code-needed' });
  const outcome = await parts.step('the one-time codes', () => parts.codes.verify(person.name, code));
  if (outcome.kind !== 'accepted') return refusedWith(await refuse(ballot, outcome));
  return { kind: 'proven', by: { factor: 'totp' }, facts: { totpStep: outcome.step } };
}

/** Whether this approver has given too many wrong codes on this request. */
export function isOut(request: HeldRequest, name: string): boolean {
  return wrongCodesOf(request, name) >= CODE_TRIES;
}

async function refuse(ballot: Ballot, outcome: Exclude<CodeOutcome, { kind: 'accepted' }>): Promise<VoteOutcome> {
  const { input, hold, parts } = ballot;
  const type = outcome.kind === 'replayed' ? 'approval.code_replayed' : 'approval.code_rejected';
  await parts.log(
    approvalEvent(type, hold.latest, {
      actor: actorOf(input),
      outcome: 'denied',
      reason: outcome.kind,
      approval: { door: input.door },
    }),
  );
  switch (outcome.kind) {
    case 'wrong':
      return countWrong(ballot, outcome.clockOffset);
    case 'replayed':
      return { kind: 'used-code', waitMs: outcome.waitMs };
    case 'paused':
      return { kind: 'codes-paused', until: outcome.until };
    case 'locked':
      return { kind: 'codes-locked' };
    case 'not-enrolled':
    case 'clock-went-back':
      return { kind: outcome.kind };
  }
}

async function countWrong({ hold, parts, person }: Ballot, clockOffset?: number): Promise<VoteOutcome> {
  const request = hold.latest;
  const wrong = wrongCodesOf(request, person.name) + 1;
  const wrongCodes = { ...request.wrongCodes, [person.name]: wrong };
  await parts.save(hold, { ...request, wrongCodes, version: request.version + 1 });
  const triesLeft = Math.max(0, CODE_TRIES - wrong);
  if (triesLeft === 0 && person.name === request.statement.user) {
    await parts.end(hold, 'denied', 'three wrong codes of its requester');
  }
  return { kind: 'wrong-code', triesLeft, ...(clockOffset === undefined ? {} : { clockOffset }) };
}

/** Own members only: somebody may be called `constructor`. */
function wrongCodesOf({ wrongCodes }: HeldRequest, name: string): number {
  return Object.hasOwn(wrongCodes, name) ? (wrongCodes[name] ?? 0) : 0;
}
