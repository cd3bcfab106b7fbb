/** What files may say already and this version does not do yet: said aloud, so that nobody relies on it. */
import type { PolicyFile, RuleFile } from '../schema/policy-file.ts';
import type { PolicySections } from './collect.ts';
import { type FindingList, inside, type Sourced } from './findings.ts';

export function warnNotActedUpon(sections: PolicySections, findings: FindingList): void {
  for (const file of sections.files) warnOfFile(file, findings);
  for (const rule of sections.rules) warnOfRule(rule, findings);
}

function warnOfFile({ value, place }: Sourced<PolicyFile>, findings: FindingList): void {
  if (value.break_glass === undefined) return;
  findings.warning(inside(place, 'break_glass'), 'break_glass is checked but not acted upon by this version');
}

function warnOfRule({ value, place }: Sourced<RuleFile>, findings: FindingList): void {
  if (value.after !== undefined) {
    findings.warning(inside(place, 'after'), 'after is checked but not acted upon by this version');
  }
  if (value.grant !== undefined && value.grant !== 'none') {
    const message = 'approvals are not remembered by this version: every command asks anew';
    findings.warning(inside(place, 'grant'), message);
  }
}
