/** A command without a terminal between a user and a target, all in memory and on a clock that tests move. */
import { FakeClock } from '../../src/base/fake-clock.ts';
import type { Decision } from '../../src/model/decision.ts';
import { SELF_REQUIREMENT } from '../../src/model/requirement.ts';
import type { Presence } from '../../src/session/ports.ts';
import { type Submission, Submissions } from '../../src/session/submissions.ts';
import { UnattendedHold } from '../../src/session/unattended-hold.ts';
import { loggerInto, settle } from './gate-bed.ts';
import { decideAbout } from './gate-parts.ts';
import { MemoryApprovals } from './memory-approvals.ts';
import { FACTS } from './session-facts.ts';

const COMMAND = 'rm -r old';
const POLL = 50;

export class ExecBed {
  readonly clock: FakeClock = new FakeClock();
  readonly approvals: MemoryApprovals = new MemoryApprovals(this.clock, ['alice', 'bob', 'carol']);
  /** Standard error of the user's client. */
  readonly said: string[] = [];
  /** The daemon's log: messages with what failed. */
  readonly logged: string[] = [];
  readonly markers: string[] = [];
  readonly executed: string[] = [];
  presence: Presence = 'attached';
  critical: () => Promise<void> = () => Promise.resolve();
  /** What the policy says when the command is released. */
  judge: (text: string) => Promise<Decision> = () => Promise.resolve(this.#decision);
  outcome: Submission | null = null;
  readonly #decision = decideAbout(COMMAND, SELF_REQUIREMENT, 'policy-1');
  readonly #gone = new AbortController();
  readonly #submissions: Submissions;

  constructor() {
    const { clock, approvals } = this;
    const recorder = {
      marker: (label: string) => this.markers.push(label),
      critical: () => this.critical().then(() => ({ frame: 0, hash: '' })),
    };
    const say = (text: string): void => {
      this.said.push(text);
    };
    const shared = { facts: FACTS, audit: approvals.audit, recorder, say };
    const presence = (): Presence => this.presence;
    const { desk } = approvals;
    const hold = new UnattendedHold({ ...shared, desk, clock, bastion: 'bastion', keyboard: null, presence });
    this.#submissions = new Submissions({ ...shared, hold, clock, logger: loggerInto(this.logged) });
  }

  /** Submits a command that needs the user's own code; what is cleared runs. */
  async hold(): Promise<void> {
    const line = { confidence: 'exact', text: COMMAND, context: 'exec', hidden: false } as const;
    const decideAgain = (): Promise<Decision> => this.judge(COMMAND);
    const request = { line, decision: this.#decision, bytes: Buffer.from(COMMAND), decideAgain };
    this.#submissions.decide(request, this.#gone.signal).then(
      (outcome) => {
        this.outcome = outcome;
        if (outcome.kind === 'cleared') this.executed.push(COMMAND);
      },
      (failure: unknown) => this.logged.push(`decide rejected: ${String(failure)}`),
    );
    await this.pass(POLL);
  }

  /** The user's own code, given at another door. */
  async approve(): Promise<void> {
    const vote = this.approvals.vote('alice', 'approve');
    vote.catch((failure: unknown) => this.logged.push(`the vote failed: ${String(failure)}`));
    await this.pass(10_000);
  }

  drop(why: string): void {
    this.#submissions.dropHold(why);
  }

  leave(): void {
    this.#gone.abort();
  }

  /** Lets time pass and everything happen that waits for it. */
  async pass(ms: number): Promise<void> {
    await settle();
    for (let passed = 0; passed < ms; passed += POLL) {
      this.clock.advance(Math.min(POLL, ms - passed));
      await settle();
    }
  }
}
