/** Runs one verb and turns whatever happens into words and an exit code. */
import { type FailureKind, HeldlineError } from '../base/heldline-error.ts';
import { visible } from '../base/visible.ts';
import { EXIT, type Verb, type VerbContext, type VerbIo } from './verb.ts';

const CODES: Readonly<Record<FailureKind, number>> = {
  failed: EXIT.failed,
  usage: EXIT.usage,
  'not-found': EXIT.notFound,
  'not-allowed': EXIT.notAllowed,
  conflict: EXIT.conflict,
  unreachable: EXIT.unreachable,
  'check-failed': EXIT.checkFailed,
};

/** The exit code of `verb`; a failure is shown first. @throws whatever is not a `HeldlineError`: a bug */
export async function runVerb(verb: Verb, context: VerbContext): Promise<number> {
  try {
    return await verb.run(context);
  } catch (failure) {
    if (context.io.cancelled.aborted) return EXIT.interrupted;
    if (!(failure instanceof HeldlineError)) throw failure;
    showFailure(failure, context.io);
    return exitCodeOf(failure);
  }
}

/** `heldline: what happened` and, indented, what to do. */
export function showFailure(failure: HeldlineError, io: Pick<VerbIo, 'err'>): void {
  io.err(`heldline: ${failure.message}\n`);
  if (failure.hint !== undefined) io.err(`          ${visible(failure.hint)}\n`);
}

export function exitCodeOf(failure: HeldlineError): number {
  return CODES[failure.kind];
}
