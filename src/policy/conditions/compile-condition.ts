/** From `when` as written to a condition. A new kind of condition is one file here and one line below. */
import type { ConditionFile, FactValue } from '../schema/selector-file.ts';
import { checkCondition } from './check.ts';
import { type Condition, conjunction, disjunction, leaf, negation } from './condition.ts';
import { contextCondition } from './context.ts';
import { loginCondition } from './login.ts';
import { listOf, peopleCondition } from './people.ts';
import { urgencyCondition } from './urgency.ts';
import { type Window, windowCondition } from './window.ts';

/** @param windows by name; names that are not in it were reported by the lint and never hold */
export function compileCondition(file: ConditionFile, windows: ReadonlyMap<string, Window>): Condition {
  return conjunction(Object.entries(file).map(([key, value]) => partOf(key, value, windows)));
}

function partOf(key: string, value: unknown, windows: ReadonlyMap<string, Window>): Condition {
  const compile = (file: ConditionFile): Condition => compileCondition(file, windows);
  if (key === 'any' && value === true) return leaf('always', () => true);
  if (key === 'any') return disjunction(filesOf(value).map(compile));
  if (key === 'all') return conjunction(filesOf(value).map(compile));
  if (key === 'not') return negation(compile(value as ConditionFile));
  if (key === 'login') return loginCondition(value);
  if (key === 'context') return contextCondition(value);
  if (key === 'urgency') return urgencyCondition(value);
  if (key === 'window') return windowCondition(listOf(value).flatMap((name) => windows.get(name) ?? []));
  if (key.startsWith('check.')) return checkCondition(key.slice('check.'.length), value);
  return peopleCondition(key, value as FactValue);
}

function filesOf(value: unknown): readonly ConditionFile[] {
  return Array.isArray(value) ? (value as readonly ConditionFile[]) : [];
}
