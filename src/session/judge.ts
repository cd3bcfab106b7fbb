/**
 * Puts texts to the policy with the authority that the person has at this moment. Fails closed: whatever goes
 * wrong while judging is a denial.
 */

import { isDeepStrictEqual } from 'node:util';
import type { BreakGlasses } from '../approval/break-glasses.ts';
import type { LockdownState } from '../approval/lockdown.ts';
import type { Clock } from '../base/clock.ts';
import { withDeadline } from '../base/deadline.ts';
import { describeFailure } from '../base/heldline-error.ts';
import type { Logger } from '../base/logger.ts';
import type { CommandLine } from '../model/command-line.ts';
import type { ChannelQuestion, Decision, Effect, EvaluationContext } from '../model/decision.ts';
import type { SaidUrgency } from '../model/urgency.ts';
import type { PolicyEngine } from '../policy/engine.ts';
import type { LineMode } from '../policy/schema/policy-file.ts';
import type { Access } from '../target/access.ts';
import type { AccessControl } from '../target/access-control.ts';
import type { CandidateWeight, LineCandidate } from '../terminal/line-reading.ts';
import { denial } from './denial.ts';

export interface JudgeParts {
  readonly engine: Pick<PolicyEngine, 'current' | 'evaluate' | 'evaluateChannel'>;
  readonly accessControl: Pick<AccessControl, 'decide'>;
  readonly lockdown: LockdownState;
  /** Who passes what it lifts at this moment. */
  readonly breakGlasses: Pick<BreakGlasses, 'isOpen'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** ms; external checks have time-outs of their own below this. */
const DEADLINE = 5000;

const RANK: Readonly<Record<Effect, number>> = { allow: 0, 'auto-approve': 1, approve: 2, deny: 3 };

export class Judge {
  readonly #parts: JudgeParts;
  readonly #access: Access;
  readonly #urgency: SaidUrgency;

  /** @param urgency what the client said when it opened the channel: what is said later changes no decision */
  constructor(parts: JudgeParts, access: Access, urgency: SaidUrgency = 'normal') {
    this.#parts = parts;
    this.#access = access;
    this.#urgency = urgency;
  }

  /** How lines of a terminal are taken on this target. */
  get lineMode(): LineMode {
    const { name, labels } = this.#access.target;
    return this.#parts.engine.current.postureFor(labels, name).lineMode;
  }

