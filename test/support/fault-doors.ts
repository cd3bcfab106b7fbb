/** The three kinds of channel on which a command is held, made alike so that the same fault can be put into each. */
import type { FakeClock } from '../../src/base/fake-clock.ts';
import { HeldlineError } from '../../src/base/heldline-error.ts';
import type { Decision } from '../../src/model/decision.ts';
import type { Presence } from '../../src/session/ports.ts';
import { LineTracker } from '../../src/terminal/line-tracker.ts';
import { ExecBed } from './exec-bed.ts';
import { GateBed } from './gate-bed.ts';
import { CODE, type MemoryApprovals } from './memory-approvals.ts';

/** Long enough for every deadline on the way, ms. */
const ALL_DEADLINES = 30_000;
const COMMAND = 'rm -r old';

/** A held command whose surroundings can be made to fail. */
export interface FaultDoor {
  readonly name: string;
  readonly clock: FakeClock;
  readonly approvals: MemoryApprovals;
  presence: Presence;
  /** Puts a fault in the place of the policy. */
  failPolicy(fault: () => Promise<Decision>): void;
  critical: () => Promise<void>;
  /** Submits the command, which needs the user's own code, and lets all deadlines of holding it pass. */
  hold(): Promise<void>;
  /** Gives the right code and lets all deadlines of the release pass. */
  approve(): Promise<void>;
  pass(ms: number): Promise<void>;
  /** What the channel does when its recorder tells of a failure, and when it works again. */
  recordingFails(): void;
  recordingWorks(): void;
  /** The user's connection ends. */
  leave(): void;
  /** Called before the line is read off the screen, where there is one. */
  beforeReading(fault: () => Promise<void>): void;
  /** Whether the command waits for approval now. */
  readonly holding: boolean;
  readonly ran: readonly string[];
  /** What the user was told last. */
  readonly told: string;
  /** What the daemon logged. */
  readonly logged: readonly string[];
}

/** A shell in a terminal. */
export class TerminalDoor extends GateBed implements FaultDoor {
  readonly name: string;

  private constructor(strict: boolean) {
    super({
      strict,
      tracker: (emulator, clock) => new LineTracker({ emulator, clock, roundTrip: () => 1 }),
    });
    this.name = strict ? 'strict line mode' : 'terminal';
  }

  /** With its first prompt, which has stood there long enough to be believed. */
  static async open(strict: boolean): Promise<TerminalDoor> {
    const door = new TerminalDoor(strict);
    await door.pass(400);
    return door;
  }

  override async hold(): Promise<void> {
    await this.enter(COMMAND, 300);
    await this.enter('\r', 700);
    if (!this.seen.includes('HELD')) await this.pass(ALL_DEADLINES);
  }

  async approve(): Promise<void> {
    await this.enter(`${CODE}\r`, ALL_DEADLINES);
  }

  failPolicy(fault: () => Promise<Decision>): void {
    this.judge = fault;
  }

  /** Whether the command waits for approval now. */
  get holding(): boolean {
    return this.seen.includes('HELD');
  }

  recordingFails(): void {
    this.failure = new HeldlineError('recording.failed', 'no space left on device');
    this.critical = () => Promise.reject(this.failure);
    this.gate.drop('the recording failed');
  }

  recordingWorks(): void {
    this.failure = null;
    this.recover();
  }

  leave(): void {
    this.gate.close('the connection ended');
  }

  beforeReading(fault: () => Promise<void>): void {
    const { tracker } = this;
    const resolve = tracker.resolve.bind(tracker);
    tracker.resolve = async (submit, signal) => {
      await fault();
      return resolve(submit, signal);
    };
  }

  get ran(): readonly string[] {
    return [...this.executed.filter((line) => line !== ''), ...this.released.map(() => 'a release')];
  }

  /** The last line of ours on the screen; else what the panel says. */
  get told(): string {
    const text = this.seen.replaceAll(/\n {10}/g, ' ');
    const [verdict] = text
      .split('\n')
      .filter((row) => row.startsWith('heldline:'))
      .slice(-1);
    return verdict ?? panelWords(this.seen);
  }
}

/** The note of a panel, or that there is one. */
function panelWords(screen: string): string {
  const rows = screen.split('\n').filter((row) => row.startsWith('|'));
  const words = rows.map((row) => row.replaceAll(/^\||\|$/g, '').trim());
  const note = words.findLast((row) => /^[A-Z].*[.]$/.test(row) && !row.startsWith('Deletes'));
  return note ?? (screen.includes('HELD') ? 'still HELD' : '');
}

/** A command without a terminal. */
export class ExecDoor extends ExecBed implements FaultDoor {
  readonly name = 'exec';

  override async hold(): Promise<void> {
    await super.hold();
    if (this.said.length === 0) await this.pass(ALL_DEADLINES);
  }

  override async approve(): Promise<void> {
    await super.approve();
    await this.pass(ALL_DEADLINES);
  }

  failPolicy(fault: () => Promise<Decision>): void {
    this.judge = fault;
  }

  get holding(): boolean {
    return this.outcome === null && this.said.length > 0;
  }

  recordingFails(): void {
    this.critical = () => Promise.reject(new HeldlineError('recording.failed', 'no space left on device'));
    this.drop('the recording failed');
  }

  recordingWorks(): void {
    // Nothing waits for it: a refused command is over.
  }

  beforeReading(): void {
    // The command came whole: there is no line to read.
  }

  get ran(): readonly string[] {
    return this.executed;
  }

  get told(): string {
    const [last = ''] = this.said.join('').trimEnd().split('\n').slice(-1);
    return last;
  }
}
