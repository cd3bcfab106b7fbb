/**
 * Whether the approvals of a policy can be given at all, by the people of the store. Whoever asks never counts,
 * so with just enough approvers their own requests are hopeless.
 */
import { type Selector, selectorHolds } from '../../model/selector.ts';
import { factorsOf } from '../compile-approvals.ts';
import { selectorOf } from '../conditions/people.ts';
import { type ApprovalFile, POSTURE_APPROVALS, type StageFile } from '../schema/policy-file.ts';
import type { PolicySections } from './collect.ts';
import { type FindingList, inside, type Place, type Sourced } from './findings.ts';
import type { StoredNames } from './stored-names.ts';

type People = StoredNames['users'];

/** Warnings at the stages that nobody can meet, and at everything that is held for them. */
export function lintApprovers(sections: PolicySections, people: People, findings: FindingList): void {
  const hopeless = new Set<string>();
  for (const [name, approval] of sections.approvals) {
    warnOfStages(approval, people, findings);
    if (stepsOf(approval.value).some((step) => step.every((stage) => isUnreachable(stage, people)))) hopeless.add(name);
  }
  warnOfRules(sections, hopeless, findings);
  warnOfPostures(sections, hopeless, findings);
  warnOfRequests(sections, hopeless, findings);
}

/** A stage with those that stand in for it when nobody answers. */
function stepsOf({ stages }: ApprovalFile): readonly (readonly StageFile[])[] {
  const steps: StageFile[][] = [];
  for (const stage of stages) {
    const last = steps.at(-1);
    if (stage.only_if === 'escalated' && last !== undefined) last.push(stage);
    else steps.push([stage]);
  }
  return steps;
}

function isUnreachable(stage: StageFile, people: People): boolean {
  return stage.who !== 'requester' && ableTo(stage, eligibleFor(selectorOf(stage.who), people)).length < countOf(stage);
}

function countOf({ count = 1 }: StageFile): number {
  return count;
}

function eligibleFor(who: Selector, people: People): People {
  return people.filter((user) => user.disabled !== true && selectorHolds(who, { user }) === true);
}

/** Those who have the key for one of the factors; codes can be had by everybody. */
function ableTo(stage: StageFile, eligible: People): People {
  return eligible.filter(({ keyTypes }) =>
    factorsOf(stage).some((factor) => {
      if (factor === 'totp') return true;
      return keyTypes.some((type) => factor === 'signature' || type.startsWith('sk-'));
    }),
  );
}

function warnOfStages({ value, place }: Sourced<ApprovalFile>, people: People, findings: FindingList): void {
  for (const [index, stage] of value.stages.entries())
    warnOfStage(stage, inside(place, 'stages', index), people, findings);
}

function warnOfStage(stage: StageFile, place: Place, people: People, findings: FindingList): void {
  if (stage.who === 'requester') return;
  const who = selectorOf(stage.who);
  const eligible = eligibleFor(who, people);
  const able = ableTo(stage, eligible);
  const count = countOf(stage);
  const needs = `needs ${count} approver${count === 1 ? '' : 's'}, but`;
  if (eligible.length < count) findings.warning(place, `${needs} ${eligible.length} can be reached`);
  else if (able.length < count)
    findings.warning(inside(place, 'factor'), `${needs} ${able.length} with a key for it can be reached`);
  else if (able.length === count) findings.warning(place, justEnough(who, able, eligible.length > count));
}

/** @param byKeys others are entitled, but have no key for it */
function justEnough(who: Selector, able: People, byKeys: boolean): string {
  const names = able.map((user) => user.name);
  const [only = ''] = names;
  const isOne = names.length === 1;
  const isRole = !byKeys && who.kind === 'role' && who.roles.length === 1;
  const fact = isRole ? `${isOne ? 'holds' : 'hold'} "${who.roles.join()}"` : 'can approve here';
  const whose = isOne ? `${only}'s own requests` : 'the own requests of each';
  return `only ${names.join(' and ')} ${fact}; ${whose} can never be approved`;
}

function warnOfRules({ rules }: PolicySections, hopeless: ReadonlySet<string>, findings: FindingList): void {
  for (const { value, place } of rules) {
    if (value.approval === undefined || !hopeless.has(value.approval)) continue;
    findings.warning(
      inside(place, 'approval'),
      `no line held by "${value.id}" can ever be released: nobody can give "${value.approval}"`,
    );
  }
}

function warnOfPostures({ postures }: PolicySections, hopeless: ReadonlySet<string>, findings: FindingList): void {
  for (const { value, place } of postures) {
    for (const key of POSTURE_APPROVALS) {
      const name = value[key];
      if (name !== undefined && hopeless.has(name))
        findings.warning(inside(place, key), `no line held by it can ever be released: nobody can give "${name}"`);
    }
  }
}

function warnOfRequests({ access }: PolicySections, hopeless: ReadonlySet<string>, findings: FindingList): void {
  for (const { value, place } of access) {
    const name = value.request?.approval;
    if (name === undefined || !hopeless.has(name)) continue;
    const here = inside(place, 'request', 'approval');
    findings.warning(here, `no access that is asked for here can ever be given: nobody can give "${name}"`);
  }
}
