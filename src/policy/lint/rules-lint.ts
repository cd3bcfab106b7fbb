/** What is wrong with rules beyond their shape. */
import type { Requirement } from '../../model/requirement.ts';
import type { RuleFile } from '../schema/policy-file.ts';
import type { PolicySections } from './collect.ts';
import { type FindingList, inside, originOf, type Place, type Sourced } from './findings.ts';
import { checkCondition, checkMatch, type KnownNames } from './references.ts';

export function lintRules(
  sections: PolicySections,
  requirements: ReadonlyMap<string, Requirement>,
  known: KnownNames,
  findings: FindingList,
): void {
  for (const rule of sections.rules) {
    lintEffect(rule, requirements, findings);
    lintReferences(rule.value, rule.place, known, findings);
  }
  lintShadows(sections.rules, findings);
}

function lintEffect(
  { value, place }: Sourced<RuleFile>,
  requirements: ReadonlyMap<string, Requirement>,
  findings: FindingList,
): void {
  if (value.effect === 'approve' && value.approval !== undefined) {
    findings.known(inside(place, 'approval'), 'approval', value.approval, requirements.keys());
  }
  if (value.effect === 'approve' && value.approval === undefined) {
    findings.error(
      place,
      `rule "${value.id}" says approve but not by whom; add approval: with one of ${[...requirements.keys()].join(', ')}`,
    );
  }
  if (value.effect !== 'approve' && value.approval !== undefined) {
    findings.error(
      inside(place, 'approval'),
      `rule "${value.id}" has the effect ${value.effect}, which takes no approval`,
    );
  }
  if (typeof value.grant === 'object' && value.effect !== 'approve') {
    findings.error(
      inside(place, 'grant'),
      `only an approval can be remembered; "${value.id}" has the effect ${value.effect}`,
    );
  }
  if (value.hard !== undefined && value.effect !== 'deny') {
    findings.error(inside(place, 'hard'), `only a deny rule can be hard; "${value.id}" has the effect ${value.effect}`);
  }
}

function lintReferences(rule: RuleFile, place: Place, known: KnownNames, findings: FindingList): void {
  if (rule.when !== undefined) checkCondition(rule.when, inside(place, 'when'), known, findings);
  if (rule.match !== undefined) checkMatch(rule.match, inside(place, 'match'), known, findings);
  if (rule.except?.when !== undefined)
    checkCondition(rule.except.when, inside(place, 'except', 'when'), known, findings);
  if (rule.except?.match !== undefined)
    checkMatch(rule.except.match, inside(place, 'except', 'match'), known, findings);
}

/** A rule that can never be the one that decides, because a stronger one always applies too. */
function lintShadows(rules: readonly Sourced<RuleFile>[], findings: FindingList): void {
  const strength = { allow: 0, 'auto-approve': 1, approve: 2, deny: 3 } as const;
  for (const rule of rules) {
    const stronger = rules.find(
      (other) =>
        other !== rule &&
        other.value.except === undefined &&
        strength[other.value.effect] > strength[rule.value.effect] &&
        !(
          other.value.effect === 'approve' &&
          rule.value.effect === 'auto-approve' &&
          other.value.auto_approvable !== false
        ) &&
        covers(other.value.when, rule.value.when) &&
        covers(other.value.match, rule.value.match),
    );
    if (stronger !== undefined) {
      findings.warning(
        inside(rule.place, 'id'),
        `rule "${rule.value.id}" never decides: "${stronger.value.id}" (${originOf(stronger.place)}) always applies too and is stronger`,
      );
    }
  }
}

/** Certainly at least as wide: absent, everything, or the same text. */
function covers(wide: object | undefined, narrow: object | undefined): boolean {
  if (wide === undefined || ('any' in wide && wide.any === true && Object.keys(wide).length === 1)) return true;
  return narrow !== undefined && JSON.stringify(wide) === JSON.stringify(narrow);
}
