/** `context: psql`: what reads the text. */
import type { Condition } from './condition.ts';
import { leaf } from './condition.ts';
import { listOf } from './people.ts';

export const CONTEXTS: readonly string[] = ['shell', 'psql', 'mysql', 'repl', 'exec'];

export function contextCondition(value: unknown): Condition {
  const contexts = listOf(value);
  return leaf(`context in ${contexts.join(', ')}`, (facts) => contexts.includes(facts.context));
}
