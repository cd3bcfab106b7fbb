/**
 * Starts the hooks of a policy: a program without a shell, in a process group and an environment of its own, with
 * nothing to read. The whole group is killed when the program has ended, hangs or writes too much.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { signalGroup } from '../../local/end-process-group.ts';
import type { HookResult, HookRunner } from '../../session/outcome/after-hooks.ts';
import type { HookRun } from '../../session/outcome/hook-run.ts';

/** Bytes of output that are kept. */
const KEPT = 4096;
/** Bytes of output after which the program is ended. */
const FLOOD = 1024 * 1024;
/** What a program is given of an environment besides what the hook names: nothing of the daemon's own. */
const ENVIRONMENT = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' };

export class HookPrograms implements HookRunner {
  run({ argv, environment, timeout }: HookRun, signal: AbortSignal): Promise<HookResult> {
    const [program = '', ...words] = argv;
    const env = { ...ENVIRONMENT, ...environment };
    const child = spawn(program, words, { cwd: '/', env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    return new HookProcess(child).watch(timeout, signal);
  }
}

type Why = 'timed-out' | 'flooded' | 'stopped';

/** ms that output may still arrive after the program and its group are gone. */
const LAST_OUTPUT = 1000;

/** One program under way. */
class HookProcess {
  readonly #child: ChildProcess;
  readonly #kept: Uint8Array[] = [];
  #bytes = 0;
  #endedBecause: Why | undefined;

  constructor(child: ChildProcess) {
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes: Uint8Array) => this.#took(bytes));
  }

  /** Resolves when the program and its group are gone and what they wrote was read. */
  watch(timeout: number, signal: AbortSignal): Promise<HookResult> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#end('timed-out'), timeout);
      const stop = (): void => this.#end('stopped');
      signal.addEventListener('abort', stop);
      const done = (kind: HookResult['kind'], code: number | null): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
        const why = this.#endedBecause;
        resolve({
          kind: why ?? kind,
          code: why === undefined ? code : null,
          output: this.#output(),
          bytes: this.#bytes,
        });
      };
      this.#child.once('error', () => done('not-started', null));
      this.#child.once('exit', () => this.#exited());
      this.#child.once('close', (code) => done(code === null ? 'signalled' : 'exited', code));
      if (signal.aborted) stop();
    });
  }

  /** What the program left running goes with it; one that fled its group keeps us no longer than a moment. */
  #exited(): void {
    this.#kill();
    const { stdout, stderr } = this.#child;
    const timer = setTimeout(() => {
      stdout?.destroy();
      stderr?.destroy();
    }, LAST_OUTPUT);
    this.#child.once('close', () => clearTimeout(timer));
  }

  #took(bytes: Uint8Array): void {
    const room = KEPT - Math.min(KEPT, this.#bytes);
    if (room > 0) this.#kept.push(bytes.subarray(0, room));
    this.#bytes += bytes.length;
    if (this.#bytes > FLOOD) this.#end('flooded');
  }

  #end(why: Why): void {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#endedBecause ??= why;
    this.#kill();
  }

  #kill(): void {
    if (this.#child.pid !== undefined) signalGroup(this.#child.pid, 'SIGKILL');
  }

  #output(): string {
    return Buffer.concat(this.#kept).toString();
  }
}
