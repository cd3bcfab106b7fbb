/** What is defined and used by nothing: most often the rule that should use it was forgotten. */
import { listOf } from '../conditions/people.ts';
import { POSTURE_APPROVALS } from '../schema/policy-file.ts';
import type { PolicySections } from './collect.ts';
import type { FindingList, Sourced } from './findings.ts';

export function lintUnused(sections: PolicySections, findings: FindingList): void {
  const conditions = sections.rules.flatMap(({ value }) => [value.when, value.except?.when]);
  const keys = conditions.flatMap(keysIn);
  const windows = keys.flatMap(([key, value]) => (key === 'window' ? listOf(value) : []));
  const checks = keys.flatMap(([key]) => (key.startsWith('check.') ? [key.slice('check.'.length)] : []));
  warn(sections.windows, windows, 'window', 'no rule asks for it', findings);
  const onCall = [...sections.approvals.values()].flatMap(({ value }) =>
    value.stages.flatMap((one) => one.on_call ?? []),
  );
  warn(sections.checks, [...checks, ...onCall], 'check', 'no rule asks for it', findings);
  // One's own code exists without being asked for.
  warn(sections.approvals, ['self', ...approvalsIn(sections)], 'approval', 'nothing is held for it', findings);
}

function approvalsIn({ rules, postures, access }: PolicySections): readonly string[] {
  return [
    ...rules.flatMap(({ value }) => value.approval ?? []),
    ...postures.flatMap(({ value }) => POSTURE_APPROVALS.flatMap((key) => value[key] ?? [])),
    ...access.flatMap(({ value }) => value.request?.approval ?? []),
  ];
}

/** Every key of a condition with its value, however deep. */
function keysIn(condition: unknown): readonly (readonly [string, unknown])[] {
  if (Array.isArray(condition)) return condition.flatMap(keysIn);
  if (typeof condition !== 'object' || condition === null) return [];
  return Object.entries(condition).flatMap(([key, value]) => [[key, value] as const, ...keysIn(value)]);
}

function warn(
  defined: ReadonlyMap<string, Sourced<unknown>>,
  used: readonly string[],
  what: string,
  why: string,
  findings: FindingList,
): void {
  for (const [name, { place }] of defined)
    if (!used.includes(name)) findings.warning(place, `the ${what} "${name}" is not used: ${why}`);
}
