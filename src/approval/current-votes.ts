/** Judges the votes of a request by the people of this moment. */
import { countsFor, objectionTo } from './eligibility.ts';
import type { CastVote, HeldRequest, People, Person } from './ports.ts';
import { isAnswered, progressAfter } from './requirement-progress.ts';

export type Review =
  | { readonly kind: 'stands' }
  | { readonly kind: 'requester-gone'; readonly why: string }
  /** Some votes are void; `next` is the request without them. */
  | { readonly kind: 'votes-void'; readonly next: HeldRequest; readonly why: string };

/** Those of `names` that there are. */
export async function lookUp(people: People, names: readonly string[]): Promise<ReadonlyMap<string, Person>> {
  const found = await Promise.all([...new Set(names)].map((name) => people.find(name)));
  return new Map(found.flatMap((person) => (person === null ? [] : [[person.name, person]])));
}

/** Whether an approved request is still approved, and a pending one still has the votes that it had. */
export async function afterReview(request: HeldRequest, people: People, now: number): Promise<Review> {
  const requester = request.statement.user;
  const known = await lookUp(people, [requester, ...request.votes.map((vote) => vote.approver)]);
  if (known.get(requester)?.disabled !== false) {
    return { kind: 'requester-gone', why: `${requester} is disabled or was removed` };
  }
  const isGood = (vote: CastVote): boolean =>
    objectionTo(known.get(vote.approver) ?? null, vote, requester, now) === null;
  const kept = request.votes.filter(isGood);
  const mayCount = countsFor(request, known);
  const answered = isAnswered(request.requirement, request.steps, kept, mayCount);
  const complete = request.state !== 'approved' || answered;
  if (kept.length === request.votes.length && complete) return { kind: 'stands' };
  const gone = request.votes.find((vote) => !isGood(vote))?.approver ?? 'somebody who approved';
  const steps = progressAfter(request.requirement, request.steps, kept, now, mayCount);
  const next = { ...request, votes: kept, steps, version: request.version + 1 };
  return { kind: 'votes-void', next, why: `the vote of ${gone} does not count any more` };
}
