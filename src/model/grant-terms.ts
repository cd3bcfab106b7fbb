/**
 * What an approval may carry besides the one command: which later commands of the same person, on the same target and
 * under the same policy, pass without asking again. Made by the policy, part of the statement that is approved.
 */

/**
 * `command`: exactly the same text. `pattern`: the same words, but for those that stand for the rule's own globs.
 * `session`: whatever the same rules hold, in the same session.
 */
export type GrantScope = 'command' | 'pattern' | 'session';

/** One word of a pattern. */
export type PatternWord =
  | { readonly kind: 'literal'; readonly text: string }
  /** An operand that the rule names by this path glob. */
  | { readonly kind: 'glob'; readonly text: string };

export type GrantTerms = {
  readonly scope: GrantScope;
  /** The approve rules that hold the line, in alphabetical order: exactly these, no more and no fewer. */
  readonly rules: readonly string[];
  /** null unless the scope is `pattern`. */
  readonly words: readonly PatternWord[] | null;
  /** Only in the session of the approved command, whatever the scope. */
  readonly inSession: boolean;
  readonly minutes: number;
  /** How many commands may pass in all. */
  readonly uses: number;
  /** How many commands of the line are held: what one pass of it takes. */
  readonly cost: number;
};

const MINUTE = 60_000;

/** ms that a grant of these terms lasts. */
export function grantDuration(terms: GrantTerms): number {
  return terms.minutes * MINUTE;
}

/** `systemctl restart nginx*`: what else passes, as it is shown to whoever approves. @param command that was approved */
export function coverInWords({ scope, words, rules, inSession }: GrantTerms, command: string): string {
  const where = inSession ? ' in this session' : '';
  switch (scope) {
    case 'command':
      return `exactly "${command}"${where}`;
    case 'pattern':
      return `"${(words ?? []).map((word) => word.text).join(' ')}"${where}`;
    case 'session':
      return `whatever the rules ${rules.join(', ')} hold in this session`;
  }
}

/** `exactly "rm -r old" for 15 min, at most 5 times` */
export function termsInWords(terms: GrantTerms, command: string): string {
  const times = terms.uses === 1 ? 'once' : `at most ${terms.uses} times`;
  return `${coverInWords(terms, command)} for ${terms.minutes} min, ${times}`;
}
