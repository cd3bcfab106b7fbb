/** What a rule wants done after a command that it held has ended in a certain way. */

/** How the command ended: with code 0, with another code or a signal, not seen to the end, or nobody knows. */
export type AfterTrigger = 'zero' | 'nonzero' | 'disconnect' | 'unknown';

export interface AfterHook {
  /** The hook's name in the policy. */
  readonly name: string;
  readonly rule: string;
  readonly on: readonly AfterTrigger[];
  /** A program of the bastion with its words, `{placeholders}` still in them; never given to a shell. */
  readonly run: readonly string[];
  /** Names of the variables that it gets, see `HOOK_FACTS`. */
  readonly environment: readonly string[];
  /** ms */
  readonly timeout: number;
  /** The people whom the rule asks have to approve the hook too. */
  readonly needsApproval: boolean;
}

/** What a hook may be told: `{target}` in a word, `TARGET` in `env`. Never the command's text. */
export const HOOK_FACTS = ['target', 'login', 'user', 'request_id', 'session', 'rule', 'status'] as const;

export type HookFacts = Readonly<Record<(typeof HOOK_FACTS)[number], string>>;
