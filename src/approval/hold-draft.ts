/** What a gate knows of a line that it wants approved, and the request that is made of it. */
import { HeldlineError } from '../base/heldline-error.ts';
import { crockford, randomHex } from '../base/ids.ts';
import type { PassedBy, RequestSubject, Statement } from '../model/approval-request.ts';
import type { CommandContext } from '../model/command-line.ts';
import { type Decision, usedFacts } from '../model/decision.ts';
import type { RequestId, RequestUid, SessionId } from '../model/names.ts';
import type { Requirement } from '../model/requirement.ts';
import type { Labels } from '../model/target.ts';
import type { Urgency } from '../model/urgency.ts';
import type { HeldRequest } from './ports.ts';
import { reasonObjection } from './reason-rule.ts';
import { firstProgress } from './requirement-progress.ts';
import { statementDigest } from './statement.ts';

export interface HoldDraft {
  readonly session: SessionId;
  readonly channel: number;
  readonly user: string;
  readonly target: string;
  readonly labels: Labels;
  readonly login: string;
  readonly context: CommandContext;
  /** Exactly what will be submitted. */
  readonly command: string;
  /** With effect `approve`. */
  readonly decision: Decision;
  readonly reason: string | null;
  /** Absent: normal. */
  readonly urgency?: Urgency;
  /** Of the user, for the log. */
  readonly address: string;
  /** What people are asked for, when that is less than the decision says: those of them who are on call. */
  readonly narrowed?: Requirement;
  /** What was asked about for that. */
  readonly facts?: Readonly<Record<string, string>>;
  /** Set when something else than a line is asked for. */
  readonly subject?: RequestSubject;
}

const SHORT_ID = 4;

/**
 * A fresh request with random ids. @param by what the line passes by; null: people are asked.
 * @throws HeldlineError `approval.nothing-asked` without a requirement
 */
export function requestFrom(draft: HoldDraft, boot: string, now: number, by: PassedBy | null = null): HeldRequest {
  const { decision, session, channel, user, target, login, context, command } = draft;
  const requirement = draft.narrowed ?? decision.requirement;
  if (decision.requirement === null || requirement === null) {
    throw new HeldlineError('approval.nothing-asked', 'The decision names nobody who could approve.');
  }
  const uid = randomHex(16) as RequestUid;
  const expiresAt = now + requirement.expires;
  const { policyHash } = decision;
  const base = { uid, session, channel, user, target, login, context, command, policyHash, expiresAt };
  const statement: Statement = decision.grant === undefined ? base : { ...base, grant: decision.grant };
  const reason = acceptable(draft);
  const asked: HeldRequest = {
    id: newShortId(),
    statement,
    digest: statementDigest(statement),
    state: 'pending',
    ids: decision.ids,
    severity: decision.severity,
    rule: decision.rule,
    why: decision.why,
    reason,
    requirement,
    votes: [],
    createdAt: now,
    decidedAt: null,
    boot,
    ...(draft.subject === undefined ? {} : { subject: draft.subject }),
    ...(draft.narrowed === undefined ? {} : { unnarrowed: decision.requirement }),
    ...(draft.urgency === undefined ? {} : { urgency: draft.urgency }),
    ...factsOf(draft),
    labels: draft.labels,
    steps: firstProgress(requirement, now),
    wrongCodes: {},
    listed: reason !== null || !requirement.reason.required,
    ending: null,
    version: 1,
  };
  return by === null ? asked : passingBy(by, asked, now);
}

/** What the policy and the desk asked about, in words. */
function factsOf({ decision, facts }: HoldDraft): Pick<HeldRequest, 'facts'> {
  const all = { ...usedFacts(decision), ...facts };
  return Object.keys(all).length === 0 ? {} : { facts: all };
}

/** What nobody has to be asked about any more. */
function passingBy(by: PassedBy, asked: HeldRequest, now: number): HeldRequest {
  const steps = asked.steps.map((step) => ({ ...step, answered: true }));
  return { ...asked, state: 'approved', decidedAt: now, steps, listed: true, ...by };
}

export function newShortId(): RequestId {
  return crockford(SHORT_ID) as RequestId;
}

/** The reason if the rule is content with it; else it is asked for. */
function acceptable({ reason, decision }: HoldDraft): string | null {
  if (reason === null || decision.requirement === null) return null;
  return reasonObjection(decision.requirement.reason, reason) === null ? reason.trim() : null;
}
