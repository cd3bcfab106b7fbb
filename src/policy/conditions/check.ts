/** `check.change_freeze: true`: what an external check said. A check that did not answer is unknown. */
import type { Condition } from './condition.ts';
import { leaf } from './condition.ts';

export function checkCondition(name: string, expected: unknown): Condition {
  const wanted = Array.isArray(expected) ? expected : [expected];
  return leaf(
    `check.${name} is ${wanted.map(String).join(' or ')}`,
    (facts) => {
      const value = facts.checks.get(name);
      return value === undefined ? 'unknown' : wanted.includes(value);
    },
    [name],
  );
}
