/** What became of a one-time code; identity checks it, approval asks. */

/** What became of a code. Everything but `accepted` refuses. */
export type CodeOutcome =
  | { readonly kind: 'accepted'; readonly step: number }
  | {
      readonly kind: 'wrong';
      /** Seconds by which the code's clock seems to be ahead (negative: behind), when that can be told. */
      readonly clockOffset?: number;
      /** No code is looked at before this moment, ms since the epoch. */
      readonly pausedUntil?: number;
      readonly locked?: boolean;
    }
  /** Right, but used up; the next one is there in `waitMs`. Not counted as a wrong one. */
  | { readonly kind: 'replayed'; readonly waitMs: number }
  | { readonly kind: 'paused'; readonly until: number }
  | { readonly kind: 'locked' }
  | { readonly kind: 'not-enrolled' }
  /** The wall clock is behind a code that was accepted already: nothing can be accepted, raise an alarm. */
  | { readonly kind: 'clock-went-back' };
