/**
 * Rules whose `when` asks for what cannot be at once. Only plain contradictions between keys that must all hold
 * are found, never guessed: what stands inside `any` is not looked at.
 */
import { listOf } from '../conditions/people.ts';
import type { ConditionFile } from '../schema/selector-file.ts';
import type { PolicySections } from './collect.ts';
import { type FindingList, inside } from './findings.ts';

/** One key that must hold (or must not) for the whole condition to hold. */
interface Demand {
  readonly key: string;
  readonly wanted: boolean;
  /** One of them is enough. */
  readonly values: readonly string[];
}

export function lintContradictions({ rules }: PolicySections, findings: FindingList): void {
  for (const { value, place } of rules) {
    const why = value.when === undefined ? null : contradictionIn(demandsOf(value.when));
    if (why !== null) findings.warning(inside(place, 'when'), `rule "${value.id}" can never match${why}`);
  }
}

function demandsOf(condition: ConditionFile): readonly Demand[] {
  return Object.entries(condition).flatMap(([key, value]): readonly Demand[] => {
    if (key === 'any') return [];
    if (key === 'all') return Array.isArray(value) ? value.flatMap(demandsOf) : [];
    if (key === 'not') return refusalsOf(value as ConditionFile);
    return [{ key, wanted: true, values: listOf(value) }];
  });
}

/** `not` over several keys refuses them together only, which says nothing of each. */
function refusalsOf(condition: ConditionFile): readonly Demand[] {
  const [only, ...others] = Object.entries(condition);
  if (only === undefined || others.length > 0) return [];
  const [key, value] = only;
  return ['any', 'all', 'not'].includes(key) ? [] : [{ key, wanted: false, values: listOf(value) }];
}

function contradictionIn(demands: readonly Demand[]): string | null {
  const wanted = demands.filter((demand) => demand.wanted);
  for (const demand of wanted) {
    const refused = demands.filter(({ key, wanted: want }) => !want && key === demand.key);
    if (demand.values.every((value) => refused.some(({ values }) => values.includes(value))))
      return `${scopeOf(demand)}: ${demand.key} must be ${said(demand)} and must not be`;
    const other = wanted.find((one) => isOneOnly(one) && one.key === demand.key && !overlap(one, demand));
    if (other !== undefined)
      return `${scopeOf(demand)}: ${demand.key} must be ${said(demand)} and ${said(other)} at once`;
  }
  return null;
}

/** What is unknown counts as a match for deny and approve, and labels and checks may be. */
function scopeOf({ key }: Demand): string {
  return key.startsWith('label.') || key.startsWith('check.') ? ` where ${key} is known` : '';
}

/** A target has one value for a label; people have many roles, and windows overlap. */
function isOneOnly({ key, values }: Demand): boolean {
  const single = key.startsWith('label.') || key.startsWith('check.') || ['login', 'context', 'urgency'].includes(key);
  return single && !values.some((value) => value.includes('*'));
}

function overlap(one: Demand, other: Demand): boolean {
  return one.values.some((value) => other.values.includes(value));
}

function said({ values }: Demand): string {
  return values.join(' or ');
}
