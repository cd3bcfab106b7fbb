/** A gate between a user and a shell, all in memory and on a clock that tests move. */
import { FakeClock } from '../../src/base/fake-clock.ts';
import type { HeldlineError } from '../../src/base/heldline-error.ts';
import type { LogFields, Logger } from '../../src/base/logger.ts';
import type { CommandLine } from '../../src/model/command-line.ts';
import type { Decision } from '../../src/model/decision.ts';
import { type Requirement, SELF_REQUIREMENT } from '../../src/model/requirement.ts';
import type { ChannelGate } from '../../src/session/channel-gate.ts';
import type { Clearance } from '../../src/session/clearance.ts';
import type { GateCollaborators, GateRecorder, GateTracker } from '../../src/session/gate/collaborators.ts';
import { Gate } from '../../src/session/gate/gate.ts';
import { StrictGate } from '../../src/session/gate/strict-gate.ts';
import type { Presence } from '../../src/session/ports.ts';
import { Emulator } from '../../src/terminal/emulator.ts';
import { snapshotOf } from '../../src/terminal/restore.ts';
import { decideAbout, gateParts } from './gate-parts.ts';
import { MemoryApprovals } from './memory-approvals.ts';
import { PaperShell, type PaperShellOptions } from './paper-shell.ts';
import { PaperTracker } from './paper-tracker.ts';

export interface GateBedOptions extends PaperShellOptions {
  readonly cols?: number;
  readonly rows?: number;
  readonly requirement?: Requirement;
  readonly term?: string;
  /** Strict line mode: the bastion has the line editor. */
  readonly strict?: boolean;
  readonly tracker?: (emulator: Emulator, clock: FakeClock, shell: PaperShell) => GateTracker;
  /** In memory unless told. */
  readonly approvals?: (clock: FakeClock, names: readonly string[]) => MemoryApprovals;
}

const SIZE = { cols: 80, rows: 24 };
const POLL = 5;

/** Somebody else of the role has to approve. */
export const SECOND: Requirement = {
  ...SELF_REQUIREMENT,
  names: ['second'],
  stages: [{ who: { kind: 'role', roles: ['sre'] }, count: 1, factors: ['totp'] }],
};

export class GateBed {
  readonly clock: FakeClock = new FakeClock();
  /** The user's terminal. */
  readonly screen: Emulator;
  readonly emulator: Emulator;
  readonly shell: PaperShell;
  readonly approvals: MemoryApprovals;
  /** Everything that the target was sent, with what cleared it. */
  readonly sent: Clearance[] = [];
  /** What the recording holds: output and markers. */
  readonly recorded: string[] = [];
  readonly markers: string[] = [];
  /** The daemon's log: messages with what failed. */
  readonly logged: string[] = [];
  readonly ended: string[] = [];
  readonly judged: string[] = [];
  readonly tracker: GateTracker;
  readonly gate: ChannelGate;
  presence: Presence = 'attached';
  policyHash = 'policy-1';
  requirement: Requirement;
  critical: () => Promise<void> = () => Promise.resolve();
  /** The recording does not work until this becomes null and `recover` is called. */
  failure: HeldlineError | null = null;
  recover: () => void = () => {};
  /** What the policy says; `rm` is held, `mkfs` is denied, the rest is allowed. */
  judge: (text: string, line: CommandLine) => Promise<Decision> = (text) => Promise.resolve(this.decide(text));
  /** Whether a code is good now; it is used up then. */
  burn: (code: string) => Promise<boolean> = (code) => Promise.resolve(this.approvals.burn('alice', code));
  outputPaused = false;

