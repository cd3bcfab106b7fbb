/** The two servers that are compared, behind one face: invitations, processor time, private memory. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Invitation } from '../../integration/mosh/support/mosh-stack.ts';
import { findProgram } from '../../support/find-program.ts';
import { freePort } from '../../support/free-port.ts';

export interface MoshSubject extends AsyncDisposable {
  readonly name: string;
  invite(): Promise<Invitation>;
  /** Processor time used so far by the servers, ms. */
  processorTime(): Promise<number>;
  /** Private memory of the servers, KiB; without garbage that waits to be collected. */
  privateMemory(): Promise<number>;
}

const CONNECT = /MOSH CONNECT (\d+) (\S{22})/;
const TICK = 10;

/** Our server in one process for all sessions. */
export class NativeMosh implements MoshSubject {
  readonly name = 'native';
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: Interface;

  constructor() {
    const script = fileURLToPath(new URL('./native-mosh.ts', import.meta.url));
    this.#process = spawn(process.execPath, ['--expose-gc', '--import', 'tsx', script], { stdio: 'pipe' });
    this.#process.stderr.resume();
    this.#lines = createInterface({ input: this.#process.stdout });
  }

  async invite(): Promise<Invitation> {
    return invitationIn(await this.#ask(''));
  }

  processorTime(): Promise<number> {
    return processorTimeOf(this.#pid);
  }

  async privateMemory(): Promise<number> {
    await this.#ask('collect');
    return privateMemoryOf(this.#pid);
  }

  async #ask(line: string): Promise<string> {
    const answer = once(this.#lines, 'line');
    this.#process.stdin.write(`${line}\n`);
    return String((await answer)[0]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.stdin.end();
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), 3000);
    await ended;
    clearTimeout(timer);
  }

  get #pid(): number {
    return this.#process.pid ?? 0;
  }
}

/** Debian's `mosh-server`: one process for each session. */
export class RealMosh implements MoshSubject {
  readonly name = 'mosh-server';
  readonly #pids: number[] = [];

  async invite(): Promise<Invitation> {
    const port = await freePort();
    const words = [
      'new',
      '-i',
      '127.0.0.1',
      '-p',
      String(port),
      '-c',
      '256',
      '--',
      'bash',
      '--norc',
      '--noprofile',
      '-i',
    ];
    const env = {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      HOME: '/',
      PS1: '$ ',
      LC_ALL: 'C.UTF-8',
      TERM: 'xterm-256color',
    };
    const started = spawn(findProgram('mosh-server'), words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    started.stdout.on('data', (data: Buffer) => {
      output += data.toString();
    });
    started.stderr.on('data', (data: Buffer) => {
      output += data.toString();
    });
    await once(started, 'exit');
    const pid = /pid = (\d+)/.exec(output)?.[1];
    if (pid === undefined) throw new Error(`mosh-server did not detach: ${output}`);
    this.#pids.push(Number(pid));
    return invitationIn(output);
  }

  async processorTime(): Promise<number> {
    const times = await Promise.all(this.#pids.map(processorTimeOf));
    return times.reduce((sum, time) => sum + time, 0);
  }

  async privateMemory(): Promise<number> {
    const sizes = await Promise.all(this.#pids.map(privateMemoryOf));
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const pid of this.#pids) {
      try {
        process.kill(pid, 'SIGTERM');
      } catch {
        // It has ended with its session.
      }
    }
    return Promise.resolve();
  }
}

function invitationIn(text: string): Invitation {
  const [, port, key] = CONNECT.exec(text) ?? [];
  if (port === undefined || key === undefined) throw new Error(`no invitation: ${text}`);
  return { port: Number(port), key };
}

/** utime and stime of /proc/PID/stat, in ticks of 10 ms; 0 for a process that is gone. */
async function processorTimeOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK;
}

async function privateMemoryOf(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return [...rollup.matchAll(/^Private_\w+:\s+(\d+) kB/gm)].reduce((sum, [, size]) => sum + Number(size), 0);
}
