/** The section `break_glass`: its shape as decisions use it, and whether what it names exists. */
import { parseDuration } from '../base/duration.ts';
import type { BreakGlassRule } from '../model/break-glass.ts';
import type { PolicySections } from './lint/collect.ts';
import { type FindingList, inside, originOf, type Sourced } from './lint/findings.ts';
import type { PolicyFile } from './schema/policy-file.ts';

const MINUTES = 30;
const REASON = 10;
const REVIEW = 24 * 3_600_000;

type BreakGlassFile = NonNullable<PolicyFile['break_glass']>;

/** null: nobody may. */
export function compileBreakGlass(sections: PolicySections, findings: FindingList): BreakGlassRule | null {
  const [first, second] = sectionsOf(sections);
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

/** The sections, each with its place; more than one is an error. */
export function sectionsOf({ files }: PolicySections): readonly Sourced<BreakGlassFile>[] {
  return files.flatMap(({ value, place }) =>
    value.break_glass === undefined ? [] : [{ value: value.break_glass, place: inside(place, 'break_glass') }],
  );
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