  /**
   * The strictest decision over everything that the line may be. Never rejects.
   * @param mode how the line was taken; absent where there is no terminal
   */
  line(line: CommandLine, candidates: readonly LineCandidate[], mode?: LineMode): Promise<Decision> {
    return this.#guarded(async (context) => {
      const outdated = mode === 'keys' ? this.#outdated(context) : null;
      if (outdated !== null) return outdated;
      const unreadable = line.confidence === 'opaque' ? { unreadable: line.reason } : {};
      const texts = candidates.length > 0 ? candidates : [{ text: line.text ?? '', context: line.context }];
      const evaluate = (candidate: LineCandidate) =>
        this.#parts.engine.evaluate(candidate.text, { ...context, ...unreadable, context: candidate.context });
      const decisions = await Promise.all(texts.map(evaluate));
      return strictest(decisions.filter((decision, i) => counts(decision, texts[i]?.counts)));
    });
  }

  /** Strict line mode was asked for since the session began, which only a new session has. */
  #outdated({ target }: EvaluationContext): Decision | null {
    const policy = this.#parts.engine.current;
    if (policy.postureFor(target?.labels ?? {}, target?.name).lineMode !== 'strict') return null;
    const why = 'This target takes lines in strict line mode now. End this session and connect again.';
    return denial('line-mode', why, policy.hash);
  }

  /** An `exec` request. @param command null when its bytes are not UTF-8 */
  exec(command: string | null): Promise<Decision> {
    return this.#guarded((context) => {
      const unreadable = command === null ? { unreadable: 'the command is not valid UTF-8' } : {};
      return this.#parts.engine.evaluate(command ?? '', { ...context, ...unreadable, context: 'exec' });
    });
  }

  /** A request without text, such as sftp. */
  channel(question: ChannelQuestion): Promise<Decision> {
    return this.#guarded((context) => this.#parts.engine.evaluateChannel(question, context));
  }

  async #guarded(decide: (context: EvaluationContext) => Promise<Decision>): Promise<Decision> {
    try {
      return await withDeadline(this.#decide(decide), DEADLINE, 'the policy', this.#parts.clock);
    } catch (failure) {
      this.#parts.logger.error('a decision failed', { failure: describeFailure(failure) });
      return denial(
        'decision-failed',
        'The policy could not be asked, so nothing runs.',
        this.#parts.engine.current.hash,
      );
    }
  }

  async #decide(decide: (context: EvaluationContext) => Promise<Decision>): Promise<Decision> {
    const { principal, target, login } = this.#access;
    const now = await this.#parts.accessControl.decide(principal, target.name, login);
    if (now.kind !== 'granted') {
      return denial('access-ended', `You have no access to ${target.name} any more.`, this.#parts.engine.current.hash);
    }
    const context: EvaluationContext = {
      context: 'shell',
      user: { name: principal.user, roles: now.access.principal.roles },
      target: { name: target.name, labels: now.access.target.labels },
      login,
      at: this.#parts.clock.now(),
      urgency: this.#urgency,
    };
    return this.#unlessLockedDown((await this.#byBreakGlass(decide, context)) ?? (await decide(context)));
  }

  /** The decision by which the line passes, if the person's break-glass is open and lets all of it pass. */
  async #byBreakGlass(
    decide: (context: EvaluationContext) => Promise<Decision>,
    context: EvaluationContext,
  ): Promise<Decision | null> {
    if (context.user === undefined || !this.#parts.breakGlasses.isOpen(context.user.name)) return null;
    const decision = await decide({ ...context, breakGlass: true });
    return decision.breakGlass === undefined ? null : decision;
  }

  /** Asked last, so that a lockdown that began while the policy was thinking counts. */
  #unlessLockedDown(decision: Decision): Decision {
    const { current } = this.#parts.lockdown;
    if (current === null || decision.effect === 'deny') return decision;
    const why = `The bastion is locked down (${current.reason}). Nothing runs until that is lifted.`;
    return { ...denial('lockdown', why, decision.policyHash), ids: decision.ids };
  }
}

function counts(decision: Decision, weight: CandidateWeight | undefined): boolean {
  if (weight === 'named') return decision.rule !== null;
  const isDenied = decision.effect === 'deny' || (decision.breakGlass?.lifts ?? []).length > 0;
  if (weight === undefined || isDenied) return true;
  if (decision.unparsable || decision.incomplete) return false;
  return weight === 'parsed' || decision.rule !== null;
}

/** The strictest of several decisions about one line, with every id that any of them found. @throws TypeError on none */
function strictest(decisions: readonly Decision[]): Decision {
  const [first, ...rest] = decisions;
  if (first === undefined) throw new TypeError('no decision to choose from');
  const chosen = rest.reduce((worst, next) => (RANK[next.effect] > RANK[worst.effect] ? next : worst), first);
  const ids = [...new Set(decisions.flatMap((decision) => decision.ids))];
  const { grant, breakGlass, ...plain } = chosen;
  const held = decisions.filter(({ effect }) => effect === 'approve');
  const remembered = grant !== undefined && held.every((one) => isDeepStrictEqual(one.grant, grant)) ? { grant } : {};
  // Only what every reading of the line lets pass does; a reading that it denies never gets here.
  const lifts = held.flatMap((one) => one.breakGlass?.lifts ?? []);
  const passes = breakGlass !== undefined && held.every((one) => one.breakGlass !== undefined);
  return { ...plain, ...remembered, ...(passes ? { breakGlass: { lifts: [...new Set(lifts)].sort() } } : {}), ids };
}
