/** Who may reach what: one entry of the policy's `access` section. Nothing matches = no access. */
import type { Requirement } from './requirement.ts';
import type { Selector } from './selector.ts';

export interface AccessRule {
  readonly who: Selector;
  readonly targets: Selector;
  /** null: the target's own. */
  readonly logins: readonly string[] | null;
  /** Set when access must be asked for first; then the rule alone gives none. */
  readonly request: AccessRequestRule | null;
}

export interface AccessRequestRule {
  readonly approval: Requirement;
  /** ms */
  readonly longest: number;
}
