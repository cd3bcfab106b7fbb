/** A running `heldline demo --json` of the built program, with the phones of its two people. */
import { existsSync } from 'node:fs';
import { heldline } from './bastion.ts';
import { Phone } from './phone.ts';
import { type ProgramResult, type RunOptions, runProgram } from './run-program.ts';
import { RunningProgram } from './running-program.ts';
import { ScreenTerminal } from './screen-terminal.ts';

export interface DemoReady {
  readonly v: number;
  readonly ready: boolean;
  readonly host: string;
  readonly port: number;
  readonly ssh_config: string;
  readonly target: string;
  readonly users: readonly { readonly name: string; readonly otpauth: string }[];
  readonly data: string;
}

export class Demo implements AsyncDisposable {
  readonly program: RunningProgram;
  readonly ready: DemoReady;
  readonly alice: Phone;
  readonly bob: Phone;

  private constructor(program: RunningProgram, ready: DemoReady) {
    this.program = program;
    this.ready = ready;
    const phoneOf = (name: string): Phone => new Phone(ready.users.find((user) => user.name === name)?.otpauth ?? '');
    this.alice = phoneOf('alice');
    this.bob = phoneOf('bob');
  }

  static async start(flags: readonly string[] = []): Promise<Demo> {
    const program = await RunningProgram.start(process.execPath, [heldline, 'demo', '--json', '--no-input', ...flags]);
    const [line] = await program.waitFor(/^.*\n/, 'stdout', 30_000);
    const ready: DemoReady = JSON.parse(line);
    return new Demo(program, ready);
  }

  get dataExists(): boolean {
    return existsSync(this.ready.data);
  }

  /** `ssh -F CONFIG WORDS` without a terminal. */
  ssh(words: readonly string[], options?: RunOptions): Promise<ProgramResult> {
    return runProgram('ssh', ['-F', this.ready.ssh_config, '-o', 'LogLevel=ERROR', ...words], options);
  }

  /** alice's shell in a window, at its first prompt. */
  async shell(): Promise<ScreenTerminal> {
    const terminal = ScreenTerminal.start('ssh', ['-F', this.ready.ssh_config, this.ready.target]);
    await terminal.waitFor(/\$ $/m);
    return terminal;
  }

  /** Runs the command line on the demo's data. */
  cli(words: readonly string[], options?: RunOptions): Promise<ProgramResult> {
    return runProgram(process.execPath, [heldline, '-c', `${this.ready.data}/heldline.yaml`, ...words], options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program.stop('SIGTERM', 15_000);
  }
}
