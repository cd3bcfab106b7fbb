/** How fast bytes go through OpenSSH's own programs: MB/s from the first byte to the last, and ms to the first. */
import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { findProgram } from '../support/find-program.ts';
import type { SshClient } from '../support/ssh-client.ts';

const MEGABYTE = 1e6;
const DEADLINE = 120_000;

type Input = 'nothing' | 'open' | { readonly file: string } | { readonly text: string };

interface Run {
  readonly program: 'ssh' | 'sftp';
  readonly words: readonly string[];
  readonly input: Input;
  /** Where `begin` and `end` are looked for. */
  readonly stream: 'stdout' | 'stderr';
  /** The clock starts with the first output that has this. */
  readonly begin?: string;
  /** The clock stops with it; without it, when all output was read. */
  readonly end?: string;
}

interface Times {
  /** ms from the start of the program to the first output. */
  readonly first: number;
  /** ms from `begin` to `end`. */
  readonly took: number;
  /** Bytes of `stream`. */
  readonly bytes: number;
}

/** ms until the output of `echo` is there, connection included. */
export async function timeToConnect(client: SshClient): Promise<number> {
  const { first } = await time(client, ssh([], 'echo here'));
  return first;
}

/** MB/s of a command's output. */
export async function downRate(client: SshClient, bytes: number): Promise<number> {
  const { took } = await time(client, { ...ssh([], `echo go >&2; head -c ${bytes} /dev/zero`), ...GO });
  return rate(bytes, took);
}

/** MB/s into a command. */
export async function upRate(client: SshClient, file: string, bytes: number): Promise<number> {
  const { took } = await time(client, { ...ssh([], 'echo go >&2; cat > /dev/null'), ...GO, input: { file } });
  return rate(bytes, took);
}

/** MB/s of output that goes through a terminal. */
export async function terminalRate(client: SshClient, file: string): Promise<number> {
  const { took, bytes } = await time(client, { ...ssh(['-tt'], `cat ${file}`), input: 'open' });
  return rate(bytes, took);
}

export async function sftpRate(
  client: SshClient,
  verb: 'get' | 'put',
  file: string,
  target: string,
  bytes: number,
): Promise<number> {
  const { took } = await time(client, {
    program: 'sftp',
    words: ['-F', client.configFile, '-b', '-', 'server'],
    input: { text: `${verb} ${file} ${target}\npwd\n` },
    stream: 'stdout',
    begin: `sftp> ${verb}`,
    end: 'Remote working directory',
  });
  return rate(bytes, took);
}

const GO = { stream: 'stderr', begin: 'go' } as const;

function ssh(flags: readonly string[], command: string): Omit<Run, 'words'> & { readonly words: readonly string[] } {
  return { program: 'ssh', words: [...flags, 'server', command], input: 'nothing', stream: 'stdout' };
}

function rate(bytes: number, ms: number): number {
  return bytes / MEGABYTE / (ms / 1000);
}

async function time(client: SshClient, run: Run): Promise<Times> {
  const words = run.program === 'ssh' ? ['-F', client.configFile, ...run.words] : [...run.words];
  const input = typeof run.input === 'object' && 'file' in run.input ? await open(run.input.file) : null;
  try {
    return await watch(run, words, input?.fd);
  } finally {
    await input?.close();
  }
}

async function watch(run: Run, words: readonly string[], file: number | undefined): Promise<Times> {
  const stdin = file ?? (run.input === 'nothing' ? 'ignore' : 'pipe');
  const started = performance.now();
  const child = spawn(findProgram(run.program), words, {
    stdio: [stdin, run.stream === 'stdout' ? 'pipe' : 'ignore', run.stream === 'stderr' ? 'pipe' : 'inherit'],
    timeout: DEADLINE,
  });
  if (typeof run.input === 'object' && 'text' in run.input) child.stdin?.end(run.input.text);
  let first = Number.NaN;
  let begun = Number.NaN;
  let ended = Number.NaN;
  let bytes = 0;
  child[run.stream]?.on('data', (chunk: Buffer) => {
    const now = performance.now();
    bytes += chunk.length;
    if (Number.isNaN(first)) first = now;
    if (Number.isNaN(begun) && (run.begin === undefined || chunk.includes(run.begin))) begun = now;
    if (run.end !== undefined && chunk.includes(run.end)) ended = now;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (run.end === undefined) ended = performance.now();
  const times = { first: first - started, took: ended - begun, bytes };
  if (code !== 0 || !Object.values(times).every(Number.isFinite)) {
    throw new Error(`${run.program} ${words.join(' ')}: exit ${code}, ${JSON.stringify(times)}`);
  }
  return times;
}
