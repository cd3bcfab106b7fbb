/**
 * `layering: additive`: the first file is the ground, and later files may only add or tighten. What deny, approve
 * and postures of later files do can only be stricter; what is refused here is all that could relax.
 */
import type { PolicyFile } from '../schema/policy-file.ts';
import type { PolicySections } from './collect.ts';
import { type FindingList, inside, type Sourced } from './findings.ts';

export function lintLayering({ files }: PolicySections, findings: FindingList): void {
  if (!files.some((file) => file.value.settings?.layering === 'additive')) return;
  for (const file of files.slice(1)) lintLater(file, findings);
}

const HINT = 'with layering: additive only the first file may relax';

function lintLater({ value, place }: Sourced<PolicyFile>, findings: FindingList): void {
  for (const [index, rule] of (value.rules ?? []).entries()) {
    if (rule.effect === 'deny' || rule.effect === 'approve') continue;
    findings.error(inside(place, 'rules', index, 'effect'), `rule "${rule.id}" relaxes (${rule.effect}); ${HINT}`);
  }
  if (value.catalogue?.disable !== undefined)
    findings.error(inside(place, 'catalogue', 'disable'), `switching entries off relaxes; ${HINT}`);
  if (value.catalogue?.severity !== undefined)
    findings.error(inside(place, 'catalogue', 'severity'), `changing a severity may relax; ${HINT}`);
}
