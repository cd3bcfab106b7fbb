/** An answer that is not what was asked for: a status, a code for scripts and a sentence for people. */

export interface Refusal {
  readonly kind: 'refused';
  readonly status: RefusalStatus;
  /** Stable, e.g. `vote.wrong-code`. */
  readonly code: string;
  /** Safe to show; tells nothing that the visitor may not know. */
  readonly message: string;
  /** Seconds after which it may work. */
  readonly retryAfter?: number;
}

export type RefusalStatus = 400 | 401 | 403 | 404 | 405 | 409 | 410 | 413 | 415 | 422 | 429 | 500 | 503;

/** What an endpoint came to. */
export type Outcome = { readonly kind: 'done'; readonly body: object } | Refusal;

export function refuse(status: RefusalStatus, code: string, message: string): Refusal {
  return { kind: 'refused', status, code, message };
}

/** @param wait ms */
export function refuseForNow(wait: number): Refusal {
  const retryAfter = Math.max(1, Math.ceil(wait / 1000));
  return { ...refuse(429, 'too-many', `too many requests; try again in ${retryAfter} s`), retryAfter };
}

/** The body of a refusal. */
export interface RefusalBody {
  readonly v: 1;
  readonly error: { readonly code: string; readonly message: string };
}

export function refusalBody({ code, message }: Refusal): RefusalBody {
  return { v: 1, error: { code, message } };
}
