/** Who may reach which target, as the policy files say it. Nothing matches = no access. */
import type { Requirement } from './requirement.ts';
import type { Selector } from './selector.ts';

export interface AccessRule {
  readonly who: Selector;
  readonly targets: Selector;
  /** Accounts that may be asked for; null means the target's own list. */
  readonly logins: readonly string[] | null;
  /** Set when access must be asked for and is given for a time; null when it is given outright. */
  readonly request: {
    readonly approval: Requirement;
    /** ms; null when the rule sets no limit of its own. */
    readonly longest: number | null;
  } | null;
  /** Where it stands, `file:line`, for logs and explanations. */
  readonly origin: string;
}
