/** What is wrong with the tests beside the rules. */
import type { PolicySections } from './collect.ts';
import { type FindingList, inside } from './findings.ts';

export function lintTests(sections: PolicySections, ids: readonly string[], findings: FindingList): void {
  const rules = sections.rules.map((rule) => rule.value.id);
  for (const { value, place } of sections.tests) {
    const expect = inside(place, 'expect');
    if (Object.keys(value.expect).length === 0) findings.error(expect, 'expects nothing, so it can never fail');
    if (typeof value.expect.rule === 'string') findings.known(inside(expect, 'rule'), 'rule', value.expect.rule, rules);
    for (const [index, id] of (value.expect.ids ?? []).entries())
      findings.known(inside(expect, 'ids', index), 'catalogue id', id, ids);
    if (value.at !== undefined && Number.isNaN(Date.parse(value.at))) {
      findings.error(inside(place, 'at'), `"${value.at}" is not a time; write it as 2026-11-20T10:00+01:00`);
    }
  }
}
