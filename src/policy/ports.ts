/** What the policy needs from outside: somebody who runs external checks. */
import type { CheckDefinition } from './compiled-policy.ts';
import type { CheckValue } from './conditions/condition.ts';

export interface CheckRunner {
  /**
   * Runs one check now. Undefined when it failed, ran out of time or answered nothing usable: then it is
   * unknown. Must not reject; must end within the check's timeout or when `signal` is aborted.
   */
  run(check: CheckDefinition, signal: AbortSignal): Promise<CheckValue | undefined>;
}
