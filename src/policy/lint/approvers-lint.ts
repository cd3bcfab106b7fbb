/**
 * Whether the approvals of a policy can be given at all, by the people of the store. Whoever asks never counts,
 * so with just enough approvers their own requests are hopeless.
 */
import { type Selector, selectorHolds } from '../../model/selector.ts';
import { selectorOf } from '../conditions/people.ts';
import { type ApprovalFile, POSTURE_APPROVALS, type StageFile } from '../schema/policy-file.ts';
import type { PolicySections } from './collect.ts';
import { type FindingList, inside, type Sourced } from './findings.ts';
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

function isUnreachable({ who, count = 1 }: StageFile, people: People): boolean {
  return who !== 'requester' && approversOf(selectorOf(who), people).length < count;
}

function approversOf(who: Selector, people: People): readonly string[] {
  const able = people.filter((user) => user.disabled !== true && selectorHolds(who, { user }) === true);
  return able.map((user) => user.name);
}

function warnOfStages({ value, place }: Sourced<ApprovalFile>, people: People, findings: FindingList): void {
  for (const [index, { who, count = 1 }] of value.stages.entries()) {
    if (who === 'requester') continue;
    const selector = selectorOf(who);
    const able = approversOf(selector, people);
    const here = inside(place, 'stages', index);
    if (able.length < count)
      findings.warning(here, `needs ${count} approver${count === 1 ? '' : 's'}, but ${able.length} can be reached`);
    else if (able.length === count) findings.warning(here, justEnough(selector, able));
  }
}

function justEnough(who: Selector, able: readonly string[]): string {
  const [only, another] = able;
  const names = able.join(' and ');
  const verb = another === undefined ? 'holds' : 'hold';
  const fact = who.kind === 'role' && who.roles.length === 1 ? `${verb} "${who.roles.join()}"` : `can approve here`;
  const whose = another === undefined ? `${only ?? ''}'s own requests` : 'the own requests of each';
  return `only ${names} ${fact}; ${whose} can never be approved`;
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
