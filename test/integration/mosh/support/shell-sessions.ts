/** Stands in for the broker: each session is a bash in a pty, joined to the leg and nothing else. */
import { spawn } from 'node-pty';
import type { SessionOpener } from '../../../../src/mosh/ports.ts';
import type { UserLeg } from '../../../../src/session/ports.ts';
import type { SessionRequest } from '../../../../src/session/session-request.ts';
import { findProgram } from '../../../support/find-program.ts';

export class ShellSessions implements SessionOpener, AsyncDisposable {
  readonly opened: SessionRequest[] = [];
  /** All that the programs wrote, by session. */
  readonly outputs: Buffer[][] = [];
  readonly presences: string[] = [];
  readonly #running = new Set<() => void>();

  async open(request: SessionRequest): Promise<void> {
    this.opened.push(request);
    const output: Buffer[] = [];
    this.outputs.push(output);
    await this.#run(request, output);
  }

  get leg(): UserLeg {
    const last = this.opened.at(-1);
    if (last === undefined) throw new Error('no session was opened');
    return last.leg;
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#running) end();
    return Promise.resolve();
  }

  #run({ leg, request }: SessionRequest, output: Buffer[]): Promise<void> {
    if (request.kind === 'sftp' || request.terminal === null) throw new Error('Mosh always has a terminal');
    const { size, term } = request.terminal;
    const words =
      request.kind === 'exec' ? ['-c', Buffer.from(request.command).toString()] : ['--norc', '--noprofile', '-i'];
    const env = {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      HOME: '/',
      PS1: '$ ',
      TERM: term,
      ...request.environment,
    };
    const pty = spawn(findProgram('bash'), words, { ...size, env, name: term, encoding: null });
    const end = (): void => pty.kill('SIGKILL');
    this.#running.add(end);
    pty.onData((data: string | Buffer) => {
      output.push(Buffer.from(data));
      leg.write(Buffer.from(data));
    });
    leg.attach({
      onInput: (bytes) => pty.write(Buffer.from(bytes)),
      onInputEnd: () => {},
      onResize: ({ cols, rows }) => pty.resize(cols, rows),
      onSignal: () => {},
      onDrain: () => {},
      onPresence: (presence) => this.presences.push(presence),
      onClose: end,
    });
    return new Promise((resolve, reject) => {
      pty.onExit(({ exitCode }) => {
        this.#running.delete(end);
        leg.finish({ kind: 'code', code: exitCode }).then(resolve, reject);
      });
    });
  }
}
