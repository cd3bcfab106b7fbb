/**
 * Proof of a vote by a signature over `approvalStatement`: of this request, by a key that is the voter's now and
 * that the requester had no hand in, of the kind that the stage asks for, and not counted before. A wrong one
 * costs nobody a try: it cannot be guessed.
 */
import type { VoteSignature } from '../model/approval-request.ts';
import type { Factor, Stage } from '../model/requirement.ts';
import type { SignatureOutcome } from '../model/signature-outcome.ts';
import { approvalEvent } from './approval-events.ts';
import { actorOf, type Ballot, type ProofOutcome, refusedWith } from './ballot-parts.ts';
import { objectionTo, stageTakes, takesSignatures } from './eligibility.ts';
import { signatureView } from './request-view.ts';
import { approvalNamespace, approvalStatement } from './signed-statement.ts';

/** Checks the signature. Throws when that fails or its outcome is unknown. @param stages those that ask the voter */
export async function proveBySignature(ballot: Ballot, given: string, stages: readonly Stage[]): Promise<ProofOutcome> {
  const { input, hold, parts, person } = ballot;
  const request = hold.latest;
  if (!stages.some(takesSignatures)) return refusedWith({ kind: 'factor-not-available', stages });
  if (request.signers?.includes(person.name) === true) return refusedWith({ kind: 'signature-used' });
  const namespace = approvalNamespace(parts.bastion);
  const { grant = false } = input;
  const statement = approvalStatement(request, person.name, parts.bastion, { grant });
  const offer = { armored: given, namespace, message: statement };
  const outcome = await parts.step('the signature', () => parts.signatures.verify(person.name, offer));
  if (outcome.kind === 'refused') return reject(ballot, outcome.why, { kind: 'wrong-signature', why: outcome.why });
  const { armored, publicKey, fingerprint, userVerified } = outcome;
  return judge(ballot, outcome, stages, { statement, namespace, armored, publicKey, fingerprint, userVerified });
}

async function judge(
  ballot: Ballot,
  outcome: Extract<SignatureOutcome, { kind: 'accepted' }>,
  stages: readonly Stage[],
  signature: VoteSignature,
): Promise<ProofOutcome> {
  const { person, keyFingerprint, hold, parts } = ballot;
  const factor: Factor = outcome.isSecurityKey ? 'sk-signature' : 'signature';
  if (!stages.some((stage) => stageTakes(stage, { factor, signature }))) {
    return reject(ballot, 'not the kind of signature that is asked for', { kind: 'factor-not-available', stages });
  }
  const keys = { keyFingerprint, signature };
  const objection = objectionTo(person, keys, hold.latest.statement.user, parts.now());
  if (objection !== null) {
    const refusal = objection.kind === 'too-fresh' ? objection : ({ kind: 'not-an-approver' } as const);
    return reject(ballot, objection.kind, refusal);
  }
  return { kind: 'proven', by: { factor, signature }, facts: { signature: signatureView(signature) } };
}

/** Nothing is said of the signature itself: it may be anything. */
async function reject(
  { input, hold, parts }: Ballot,
  reason: string,
  outcome: Extract<ProofOutcome, { kind: 'refused' }>['outcome'],
): Promise<ProofOutcome> {
  const facts = { actor: actorOf(input), outcome: 'denied', reason, approval: { door: input.door } } as const;
  await parts.log(approvalEvent('approval.signature_rejected', hold.latest, facts));
  return refusedWith(outcome);
}
