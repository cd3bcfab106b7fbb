/**
 * The policy in force: swapped as a whole, asked by everybody. Gathers the values of external checks when the
 * policy asks for any, then decides. Never throws and never waits longer than the slowest check may take.
 */
import type { Clock } from '../base/clock.ts';
import { withDeadline } from '../base/deadline.ts';
import type { ChannelQuestion, Decision, EvaluationContext } from '../model/decision.ts';
import type { CheckDefinition } from './compiled-policy.ts';
import type { CheckValue, CheckValues } from './conditions/condition.ts';
import { failedDecision, type Policy } from './policy.ts';
import type { CheckRunner } from './ports.ts';

export interface PolicyEngineOptions {
  readonly policy: Policy;
  readonly checks: CheckRunner;
  readonly clock: Clock;
}

interface Remembered {
  readonly value: CheckValue;
  /** Monotonic ms. */
  readonly until: number;
}

/** Added to a check's own timeout before the engine gives up on a runner that does not keep its promise. */
const GRACE = 100;
const NO_CHECKS: CheckValues = new Map();

export class PolicyEngine {
  #policy: Policy;
  readonly #checks: CheckRunner;
  readonly #clock: Clock;
  readonly #answers = new Map<string, Remembered>();
  readonly #running = new Map<string, Promise<CheckValue | undefined>>();

  constructor(options: PolicyEngineOptions) {
    this.#policy = options.policy;
    this.#checks = options.checks;
    this.#clock = options.clock;
  }

  get current(): Policy {
    return this.#policy;
  }

  /** Applies from the next question on; answers of checks are not carried over. */
  swap(policy: Policy): void {
    this.#policy = policy;
    this.#answers.clear();
    this.#running.clear();
  }

  /** The decision of the policy in force. Resolves at once when it needs no check. */
  evaluate(text: string, context: EvaluationContext): Promise<Decision> {
    return this.#answer((policy, checks) => policy.decide(text, context, checks));
  }

  evaluateChannel(question: ChannelQuestion, context: EvaluationContext): Promise<Decision> {
    return this.#answer((policy, checks) => policy.decideChannel(question, context, checks));
  }

  /** Who a check of type `names` says is on call; null when there is no such check, or it does not answer. */
  async names(name: string): Promise<readonly string[] | null> {
    const check = this.#policy.compiled.checks.get(name);
    const value = check?.parse.type === 'names' ? await this.#valueOf(check) : undefined;
    return typeof value === 'string' ? value.split(' ').filter((one) => one !== '') : null;
  }

  async #answer(decide: (policy: Policy, checks: CheckValues) => Decision): Promise<Decision> {
    const policy = this.#policy;
    try {
      const checks = policy.checkNames.length === 0 ? NO_CHECKS : await this.#gather(policy);
      // The policy may have been replaced while the checks ran: the current one decides.
      return policy === this.#policy ? decide(policy, checks) : await this.#answer(decide);
    } catch {
      return failedDecision(policy.hash);
    }
  }

  async #gather(policy: Policy): Promise<CheckValues> {
    const definitions = policy.checkNames.flatMap((name) => policy.compiled.checks.get(name) ?? []);
    const answers = await Promise.all(
      definitions.map(async (check) => [check.name, await this.#valueOf(check)] as const),
    );
    const known = answers.flatMap(([name, value]): (readonly [string, CheckValue])[] =>
      value === undefined ? [] : [[name, value]],
    );
    return new Map(known);
  }

  /** A remembered answer, the one under way, or a new one. Only real answers are remembered. */
  async #valueOf(check: CheckDefinition): Promise<CheckValue | undefined> {
    const remembered = this.#answers.get(check.name);
    if (remembered !== undefined && remembered.until > this.#clock.monotonic()) return remembered.value;
    const running = this.#running.get(check.name) ?? this.#start(check);
    return await running;
  }

  #start(check: CheckDefinition): Promise<CheckValue | undefined> {
    const work = this.#ask(check).finally(() => {
      if (this.#running.get(check.name) === work) this.#running.delete(check.name);
    });
    this.#running.set(check.name, work);
    return work;
  }

  async #ask(check: CheckDefinition): Promise<CheckValue | undefined> {
    const asked = this.#policy;
    const abort = new AbortController();
    try {
      const value = await withDeadline(
        this.#checks.run(check, abort.signal),
        check.timeout + GRACE,
        `check ${check.name}`,
        this.#clock,
      );
      if (value !== undefined && check.cache > 0 && asked === this.#policy) {
        this.#answers.set(check.name, { value, until: this.#clock.monotonic() + check.cache });
      }
      return value;
    } catch {
      // Unknown: the rules that ask for it fail closed.
      return undefined;
    } finally {
      abort.abort();
    }
  }
}
