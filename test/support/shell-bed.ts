/** A gate in front of a real program in a pty, read by the real line tracker. */
import { type IPty, spawn } from 'node-pty';
import { systemClock } from '../../src/base/clock.ts';
import type { CommandLine } from '../../src/model/command-line.ts';
import type { Decision } from '../../src/model/decision.ts';
import { type Requirement, SELF_REQUIREMENT } from '../../src/model/requirement.ts';
import type { ChannelGate } from '../../src/session/channel-gate.ts';
import type { Clearance } from '../../src/session/clearance.ts';
import { Gate } from '../../src/session/gate/gate.ts';
import { StrictGate } from '../../src/session/gate/strict-gate.ts';
import { Emulator } from '../../src/terminal/emulator.ts';
import { LineTracker } from '../../src/terminal/line-tracker.ts';
import { snapshotOf } from '../../src/terminal/restore.ts';
import { findProgram } from './find-program.ts';
import { decideAbout, gateParts } from './gate-parts.ts';
import { MemoryApprovals } from './memory-approvals.ts';
import { waitUntil } from './wait-until.ts';

export interface ShellBedOptions {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly requirement?: Requirement;
  /** Strict line mode: the bastion has the line editor. */
  readonly strict?: boolean;
  /** The posture holds what cannot be read with certainty; without it such a line is judged by its text alone. */
  readonly holdOpaque?: boolean;
}

const SIZE = { cols: 80, rows: 24 };
/** How long the user waits to see something, ms. */
const PATIENCE = 8000;

export class ShellBed implements AsyncDisposable {
  readonly approvals: MemoryApprovals = new MemoryApprovals(systemClock, ['alice', 'bob']);
  readonly sent: Clearance[] = [];
  readonly recorded: Buffer[] = [];
  readonly markers: string[] = [];
  readonly ended: string[] = [];
  readonly gate: ChannelGate;
  /** The user's terminal; `emulator` is the bastion's. */
  readonly screen: Emulator = new Emulator(SIZE);
  readonly emulator: Emulator = new Emulator(SIZE);
  readonly #pty: IPty;
  readonly #requirement: Requirement;
  readonly #holdOpaque: boolean;
  /** Resolves when the program has ended. */
  readonly gone: Promise<void>;

  constructor(options: ShellBedOptions) {
    const [program, ...words] = options.argv;
    this.#requirement = options.requirement ?? SELF_REQUIREMENT;
    this.#holdOpaque = options.holdOpaque ?? false;
    const env = {
      LANG: 'C.UTF-8',
      TERM: 'xterm-256color',
      HOME: options.cwd,
      PATH: '/usr/bin:/bin',
      ...options.environment,
    };
    this.#pty = spawn(findProgram(program), words, { ...SIZE, cwd: options.cwd, env, encoding: null });
    this.gone = new Promise((resolve) => this.#pty.onExit(() => resolve()));
    // What stood on the user's terminal before the session: its rows are not those of the bastion's emulator.
    this.screen.write(Buffer.from('before\r\n'.repeat(10)));
    this.gate = this.#makeGate(options.strict ?? false);
    this.#pty.onData((data) => {
      const bytes = Buffer.from(data);
      this.recorded.push(bytes);
      this.gate.output(bytes, 'stdout');
    });
  }

  type(keys: string): void {
    this.gate.input(Buffer.from(keys));
  }

  resize(cols: number, rows: number): void {
    this.screen.resize(cols, rows);
    this.gate.resize({ cols, rows });
    this.#pty.resize(cols, rows);
  }

  /** Waits until the user sees `wanted`. */
  async see(wanted: string | RegExp): Promise<string> {
    const found = (): boolean => (typeof wanted === 'string' ? this.seen.includes(wanted) : wanted.test(this.seen));
    await waitUntil(`${String(wanted)} in:\n${this.seen}`, found, PATIENCE).catch((failure: unknown) => {
      throw new Error(`not seen within ${PATIENCE} ms: ${String(wanted)} in:\n${this.seen}`, { cause: failure });
    });
    return this.seen;
  }

  /** What the user sees of the session, without empty rows at the end. */
  get seen(): string {
    return textOf(this.screen).replace(/^(?:before\n)*/, '');
  }

  /** What the bastion believes that the user sees. */
  get believed(): string {
    return textOf(this.emulator);
  }

  /** What somebody sees who replays the recording. */
  get replayed(): string {
    const emulator = new Emulator({ cols: this.emulator.cols, rows: this.emulator.rows });
    for (const bytes of this.recorded) emulator.write(bytes);
    return textOf(emulator);
  }

  get released(): Clearance[] {
    return this.sent.filter(({ basis }) => basis.kind === 'granted');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.gate.close('the test is over');
    this.#pty.kill('SIGKILL');
    await this.gone;
  }

  #decide(text: string, { confidence }: CommandLine): Decision {
    const decision = decideAbout(text, this.#requirement, 'policy-1');
    if (decision.effect !== 'allow' || confidence !== 'opaque' || !this.#holdOpaque) return decision;
    return { ...decision, effect: 'approve', requirement: this.#requirement };
  }

  #makeGate(strict: boolean): ChannelGate {
    const { emulator, approvals } = this;
    const parts = gateParts({
      clock: systemClock,
      emulator,
      tracker: new LineTracker({ emulator, clock: systemClock, roundTrip: () => 0 }),
      approvals,
      recorder: {
        output: (bytes) => {
          this.recorded.push(Buffer.from(bytes));
        },
        marker: (label) => {
          this.markers.push(label);
        },
        critical: () => Promise.resolve(),
        failure: null,
        onRecovered: () => () => {},
      },
      term: 'xterm-256color',
      judge: (text, line) => Promise.resolve(this.#decide(text.trim(), line)),
      presence: () => 'attached',
      burnCode: (code) => Promise.resolve(approvals.burn('alice', code)),
      show: (bytes) => this.screen.write(bytes),
      send: (clearance) => {
        this.sent.push(clearance);
        this.#pty.write(Buffer.from(clearance.bytes));
      },
      end: (why) => {
        this.ended.push(why);
      },
      onOutputPaused: (paused) => (paused ? this.#pty.pause() : this.#pty.resume()),
    });
    return strict ? new StrictGate(parts, false) : new Gate(parts);
  }
}

function textOf(emulator: Emulator): string {
  const rows = snapshotOf(emulator).rows.map((cells) =>
    cells
      .map((cell) => (cell.width === 0 ? '' : cell.chars || ' '))
      .join('')
      .trimEnd(),
  );
  return rows.join('\n').trimEnd();
}
