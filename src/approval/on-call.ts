/**
 * Who of a group is on call at the moment of the hold. It only ever narrows the group that the policy names: somebody who is not
 * in it gains nothing. What failed, took too long, named nobody who may approve, or too few, leaves the whole group asked.
 */
import type { Stage } from '../model/requirement.ts';
import { selectorHolds } from '../model/selector.ts';
import type { HoldDraft } from './hold-draft.ts';
import type { OnCall, People } from './ports.ts';

export interface OnCallParts {
  readonly onCall: OnCall;
  readonly people: People;
  readonly onFailure: (what: string, failure: unknown) => void;
}

/** The draft as it is to be asked, with what was learnt. Never rejects. @param step runs it with a deadline */
export async function narrowedToOnCall(
  draft: HoldDraft,
  parts: OnCallParts,
  step: <T>(work: () => Promise<T>) => Promise<T>,
): Promise<HoldDraft> {
  const { requirement } = draft.decision;
  const checks = (requirement?.stages ?? []).flatMap(({ onCall }) => onCall ?? []);
  if (requirement === null || checks.length === 0) return draft;
  try {
    const facts: Record<string, string> = {};
    const stages = await step(() => Promise.all(requirement.stages.map((one) => narrowed(one, draft, parts, facts))));
    return { ...draft, narrowed: { ...requirement, stages }, facts };
  } catch (failure) {
    parts.onFailure('who is on call', failure);
    const asked = checks.map((name) => [`on_call ${name}`, 'not known; the whole group is asked']);
    return { ...draft, facts: Object.fromEntries(asked) };
  }
}

async function narrowed(
  stage: Stage,
  draft: HoldDraft,
  { onCall, people }: OnCallParts,
  facts: Record<string, string>,
): Promise<Stage> {
  const { who } = stage;
  if (stage.onCall === undefined || who === 'requester') return stage;
  const said = await onCall.names(stage.onCall).catch(() => null);
  const found = await Promise.all((said ?? []).map((name) => people.find(name)));
  const target = { name: draft.target, labels: draft.labels };
  const names = found.flatMap((person) => {
    if (person === null || person.disabled || person.name === draft.user) return [];
    return selectorHolds(who, { user: person, target }) === true ? [person.name] : [];
  });
  const isEnough = names.length >= stage.count;
  const answer = said === null ? 'no answer' : said.join(', ') || 'nobody';
  facts[`on_call ${stage.onCall}`] = isEnough ? answer : `${answer}; the whole group is asked`;
  return isEnough ? { ...stage, who: { kind: 'all', of: [who, { kind: 'users', names }] } } : stage;
}
