/** A gate between a user and a shell, all in memory and on a clock that tests move. */
import { FakeClock } from '../../src/base/fake-clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import type { CommandLine } from '../../src/model/command-line.ts';
import type { Decision } from '../../src/model/decision.ts';
import type { SessionId } from '../../src/model/names.ts';
import { type Requirement, SELF_REQUIREMENT } from '../../src/model/requirement.ts';
import type { LocalTarget } from '../../src/model/target.ts';
import type { Clearance } from '../../src/session/clearance.ts';
import { FlowValve } from '../../src/session/flow-valve.ts';
import type { GateCollaborators, GateTracker } from '../../src/session/gate/collaborators.ts';
import { Gate } from '../../src/session/gate/gate.ts';
import type { Presence, TargetLeg, UserLeg } from '../../src/session/ports.ts';
import { Access } from '../../src/target/access.ts';
import { Emulator } from '../../src/terminal/emulator.ts';
import { KeyTokenizer } from '../../src/terminal/keys.ts';
import type { LineCandidate } from '../../src/terminal/line-reading.ts';
import { snapshotOf } from '../../src/terminal/restore.ts';
import { MemoryApprovals, principalNamed } from './memory-approvals.ts';
import { PaperShell, type PaperShellOptions } from './paper-shell.ts';
import { PaperTracker } from './paper-tracker.ts';

export interface GateBedOptions extends PaperShellOptions {
  readonly cols?: number;
  readonly rows?: number;
  readonly requirement?: Requirement;
  readonly term?: string;
  readonly tracker?: (emulator: Emulator, clock: FakeClock, shell: PaperShell) => GateTracker;
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
  readonly clock = new FakeClock();
  /** The user's terminal. */
  readonly screen: Emulator;
  readonly emulator: Emulator;
  readonly shell: PaperShell;
  readonly approvals = new MemoryApprovals(this.clock, ['alice', 'bob', 'carol']);
  /** Everything that the target was sent, with what cleared it. */
  readonly sent: Clearance[] = [];
  /** What the recording holds: output and markers. */
  readonly recorded: string[] = [];
  readonly markers: string[] = [];
  readonly ended: string[] = [];
  readonly judged: string[] = [];
  readonly tracker: GateTracker;
  readonly gate: Gate;
  presence: Presence = 'attached';
  policyHash = 'policy-1';
  requirement: Requirement;
  critical: () => Promise<void> = () => Promise.resolve();
  /** What the policy says; `rm` is held, `mkfs` is denied, the rest is allowed. */
  judge: (text: string) => Promise<Decision> = (text) => Promise.resolve(this.decide(text));
  outputPaused = false;

  constructor(options: GateBedOptions = {}) {
    const size = { cols: options.cols ?? SIZE.cols, rows: options.rows ?? SIZE.rows };
    this.screen = new Emulator(size);
    this.emulator = new Emulator(size);
    this.requirement = options.requirement ?? SELF_REQUIREMENT;
    this.shell = new PaperShell((text) => this.output(text), options);
    this.tracker =
      options.tracker?.(this.emulator, this.clock, this.shell) ??
      new PaperTracker(this.emulator, this.clock, this.shell);
    this.gate = new Gate(this.#collaborators(options.term ?? 'xterm-256color'));
    this.shell.start();
  }

  /** What the target writes. */
  output(text: string): void {
    const bytes = Buffer.from(text);
    this.recorded.push(text);
    this.gate.output(bytes);
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
    if (text.startsWith('mkfs'))
      return this.#decision('deny', 'disk-wipe', 'writing to a block device is never allowed');
    if (text.startsWith('rm'))
      return this.#decision('approve', 'rm-recursive', 'Deletes a folder with everything in it.');
    return this.#decision('allow', null, '');
  }

  #decision(effect: Decision['effect'], rule: string | null, why: string): Decision {
    return {
      effect,
      ids: rule === null ? [] : [`fs.${rule}`],
      opaque: null,
      unparsable: false,
      incomplete: false,
      rule,
      requirement: effect === 'approve' ? this.requirement : null,
      commands: [],
      reasons: [],
      severity: rule === null ? null : 'high',
      why,
      facts: {},
      policyHash: this.policyHash,
    };
  }

  async #judgeAll(line: CommandLine, candidates: readonly LineCandidate[]): Promise<Decision> {
    const texts = candidates.length > 0 ? candidates.map(({ text }) => text) : [line.text ?? ''];
    this.judged.push(...texts);
    const decisions = await Promise.all(texts.map((text) => this.judge(text)));
    const rank = ['allow', 'auto-approve', 'approve', 'deny'];
    return decisions.reduce((worst, next) => (rank.indexOf(next.effect) > rank.indexOf(worst.effect) ? next : worst));
  }

  #collaborators(term: string): GateCollaborators {
    const principal = principalNamed('alice');
    const target: LocalTarget = {
      kind: 'local',
      name: 'web2',
      labels: {},
      description: '',
      createdAt: 0,
      createdBy: 'root',
      argv: ['/bin/false'],
      environment: {},
    };
    const record = {
      id: 'session-1' as SessionId,
      user: 'alice',
      target: 'web2',
      login: 'root',
      door: 'direct' as const,
      kind: 'shell' as const,
      state: 'live' as const,
      startedAt: 0,
      endedAt: null,
      address: principal.address,
    };
    const access = Access.proven(principal, target, 'root', null, 'test');
    return {
      facts: { record, access, channel: 0, client: 'test' },
      user: this.#userLeg(),
      target: this.#targetLeg(),
      emulator: this.emulator,
      tracker: this.tracker,
      keys: new KeyTokenizer(this.emulator),
      term,
      judge: (line, candidates) => this.#judgeAll(line, candidates),
      desk: this.approvals.desk,
      audit: this.approvals.audit,
      recorder: {
        output: (bytes) => {
          this.recorded.push(Buffer.from(bytes).toString());
        },
        marker: (label) => {
          this.markers.push(label);
        },
        critical: () => this.critical(),
      },
      clock: this.clock,
      logger: silentLogger,
      phrase: () => Promise.resolve('green teapot'),
      valve: new FlowValve(
        () => {
          this.outputPaused = true;
        },
        () => {
          this.outputPaused = false;
        },
      ),
      end: (why) => {
        this.ended.push(why);
        this.gate.close(why);
      },
    };
  }

  #userLeg(): UserLeg {
    const bed = this;
    return {
      door: 'direct',
      get presence(): Presence {
        return bed.presence;
      },
      attach: () => {},
      write: (bytes) => {
        this.screen.write(bytes);
        return true;
      },
      writeError: () => true,
      pauseInput: () => {},
      resumeInput: () => {},
      roundTrip: undefined,
      finish: () => Promise.resolve(),
      close: () => {},
    };
  }

  #targetLeg(): TargetLeg {
    return {
      attach: () => {},
      write: (clearance) => {
        this.sent.push(clearance);
        this.clock.after(1, () => this.shell.receive(clearance.bytes));
        return true;
      },
      endInput: () => {},
      resize: () => {},
      signal: () => {},
      pauseOutput: () => {},
      resumeOutput: () => {},
      close: () => {},
    };
  }
}

/** Lets everything run that only waits for other promises. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
