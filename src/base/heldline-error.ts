/**
 * The one error class of the project. A failure carries a stable `code` for scripts and tests, a sentence
 * for people that says what happened and what to do, and the original error as `cause`. Expected outcomes
 * (a wrong code, an expired request) are values, never errors.
 */

/** How the command line turns a failure into an exit code; see README, "Exit codes". */
export type FailureKind =
  | 'failed'
  | 'usage'
  | 'not-found'
  | 'not-allowed'
  | 'conflict'
  | 'unreachable'
  | 'check-failed';

export interface HeldlineErrorOptions {
  /** The error that led here; kept for the log, never shown to people. */
  readonly cause?: unknown;
  readonly kind?: FailureKind;
  /** What the reader can do about it, one sentence. */
  readonly hint?: string;
}

/** A failure with a stable code, e.g. `store.damaged`, and a message that is safe to show. */
export class HeldlineError extends Error {
  override readonly name: string = 'HeldlineError';
  readonly code: string;
  readonly kind: FailureKind;
  readonly hint: string | undefined;

  constructor(code: string, message: string, options: HeldlineErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.kind = options.kind ?? 'failed';
    this.hint = options.hint;
  }
}

/** The message of anything that was thrown, for logs and `cause` chains. Never throws. */
export function describeFailure(failure: unknown): string {
  if (failure instanceof HeldlineError) return `${failure.code}: ${failure.message}`;
  if (failure instanceof Error) return failure.message;
  return String(failure);
}
