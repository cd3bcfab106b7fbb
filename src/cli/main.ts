/**
 * The command line: parses, runs, and turns every outcome into words on standard error and an exit code.
 * Never shows a stack trace for what a person can cause.
 */
import { describeFailure, HeldlineError } from '../base/heldline-error.ts';
import { exitCodeOf, showFailure } from '../console/run-verb.ts';
import { EXIT } from '../console/verb.ts';
import { OwnTerminal } from './own-terminal.ts';
import { buildProgram, usageOutcome } from './program.ts';

/** Runs one call of the program. Resolves to its exit code. @param argv words after the program's name */
export async function main(argv: readonly string[]): Promise<number> {
  const terminal = new OwnTerminal();
  let code: number = EXIT.done;
  try {
    const program = await buildProgram(argv, terminal, (outcome) => {
      code = outcome;
    });
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (failure) {
    return failed(failure, terminal);
  } finally {
    terminal.close();
  }
}

function failed(failure: unknown, terminal: OwnTerminal): number {
  const usage = usageOutcome(failure);
  if (usage !== undefined) return usage;
  if (failure instanceof HeldlineError) {
    showFailure(failure, terminal);
    return exitCodeOf(failure);
  }
  terminal.err(`heldline: this is a bug in heldline: ${describeFailure(failure)}\n`);
  if (failure instanceof Error && process.env['HELDLINE_LOG_LEVEL'] === 'debug')
    terminal.err(`${failure.stack ?? ''}\n`);
  return EXIT.failed;
}
