/**
 * Hands a message to a sendmail-compatible program: by its arguments, without a shell, with the message on its
 * standard input and an environment of its own. The program queues; what it says later is not known here.
 */
import { spawn } from 'node:child_process';
import { mailForm } from '../forms/mail.ts';
import type { Letter } from '../letter.ts';
import type { MailWay } from '../receiver.ts';
import type { Attempt, Carrier } from './attempt.ts';

/** Nothing of the daemon's own. */
const ENVIRONMENT = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' };
/** sysexits.h: EX_DATAERR, EX_NOUSER, EX_NOHOST. */
const REFUSALS: ReadonlySet<number> = new Set([65, 67, 68]);

/** A carrier for one program and its recipients. */
export function mailCarrier(way: MailWay): Carrier {
  return (letter, signal) => hand(way, letter, signal);
}

function hand(way: MailWay, letter: Letter, signal: AbortSignal): Promise<Attempt> {
  const { program, from, to } = way;
  return new Promise((resolve) => {
    const failed = (why: string): void => resolve({ kind: 'failed', why, retryAfter: null });
    const child = spawn(program, ['-i', '-f', from, '--', ...to], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: ENVIRONMENT,
      cwd: '/',
      signal,
      killSignal: 'SIGKILL',
    });
    child.on('error', (failure) => failed(signal.aborted ? 'no end in time' : failure.message));
    child.on('close', (code) => resolve(attemptOf(code)));
    // A program that ends without reading says why by its exit status.
    child.stdin.on('error', () => undefined);
    child.stdin.end(mailForm(letter, way));
  });
}

function attemptOf(code: number | null): Attempt {
  if (code === 0) return { kind: 'delivered' };
  const why = code === null ? 'the program was killed' : `the program ended with ${code}`;
  return code !== null && REFUSALS.has(code) ? { kind: 'refused', why } : { kind: 'failed', why, retryAfter: null };
}
