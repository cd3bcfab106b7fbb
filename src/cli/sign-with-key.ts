/**
 * Signs an approval with a key of the person at the keyboard: `ssh-keygen -Y sign`, started without a shell, with
 * the key that was named or one that their agent holds. It signs approvals and nothing else, whatever it is asked.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HeldlineError } from '../base/heldline-error.ts';
import { isApproval, type SigningRequest } from '../model/signing-request.ts';

/** Characters of a program's answer; an agent with more keys than fit is not looked through. */
const ANSWER_LIMIT = 1024 * 1024;

/**
 * The armoured signature. A passphrase, a PIN or a touch is asked for by the programs themselves, on the terminal.
 * @param keyFile private key, or a public one whose other half is in the agent; undefined: the first key of the
 * agent that will do
 * @throws HeldlineError `sign.foreign`, `sign.no-key`, `sign.program`, `sign.failed`
 */
export async function signWithKey(
  request: SigningRequest,
  keyFile: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  if (!isApproval(request)) {
    throw new HeldlineError('sign.foreign', 'the daemon asked for a signature that is none of an approval');
  }
  if (keyFile !== undefined) return sign(request, keyFile, signal);
  const key = await agentKey(request.keys, signal);
  const directory = await mkdtemp(join(tmpdir(), 'heldline-sign-'));
  try {
    const file = join(directory, 'key.pub');
    await writeFile(file, `${key}\n`, { mode: 0o600 });
    return await sign(request, file, signal);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function sign({ namespace, statement }: SigningRequest, keyFile: string, signal: AbortSignal): Promise<string> {
  const { code, text } = await run('ssh-keygen', ['-Y', 'sign', '-n', namespace, '-f', keyFile], statement, signal);
  if (code === 0 && text !== '') return text;
  throw new HeldlineError('sign.failed', 'ssh-keygen did not sign it; nothing was approved');
}

/** The first key of the agent that is one of `keys`. */
async function agentKey(keys: readonly string[], signal: AbortSignal): Promise<string> {
  const { text } = await run('ssh-add', ['-L'], '', signal);
  const held = text.split('\n').map((line) => line.split(' ').slice(0, 2).join(' '));
  const key = held.find((line) => keys.includes(line));
  if (key !== undefined) return key;
  throw new HeldlineError('sign.no-key', 'your agent holds none of the keys that will do', {
    kind: 'not-allowed',
    hint: 'Name the key: --key-file ~/.ssh/id_ed25519_sk',
  });
}

interface Answer {
  readonly code: number | null;
  readonly text: string;
}

/** Runs a program of OpenSSH; what it has to say goes to the person's standard error. */
function run(program: string, words: readonly string[], input: string, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'], signal });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      if (text.length < ANSWER_LIMIT) text += chunk;
    });
    child.on('error', (cause) => {
      const hint = 'Install the OpenSSH client, or sign elsewhere: see approve --help';
      reject(new HeldlineError('sign.program', `${program} could not be run`, { cause, hint }));
    });
    child.on('close', (code) => resolve({ code, text }));
    // A program that ends before it has read everything says so by its exit code.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
