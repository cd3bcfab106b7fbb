/** Conditions on user, role, target and labels: the selectors that access rules and approval stages use too. */
import { type Selector, selectorHolds } from '../../model/selector.ts';
import type { SelectorFile, Words } from '../schema/selector-file.ts';
import { type Condition, leaf } from './condition.ts';

/** The selector for `file`. Keys of one map are ANDed. */
export function selectorOf(file: SelectorFile): Selector {
  const parts = Object.entries(file).map(([key, value]) => partOf(key, value));
  const [only] = parts;
  return only !== undefined && parts.length === 1 ? only : { kind: 'all', of: parts };
}

function partOf(key: string, value: unknown): Selector {
  switch (key) {
    case 'any':
      return value === true ? { kind: 'always' } : { kind: 'any', of: filesOf(value).map(selectorOf) };
    case 'all':
      return { kind: 'all', of: filesOf(value).map(selectorOf) };
    case 'not':
      return { kind: 'not', of: selectorOf(value as SelectorFile) };
    case 'user':
    case 'users':
      return { kind: 'users', names: listOf(value) };
    case 'role':
      return { kind: 'role', roles: listOf(value) };
    case 'target':
    case 'targets':
      return { kind: 'targets', names: listOf(value) };
    default:
      return { kind: 'label', key: key.slice('label.'.length), values: listOf(value) };
  }
}

function filesOf(value: unknown): readonly SelectorFile[] {
  return Array.isArray(value) ? (value as readonly SelectorFile[]) : [];
}

/** One or many words as a list of text. */
export function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [String(value)];
}

/** One key of a `when` that speaks of people, targets or labels. */
export function peopleCondition(key: string, value: Words | boolean | number): Condition {
  const selector = partOf(key, value);
  return leaf(`${key} in ${listOf(value).join(', ')}`, (facts) => selectorHolds(selector, facts));
}
