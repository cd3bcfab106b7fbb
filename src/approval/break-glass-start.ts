/**
 * How a break-glass begins: as a request to the requester alone, with the same desk, codes and signatures as any other,
 * and by itself once that is approved. The rule that was asked by is in force until then, or it does not begin.
 */
import type { Clock } from '../base/clock.ts';
import { withDeadline } from '../base/deadline.ts';
import { HeldlineError } from '../base/heldline-error.ts';
import type { ApprovalRequest } from '../model/approval-request.ts';
import { type BreakGlassRule, breakGlassRequirement } from '../model/break-glass.ts';
import type { SessionId } from '../model/names.ts';
import type { BreakGlass } from './break-glass-ports.ts';
import type { BreakGlasses } from './break-glasses.ts';
import type { ApprovalDesk } from './desk.ts';
import type { HoldDraft } from './hold-draft.ts';
import { reasonObjection } from './reason-rule.ts';

export interface BreakGlassDraft {
  readonly user: string;
  /** Of the user, for the log. */
  readonly address: string;
  readonly reason: string;
}

export interface BreakGlassStartParts {
  readonly desk: ApprovalDesk;
  readonly breakGlasses: BreakGlasses;
  /** What the policy of this moment says; `rule` is null when nobody may. */
  readonly inForce: () => { readonly rule: BreakGlassRule | null; readonly policyHash: string };
  readonly clock: Clock;
  readonly onFailure: (what: string, failure: unknown) => void;
}

/** What became of the request. */
export type BreakGlassBegin =
  | { readonly kind: 'open'; readonly breakGlass: BreakGlass }
  | { readonly kind: 'refused'; readonly why: string };

export interface AskedBreakGlass {
  readonly request: ApprovalRequest;
  /** Never rejects. */
  readonly begun: Promise<BreakGlassBegin>;
}

/** Stand where a held command has them: no session may consume it, and no target is meant. */
const NO_SESSION = 'break-glass' as SessionId;
const EVERYWHERE = '*';
/** The person types their code, or signs, ms. */
const EXPIRES = 300_000;
/** For store and log, ms. */
const STEP_DEADLINE = 5000;

export class BreakGlassStart {
  readonly #parts: BreakGlassStartParts;

  constructor(parts: BreakGlassStartParts) {
    this.#parts = parts;
  }

  /** Asks the person for their proof, through the desk. @throws HeldlineError `breakglass.refused`, `breakglass.reason`; or what `ApprovalDesk.open` throws */
  async ask(draft: BreakGlassDraft): Promise<AskedBreakGlass> {
    const { desk, breakGlasses, inForce, clock } = this.#parts;
    const { rule, policyHash } = inForce();
    if (rule === null) throw refused('the policy has no section break_glass');
    const asking = breakGlasses.objectionToStart(draft.user, rule, policyHash);
    const objection = await withDeadline(asking, STEP_DEADLINE, 'the users', clock);
    if (objection !== null) throw refused(objection);
    const lacks = reasonObjection({ required: true, minLength: rule.minLength }, draft.reason);
    if (lacks !== null) throw new HeldlineError('breakglass.reason', lacks, { kind: 'usage' });
    const request = await desk.open(holdOf(draft, rule, policyHash));
    return { request, begun: this.#whenApproved(request, rule) };
  }

  #whenApproved(request: ApprovalRequest, rule: BreakGlassRule): Promise<BreakGlassBegin> {
    const { desk } = this.#parts;
    return new Promise((resolve) => {
      const stop = desk.watch(request.statement.uid, (now) => {
        if (now.state === 'pending') return;
        stop();
        if (now.state === 'approved') resolve(this.#begin(now, rule));
        else resolve({ kind: 'refused', why: `its request is ${now.state}` });
      });
    });
  }

  async #begin(approved: ApprovalRequest, rule: BreakGlassRule): Promise<BreakGlassBegin> {
    const { desk, onFailure } = this.#parts;
    const { uid, session, channel } = approved.statement;
    try {
      const outcome = await desk.consume(uid, { session, channel, digest: approved.digest });
      if (outcome.kind === 'refused') return { kind: 'refused', why: outcome.why };
      if (!outcome.grant.spend()) return { kind: 'refused', why: 'it was used already' };
      return { kind: 'open', breakGlass: await this.#beginInTime(approved, rule) };
    } catch (failure) {
      onFailure('a break-glass', failure);
      const why =
        failure instanceof HeldlineError && failure.kind === 'not-allowed'
          ? failure.message
          : 'it could not be written down';
      return { kind: 'refused', why };
    }
  }

  /** What comes to its end later does not begin: the person was told that it failed. */
  async #beginInTime(approved: ApprovalRequest, rule: BreakGlassRule): Promise<BreakGlass> {
    const { breakGlasses, clock } = this.#parts;
    const wanted = new AbortController();
    try {
      const beginning = breakGlasses.begin(approved, rule, wanted.signal);
      return await withDeadline(beginning, STEP_DEADLINE, 'the break-glass', clock);
    } catch (failure) {
      wanted.abort();
      throw failure;
    }
  }
}

function holdOf({ user, address, reason }: BreakGlassDraft, rule: BreakGlassRule, policyHash: string): HoldDraft {
  const command = `break-glass for ${rule.minutes} min`;
  return {
    session: NO_SESSION,
    channel: 0,
    user,
    address,
    target: EVERYWHERE,
    labels: {},
    login: EVERYWHERE,
    context: 'exec',
    command,
    reason,
    subject: 'break-glass',
    decision: {
      effect: 'approve',
      ids: [],
      opaque: null,
      unparsable: false,
      incomplete: false,
      rule: 'break-glass',
      requirement: { ...breakGlassRequirement(rule), expires: EXPIRES },
      commands: [],
      reasons: [],
      severity: 'critical',
      why: `Held commands of ${user} pass on every target for ${rule.minutes} min.`,
      facts: {},
      policyHash,
    },
  };
}

function refused(why: string): HeldlineError {
  return new HeldlineError('breakglass.refused', `no break-glass: ${why}`, { kind: 'not-allowed' });
}
