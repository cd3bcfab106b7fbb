/**
 * Whether a person may vote, with the authority of this moment. The requester never counts where somebody
 * else is asked for, whatever their roles; and what the requester made or changed within 24 hours (an account,
 * roles, a factor, the key of the sign-in or of the signature) does not vote on the requester's own requests.
 */
import type { Stage } from '../model/requirement.ts';
import { selectorHolds } from '../model/selector.ts';
import type { CastVote, HeldRequest, Person } from './ports.ts';

const FRESH = 24 * 3_600_000;

/** What makes somebody's vote void on one request. */
export type Objection =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'disabled' }
  | { readonly kind: 'key-removed' }
  /** Made or changed by the requester too recently. */
  | { readonly kind: 'too-fresh'; readonly what: 'account' | 'roles' | 'factor' | 'key' };

/** The keys behind a vote. */
export interface VotingKeys {
  /** Of the sign-in; null on the local socket. */
  readonly keyFingerprint: string | null;
  /** Of the signature, when the vote is proven by one. */
  readonly signature?: { readonly fingerprint: string };
}

/** Why `person` may not vote on requests of `requester` at all, or null. @param now ms since the epoch */
export function objectionTo(
  person: Person | null,
  { keyFingerprint, signature }: VotingKeys,
  requester: string,
  now: number,
): Objection | null {
  if (person === null) return { kind: 'unknown' };
  if (person.disabled) return { kind: 'disabled' };
  const used = [keyFingerprint, signature?.fingerprint].filter((one) => one !== null && one !== undefined);
  const keys = person.keys.filter(({ fingerprint }) => used.includes(fingerprint));
  if (!used.every((one) => keys.some(({ fingerprint }) => fingerprint === one))) return { kind: 'key-removed' };
  if (person.name === requester) return null;
  const isFresh = (by: string, at: number): boolean => by === requester && now - at < FRESH;
  if (keys.some((key) => isFresh(key.addedBy, key.addedAt))) return { kind: 'too-fresh', what: 'key' };
  const touch = person.touches.find((one) => isFresh(one.by, one.at));
  return touch === undefined ? null : { kind: 'too-fresh', what: touch.what };
}

/** Whether `person` is one of those whom `stage` asks. */
export function isAsked(stage: Stage, person: Pick<Person, 'name' | 'roles'>, request: HeldRequest): boolean {
  const requester = request.statement.user;
  if (stage.who === 'requester') return person.name === requester;
  if (person.name === requester) return false;
  const target = { name: request.statement.target, labels: request.labels };
  return selectorHolds(stage.who, { user: person, target }) === true;
}

/** The stages that ask `person`, open or not. */
export function stagesAsking(request: HeldRequest, person: Pick<Person, 'name' | 'roles'>): readonly Stage[] {
  return request.requirement.stages.filter((stage) => isAsked(stage, person, request));
}

/** Whether a stage takes signatures at all. */
export function takesSignatures({ factors }: Stage): boolean {
  return factors.some((factor) => factor !== 'totp');
}

/** Whether what a vote was proven by is what `stage` asks for. A signature of a security key is a signature too. */
export function stageTakes(stage: Stage, { factor, signature }: Pick<CastVote, 'factor' | 'signature'>): boolean {
  if (factor !== 'sk-signature') return factor !== null && stage.factors.includes(factor);
  const isAskedFor = stage.factors.some((one) => one === 'sk-signature' || one === 'signature');
  return isAskedFor && (stage.verify !== true || signature?.userVerified === true);
}

/** Whether a vote counts for a stage, given who its giver is now; somebody unknown counts for nothing. */
export function countsFor(
  request: HeldRequest,
  people: ReadonlyMap<string, Person>,
): (vote: CastVote, stage: Stage) => boolean {
  return (vote, stage) => {
    const person = people.get(vote.approver);
    return person !== undefined && stageTakes(stage, vote) && isAsked(stage, person, request);
  };
}
