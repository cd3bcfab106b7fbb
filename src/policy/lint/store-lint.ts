/** Whether what a policy names is in the store. Its answers are warnings: people and targets come and go. */
import type { Finding, SourceDocument } from '../../model/source-document.ts';
import { lintApprovers } from './approvers-lint.ts';
import { collectSections } from './collect.ts';
import { FindingList } from './findings.ts';
import { lintLabels } from './labels-lint.ts';
import { lintPeople } from './people-lint.ts';
import type { StoredNames } from './stored-names.ts';

/** Warnings only, and none about what nothing is stored of yet: every name would be unknown. Shape errors are not repeated. */
export function lintStoredNames(documents: readonly SourceDocument[], stored: StoredNames): readonly Finding[] {
  const sections = collectSections(documents, new FindingList());
  const findings = new FindingList();
  if (stored.users.length > 0) {
    lintPeople(sections, stored.users, findings);
    lintApprovers(sections, stored.users, findings);
  }
  if (stored.targets.length > 0) lintLabels(sections, stored.targets, findings);
  return findings.all;
}
