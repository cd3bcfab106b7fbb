/** Runs the external checks of a policy: a program without a shell, or an HTTP request. Whatever goes wrong is unknown. */
import { execFile } from 'node:child_process';
import type { CheckDefinition } from '../../policy/compiled-policy.ts';
import type { CheckValue } from '../../policy/conditions/condition.ts';
import type { CheckRunner } from '../../policy/ports.ts';
import { readAnswer } from './read-answer.ts';

/** Bytes of an answer that are read. */
const ANSWER_LIMIT = 64 * 1024;
/** What a program is given of an environment: nothing of the daemon's own. */
const ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8' };

export class CheckPrograms implements CheckRunner {
  async run(check: CheckDefinition, signal: AbortSignal): Promise<CheckValue | undefined> {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(check.timeout)]);
    try {
      const text =
        check.source.kind === 'exec' ? await runProgram(check.source.argv, bounded) : await ask(check.source, bounded);
      return readAnswer(text, check.parse);
    } catch {
      // Unknown, whatever it was: rules that ask for it fail closed.
      return undefined;
    }
  }
}

function runProgram([program = '', ...words]: readonly string[], signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { signal, maxBuffer: ANSWER_LIMIT, env: ENVIRONMENT, cwd: '/', killSignal: 'SIGKILL' } as const;
    execFile(program, words, options, (failure, stdout) => {
      if (failure === null) resolve(stdout);
      else reject(failure);
    });
  });
}

async function ask(source: { readonly url: string; readonly method: string }, signal: AbortSignal): Promise<string> {
  const response = await fetch(source.url, { method: source.method, signal, redirect: 'error' });
  if (!response.ok) throw new TypeError(`status ${response.status}`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > ANSWER_LIMIT) throw new TypeError(`more than ${ANSWER_LIMIT} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
