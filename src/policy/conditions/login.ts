/** `login: root`: the account on the target. */
import type { Condition } from './condition.ts';
import { leaf } from './condition.ts';
import { listOf } from './people.ts';

export function loginCondition(value: unknown): Condition {
  const logins = listOf(value);
  return leaf(`login in ${logins.join(', ')}`, (facts) =>
    facts.login === undefined ? 'unknown' : logins.includes(facts.login),
  );
}
