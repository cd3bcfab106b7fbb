/** What the policy says about one submission. */
import type { AfterHook } from './after-hook.ts';
import type { CommandContext, RequestKind } from './command-line.ts';
import type { GrantTerms } from './grant-terms.ts';
import type { Requirement } from './requirement.ts';
import type { Labels } from './target.ts';
import type { SaidUrgency } from './urgency.ts';

export type Effect = 'allow' | 'auto-approve' | 'approve' | 'deny';
export type Severity = 'info' | 'low' | 'medium' | 'high' | 'critical';

/** Who, where and when; with the text, all that a decision depends on besides checks. */
export interface EvaluationContext {
  readonly context: CommandContext;
  readonly user?: { readonly name: string; readonly roles: readonly string[] };
  readonly target?: { readonly name: string; readonly labels: Labels };
  readonly login?: string;
  /** ms since the epoch */
  readonly at: number;
  /** Set when the line itself could not be read; the reason in words. Matches `meta.opaque`. */
  readonly unreadable?: string;
  /** How urgent the requester says that it is; absent: they say nothing, which is normal. */
  readonly urgency?: SaidUrgency;
  /** The person has an open break-glass: what it lifts is lifted. */
  readonly breakGlass?: true;
}

/** One simple command found in the line after unwrapping. */
export interface CommandReport {
  readonly name: string;
  readonly argv: readonly string[];
  /** Wrappers it was reached through, outermost first: `sudo`, `sh -c`. */
  readonly via: readonly string[];
  readonly ids: readonly string[];
}

/** Why: one matched rule with what it matched. */
export interface DecisionReason {
  readonly rule: string;
  readonly effect: Effect;
  readonly ids: readonly string[];
  readonly message?: string;
}

export interface Decision {
  readonly effect: Effect;
  /** Every catalogue and `meta.*` id that matched, whatever the rules make of it. */
  readonly ids: readonly string[];
  readonly opaque: string | null;
  readonly unparsable: boolean;
  readonly incomplete: boolean;
  /** The rule that decided; null when the target's default did. */
  readonly rule: string | null;
  /** Set exactly when `effect` is `approve`. */
  readonly requirement: Requirement | null;
  readonly commands: readonly CommandReport[];
  readonly reasons: readonly DecisionReason[];
  /** Highest severity among `ids`. */
  readonly severity: Severity | null;
  /** One or two sentences for the panel and the approver. */
  readonly why: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly policyHash: string;
  /** What the rules want done after the command; absent when nothing. Only with `approve`. */
  readonly after?: readonly AfterHook[];
  /** What an approval may be remembered for; absent when it may not. Only with `approve`. */
  readonly grant?: GrantTerms;
  /** Present when the line passes by break-glass alone, with the rules that deny it and are lifted. Only with `approve`. */
  readonly breakGlass?: { readonly lifts: readonly string[] };
}

/** A request without text (sftp, forwarding ...) put to the same rules. */
export interface ChannelQuestion {
  readonly request: RequestKind;
  /** The subsystem's name, or `host:port`. */
  readonly detail?: string;
}

/** Conditions of the rules that decided, each with its answer in words. */
export function usedFacts({ facts }: Pick<Decision, 'facts'>): Readonly<Record<string, string>> {
  const used = facts['used'];
  if (typeof used !== 'object' || used === null) return {};
  return Object.fromEntries(Object.entries(used).map(([text, value]) => [text, String(value)]));
}
