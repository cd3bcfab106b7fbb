/** Runs a program to its end and hands over all that it said. */
import { RunningProgram, type StartOptions } from './running-program.ts';

export interface RunOptions extends StartOptions {
  /** What the program reads; it reads the end of the file at once without it. */
  readonly input?: string | Uint8Array;
  /** ms until it is killed, which fails the run; 15 s without it. */
  readonly deadline?: number;
}

export interface ProgramResult {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** `stdout` as UTF-8. */
  readonly text: string;
  /** `stderr` as UTF-8. */
  readonly errorText: string;
}

/**
 * Runs `program`; any exit code is a result.
 * @throws Error when the program is missing, or with its output when the deadline has passed
 */
export async function runProgram(
  program: string,
  words: readonly string[],
  options: RunOptions = {},
): Promise<ProgramResult> {
  const deadline = options.deadline ?? 15_000;
  await using running = await RunningProgram.start(program, words, options);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    running.signal('SIGKILL');
  }, deadline);
  try {
    if (options.input !== undefined) await running.write(options.input);
    running.endInput();
    const end = await running.ended;
    const { stdout, stderr } = running;
    const result = { ...end, stdout, stderr, text: stdout.toString(), errorText: stderr.toString() };
    if (late)
      throw new Error(`${program} ${words.join(' ')}: not done in ${deadline} ms\n${result.text}${result.errorText}`);
    return result;
  } finally {
    clearTimeout(timer);
  }
}

/** As `runProgram`, for programs that must succeed. @throws Error with stderr when the exit code is not 0 */
export async function runOrFail(
  program: string,
  words: readonly string[],
  options: RunOptions = {},
): Promise<ProgramResult> {
  const result = await runProgram(program, words, options);
  if (result.code === 0) return result;
  throw new Error(
    `${program} ${words.join(' ')}: exit ${result.code ?? result.signal}\n${result.text}${result.errorText}`,
  );
}
