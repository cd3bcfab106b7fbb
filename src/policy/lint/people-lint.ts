/** Whether the people and roles that a policy names exist. They live in the store, so the answers are warnings. */
import { didYouMean } from '../../base/nearest-word.ts';
import { selectorHolds } from '../../model/selector.ts';
import type { Finding, SourceDocument } from '../../model/source-document.ts';
import { factorsOf } from '../compile-approvals.ts';
import { listOf, selectorOf } from '../conditions/people.ts';
import type { StageFile } from '../schema/policy-file.ts';
import { collectSections } from './collect.ts';
import { FindingList, inside, type Place } from './findings.ts';

/** What the store knows. */
export interface KnownPeople {
  readonly users: readonly KnownPerson[];
}

interface KnownPerson {
  readonly name: string;
  readonly roles: readonly string[];
  /** `ssh-ed25519`, `sk-ssh-ed25519@openssh.com`, ... */
  readonly keyTypes: readonly string[];
}

/** Warnings for roles that nobody holds and users that do not exist. Shape errors are not repeated. */
export function lintPeople(documents: readonly SourceDocument[], people: KnownPeople): readonly Finding[] {
  const sections = collectSections(documents, new FindingList());
  const findings = new FindingList();
  const roles = new Set(people.users.flatMap((user) => user.roles));
  const users = new Set(people.users.map((user) => user.name));
  const visit = (value: unknown, place: Place): void => visitSelectors(value, place, roles, users, findings);
  for (const rule of sections.rules) visit(rule.value.when, inside(rule.place, 'when'));
  for (const access of sections.access) visit(access.value.who, inside(access.place, 'who'));
  for (const posture of sections.postures) visit(posture.value.when, inside(posture.place, 'when'));
  for (const roaming of sections.roaming) visit(roaming.value.when, inside(roaming.place, 'when'));
  for (const approval of sections.approvals.values()) {
    for (const [index, stage] of approval.value.stages.entries()) {
      const here = inside(approval.place, 'stages', index);
      visit(stage.who, inside(here, 'who'));
      warnUnreachable(stage, here, people, findings);
    }
  }
  return findings.all;
}

/** A stage that can never be met. (Who asks never counts, so with just enough people theirs cannot be met either.) */
function warnUnreachable(stage: StageFile, place: Place, people: KnownPeople, findings: FindingList): void {
  if (stage.who === 'requester') return;
  const selector = selectorOf(stage.who);
  const eligible = people.users.filter((user) => selectorHolds(selector, { user }) === true);
  const able = eligible.filter((user) => canProve(user, stage)).length;
  const count = stage.count ?? 1;
  const needs = `needs ${count} approver${count === 1 ? '' : 's'}, but`;
  if (eligible.length < count) findings.warning(place, `${needs} ${eligible.length} can be reached`);
  else if (able < count) findings.warning(inside(place, 'factor'), `${needs} ${able} with a key for it can be reached`);
}

/** Whether somebody has the key for one of the factors; codes can be had by everybody. */
function canProve({ keyTypes }: KnownPerson, stage: StageFile): boolean {
  return factorsOf(stage).some((factor) => {
    if (factor === 'totp') return true;
    return keyTypes.some((type) => factor === 'signature' || type.startsWith('sk-'));
  });
}

function visitSelectors(
  value: unknown,
  place: Place,
  roles: ReadonlySet<string>,
  users: ReadonlySet<string>,
  findings: FindingList,
): void {
  if (Array.isArray(value)) {
    for (const [index, part] of value.entries()) visitSelectors(part, inside(place, index), roles, users, findings);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, part] of Object.entries(value)) {
    const here = inside(place, key);
    if (key === 'role') warnUnknown(listOf(part), roles, here, 'nobody holds the role', findings);
    else if (key === 'user' || key === 'users') warnUnknown(listOf(part), users, here, 'there is no user', findings);
    else visitSelectors(part, here, roles, users, findings);
  }
}

function warnUnknown(
  names: readonly string[],
  known: ReadonlySet<string>,
  place: Place,
  sentence: string,
  findings: FindingList,
): void {
  for (const name of names) {
    if (!name.includes('*') && !known.has(name))
      findings.warning(place, `${sentence} "${name}"${didYouMean(name, known)}`);
  }
}