  constructor(options: GateBedOptions = {}) {
    const size = { cols: options.cols ?? SIZE.cols, rows: options.rows ?? SIZE.rows };
    this.screen = new Emulator(size);
    this.emulator = new Emulator(size);
    const names = ['alice', 'bob', 'carol'];
    this.approvals = options.approvals?.(this.clock, names) ?? new MemoryApprovals(this.clock, names);
    this.requirement = options.requirement ?? SELF_REQUIREMENT;
    this.shell = new PaperShell((text) => this.output(text), options);
    this.tracker =
      options.tracker?.(this.emulator, this.clock, this.shell) ??
      new PaperTracker(this.emulator, this.clock, this.shell);
    const parts = this.#parts(options.term ?? 'xterm-256color');
    this.gate = options.strict === true ? new StrictGate(parts, false) : new Gate(parts);
    this.shell.start();
  }

  /** What the target writes. */
  output(text: string): void {
    const bytes = Buffer.from(text);
    this.recorded.push(text);
    this.gate.output(bytes, 'stdout');
  }

  type(text: string): void {
    this.gate.input(Buffer.from(text));
  }

  /** Types and lets everything happen that happens within `ms`. */
  async enter(text: string, ms = 100): Promise<void> {
    this.type(text);
    await this.pass(ms);
  }

  /** Lets time pass and everything happen that waits for it. */
  async pass(ms: number): Promise<void> {
    await settle();
    for (let passed = 0; passed < ms; passed += POLL) {
      this.clock.advance(Math.min(POLL, ms - passed));
      await settle();
    }
  }

  /** Holds `line`: types it and waits for its panel. */
  async hold(line = 'rm -r old'): Promise<void> {
    await this.enter(line);
    await this.enter('\r');
  }

  /** What the user sees, rows joined by newlines, blank rows at the end left out. */
  get seen(): string {
    const rows = snapshotOf(this.screen).rows.map((cells) =>
      cells.map((cell) => cell.chars || (cell.width === 0 ? '' : ' ')),
    );
    return rows
      .map((cells) => cells.join('').trimEnd())
      .join('\n')
      .trimEnd();
  }

  /** Lines that the shell was given. */
  get executed(): readonly string[] {
    return this.shell.executed;
  }

  /** The keys that an approval let through. */
  get released(): Clearance[] {
    return this.sent.filter(({ basis }) => basis.kind === 'granted');
  }

  get events(): string[] {
    return this.approvals.audit.types();
  }

  decide(text: string): Decision {
    return decideAbout(text, this.requirement, this.policyHash);
  }

  #parts(term: string): GateCollaborators {
    return gateParts({
      clock: this.clock,
      emulator: this.emulator,
      tracker: this.tracker,
      approvals: this.approvals,
      recorder: this.#recorder(),
      term,
      judge: (text, line) => {
        this.judged.push(text);
        return this.judge(text, line);
      },
      presence: () => this.presence,
      burnCode: (code) => this.burn(code),
      show: (bytes) => this.screen.write(bytes),
      send: (clearance) => {
        this.sent.push(clearance);
        this.clock.after(1, () => this.shell.receive(clearance.bytes));
      },
      end: (why) => {
        this.ended.push(why);
        this.gate.close(why);
      },
      onOutputPaused: (paused) => {
        this.outputPaused = paused;
      },
      logger: loggerInto(this.logged),
    });
  }

  #recorder(): GateRecorder {
    const bed = this;
    return {
      output: (bytes) => {
        this.recorded.push(Buffer.from(bytes).toString());
      },
      marker: (label) => {
        this.markers.push(label);
      },
      critical: () => this.critical(),
      get failure(): HeldlineError | null {
        return bed.failure;
      },
      onRecovered: (listener) => {
        bed.recover = listener;
        return () => {};
      },
    };
  }
}

/** Keeps what a daemon would log as `message: failure`. */
export function loggerInto(lines: string[]): Logger {
  const log = (message: string, fields?: LogFields): void => {
    lines.push([message, fields?.['failure']].filter((part) => part !== undefined).join(': '));
  };
  return { debug: log, info: log, warn: log, error: log };
}

/** Lets everything run that only waits for other promises. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
