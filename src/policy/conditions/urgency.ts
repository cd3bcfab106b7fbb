/** `urgency: high`: how urgent the requester says that it is. What they said and nobody understands is unknown. */
import type { Condition } from './condition.ts';
import { leaf } from './condition.ts';
import { listOf } from './people.ts';

export function urgencyCondition(value: unknown): Condition {
  const wanted = listOf(value);
  return leaf(`urgency in ${wanted.join(', ')}`, ({ urgency }) =>
    urgency === 'unknown' ? 'unknown' : wanted.includes(urgency),
  );
}
