/** The section `break_glass`: its shape as decisions use it, and whether what it names exists. */
import { parseDuration } from '../base/duration.ts';
import type { BreakGlassRule } from '../model/break-glass.ts';
import { breakGlassSections, type PolicySections } from './lint/collect.ts';
import { type FindingList, inside, originOf } from './lint/findings.ts';
import type { BreakGlassFile } from './schema/policy-file.ts';

const MINUTES = 30;
const REASON = 10;
const REVIEW = 24 * 3_600_000;

/** null: nobody may. */
export function compileBreakGlass(sections: PolicySections, findings: FindingList): BreakGlassRule | null {
  const [first, second] = breakGlassSections(sections);
  if (first === undefined) return null;
  if (second !== undefined) {
    findings.error(second.place, `break_glass stands in two files; the first one is at ${originOf(first.place)}`);
  }
  const { value, place } = first;
  const rules = sections.rules.map((rule) => rule.value.id);
  for (const [index, id] of (value.keeps ?? []).entries())
    findings.known(inside(place, 'keeps', index), 'rule', id, rules);
  if (parseDuration(value.review_within ?? '24h') === 0)
    findings.error(inside(place, 'review_within'), 'nobody can review anything in no time');
  return ruleOf(value);
}

function ruleOf(file: BreakGlassFile): BreakGlassRule {
  return {
    roles: file.roles,
    factor: file.factor ?? 'totp',
    minLength: Math.max(1, file.reason?.min_length ?? REASON),
    minutes: file.minutes ?? MINUTES,
    keeps: file.keeps ?? [],
    notify: (file.notify ?? []).map(receiverName),
    reviewWithin: file.review_within === undefined ? REVIEW : (parseDuration(file.review_within) ?? REVIEW),
  };
}

/** `webhook:pager` names the receiver `pager`: what stands before the colon is for readers. */
function receiverName(text: string): string {
  return text.slice(text.lastIndexOf(':') + 1);
}
