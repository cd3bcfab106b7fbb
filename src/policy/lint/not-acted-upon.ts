/** What files may say already and this version does not do yet: said aloud, so that nobody relies on it. */
import type { ApprovalFile, PolicyFile } from '../schema/policy-file.ts';
import type { PolicySections } from './collect.ts';
import { type FindingList, inside, type Sourced } from './findings.ts';

export function warnNotActedUpon(sections: PolicySections, findings: FindingList): void {
  for (const file of sections.files) warnOfFile(file, findings);
  for (const approval of sections.approvals.values()) warnOfFactors(approval, findings);
}

function warnOfFile({ value, place }: Sourced<PolicyFile>, findings: FindingList): void {
  if (value.break_glass === undefined) return;
  findings.warning(inside(place, 'break_glass'), 'break_glass is checked but not acted upon by this version');
}

function warnOfFactors({ value, place }: Sourced<ApprovalFile>, findings: FindingList): void {
  for (const [index, { factor = 'totp' }] of value.stages.entries()) {
    const accepted = typeof factor === 'string' ? [factor] : factor.any_of;
    if (accepted.includes('totp')) continue;
    const message = 'this version takes only totp, so nobody can give this approval';
    findings.warning(inside(place, 'stages', index, 'factor'), message);
  }
}
