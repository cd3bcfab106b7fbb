/**
 * Whether the labels that a policy names are those that targets have. A list of values is a guess about targets to come, so that one of them which is there will do,
 * unless another looks like a typing error.
 */
import { didYouMean, nearestWord } from '../../base/nearest-word.ts';
import type { Labels } from '../../model/target.ts';
import { listOf } from '../conditions/people.ts';
import type { PolicySections } from './collect.ts';
import { type FindingList, inside, type Place } from './findings.ts';
import type { StoredNames } from './stored-names.ts';

/** Warnings, one for each label however often it stands there. */
export function lintLabels(sections: PolicySections, targets: StoredNames['targets'], findings: FindingList): void {
  const known = valuesByKey(targets.map((target) => target.labels));
  const told = new Set<string>();
  const tell = (place: Place, key: string, values: readonly string[]): void => {
    const message = problemWith(key, values, known);
    if (message === null || told.has(message)) return;
    told.add(message);
    findings.warning(place, message);
  };
  for (const { value, place } of sections.rules) {
    visitLabels(value.when, inside(place, 'when'), tell);
    visitLabels(value.except?.when, inside(place, 'except', 'when'), tell);
  }
  for (const { value, place } of sections.postures) visitLabels(value.when, inside(place, 'when'), tell);
  for (const { value, place } of sections.roaming) visitLabels(value.when, inside(place, 'when'), tell);
  for (const { value, place } of sections.access) visitLabels(value.targets, inside(place, 'targets'), tell);
}

function valuesByKey(labels: readonly Labels[]): ReadonlyMap<string, ReadonlySet<string>> {
  const known = new Map<string, Set<string>>();
  for (const [key, value] of labels.flatMap(Object.entries<string>))
    known.set(key, (known.get(key) ?? new Set()).add(value));
  return known;
}

function problemWith(
  key: string,
  values: readonly string[],
  known: ReadonlyMap<string, ReadonlySet<string>>,
): string | null {
  const there = known.get(key);
  if (there === undefined) return `no target has the label "${key}"${didYouMean(key, known.keys())}`;
  const absent = values.filter((value) => !there.has(value));
  const wrong =
    absent.length === values.length ? absent : absent.filter((value) => nearestWord(value, there) !== undefined);
  return wrong.length === 0
    ? null
    : `no target has label.${key}=${wrong.join(' or ')}; known: ${[...there].join(', ')}`;
}

type Tell = (place: Place, key: string, values: readonly string[]) => void;

function visitLabels(value: unknown, place: Place, tell: Tell): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, part] of Object.entries(value)) {
    const here = inside(place, Array.isArray(value) ? Number(key) : key);
    if (key.startsWith('label.')) tell(here, key.slice('label.'.length), listOf(part));
    else visitLabels(part, here, tell);
  }
}
