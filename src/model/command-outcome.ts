/**
 * How a released command ended, as far as that is known. A status is what the target reports and nothing more:
 * whoever controls the target can report what they like, so nothing is ever permitted because of it.
 */
export type CommandOutcome =
  | { readonly kind: 'code'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: string }
  /** The session ended before the command did; it may still be running. */
  | { readonly kind: 'disconnect' }
  /** It ended, or never began, and nobody said how. */
  | { readonly kind: 'unknown' };

/** In words: `exit code 1`, `signal TERM`, `disconnect`, `unknown`. */
export function outcomeInWords(outcome: CommandOutcome): string {
  switch (outcome.kind) {
    case 'code':
      return `exit code ${outcome.code}`;
    case 'signal':
      return `signal ${outcome.signal}`;
    case 'disconnect':
    case 'unknown':
      return outcome.kind;
  }
}
