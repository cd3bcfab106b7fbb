/** Whether the people and roles that a policy names exist. */
import { didYouMean } from '../../base/nearest-word.ts';
import { listOf } from '../conditions/people.ts';
import { breakGlassSections, type PolicySections } from './collect.ts';
import { type FindingList, inside, type Place } from './findings.ts';
import type { StoredNames } from './stored-names.ts';

/** Warnings for roles that nobody holds and users that do not exist. */
export function lintPeople(sections: PolicySections, people: StoredNames['users'], findings: FindingList): void {
  const roles = new Set(people.flatMap((user) => user.roles));
  const users = new Set(people.map((user) => user.name));
  const visit = (value: unknown, place: Place): void => visitSelectors(value, place, roles, users, findings);
  for (const rule of sections.rules) visit(rule.value.when, inside(rule.place, 'when'));
  for (const access of sections.access) visit(access.value.who, inside(access.place, 'who'));
  for (const posture of sections.postures) visit(posture.value.when, inside(posture.place, 'when'));
  for (const roaming of sections.roaming) visit(roaming.value.when, inside(roaming.place, 'when'));
  for (const { value, place } of breakGlassSections(sections)) {
    warnUnknown(value.roles, roles, inside(place, 'roles'), 'nobody holds the role', findings);
  }
  for (const approval of sections.approvals.values()) {
    for (const [index, stage] of approval.value.stages.entries()) {
      visit(stage.who, inside(approval.place, 'stages', index, 'who'));
    }
  }
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
