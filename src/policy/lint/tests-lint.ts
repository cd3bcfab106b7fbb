/** What is wrong with the tests beside the rules. */
import { readMoment } from '../moment.ts';
import type { PolicySections } from './collect.ts';
import { type FindingList, inside } from './findings.ts';

/** @param timeZone of the settings, for times without an offset */
export function lintTests(
  sections: PolicySections,
  ids: readonly string[],
  timeZone: string | null,
  findings: FindingList,
): void {
  const rules = sections.rules.map((rule) => rule.value.id);
  for (const { value, place } of sections.tests) {
    const expect = inside(place, 'expect');
    if (Object.keys(value.expect).length === 0) findings.error(expect, 'expects nothing, so it can never fail');
    if (typeof value.expect.rule === 'string') findings.known(inside(expect, 'rule'), 'rule', value.expect.rule, rules);
    for (const [index, id] of (value.expect.ids ?? []).entries())
      findings.known(inside(expect, 'ids', index), 'catalogue id', id, ids);
    const reading = value.at === undefined ? null : readMoment(value.at, timeZone);
    if (reading?.kind === 'unclear') findings.error(inside(place, 'at'), reading.why);
  }
}
