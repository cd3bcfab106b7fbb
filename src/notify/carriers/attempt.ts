/** What became of one attempt to deliver. A carrier never throws: whatever fails is one of these. */
import type { Letter } from '../letter.ts';

export type Attempt =
  | { readonly kind: 'delivered' }
  /** Worth another try. */
  | { readonly kind: 'failed'; readonly why: string; readonly retryAfter: number | null }
  /** The receiver does not want this one, now or later. */
  | { readonly kind: 'refused'; readonly why: string };

/** One way to one receiver. @param signal ends the attempt: it is `failed` then */
export type Carrier = (letter: Letter, signal: AbortSignal) => Promise<Attempt>;
