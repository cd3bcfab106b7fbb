/** A request as scripts read it: `requests --json`, one object. */
import type { ApprovalRequest, RequestSubject, VoteSignature } from '../model/approval-request.ts';
import { factorsInWords } from '../model/factor-words.ts';
import { termsInWords } from '../model/grant-terms.ts';
import type { Stage } from '../model/requirement.ts';
import type { Selector } from '../model/selector.ts';

export interface RequestView {
  readonly v: 1;
  /** Else than `command`: `command` says in words what is asked for. */
  readonly kind: 'command' | RequestSubject;
  readonly id: string;
  readonly uid: string;
  readonly digest: string;
  readonly state: string;
  readonly user: string;
  readonly target: string;
  readonly login: string;
  readonly command: string;
  readonly context: string;
  readonly ids: readonly string[];
  readonly severity: string | null;
  readonly rule: string | null;
  readonly why: string;
  readonly reason: string | null;
  /** `low`, `normal`, `high`: as the requester says. */
  readonly urgency: string;
  /** What the requester has added for those who are asked, oldest first. */
  readonly messages: readonly MessageView[];
  readonly needs: readonly NeedView[];
  readonly votes: readonly VoteView[];
  /** What was asked about besides the line, each with the answer. */
  readonly facts: Readonly<Record<string, string>>;
  readonly policy_hash: string;
  /** RFC 3339, UTC. */
  readonly created_at: string;
  readonly expires_at: string;
  readonly decided_at: string | null;
  readonly session: string;
  /** What the approval may be remembered for, in words; null when it may not. */
  readonly grant: string | null;
  /** Short id of the grant that it passes by. */
  readonly by_grant: string | null;
  /** Short id of the break-glass that it passes by. */
  readonly by_break_glass: string | null;
}

export interface MessageView {
  readonly text: string;
  readonly at: string;
}

export interface NeedView {
  /** `requester`, or a selector in words: `role sre`, `user ana or bob`. */
  readonly who: string;
  readonly count: number;
  readonly factors: readonly string[];
  /** Whether a security key has to check a PIN or a finger. */
  readonly verify: boolean;
  /** Only when what is named before it did not answer in time. */
  readonly escalation: boolean;
}

export interface VoteView {
  readonly approver: string;
  readonly verdict: string;
  readonly factor: string | null;
  readonly door: string;
  readonly reason: string | null;
  readonly at: string;
  /** The voter wants it remembered. */
  readonly grant: boolean;
  readonly signature: SignatureView | null;
}

/** What `ssh-keygen -Y verify` needs: see docs/signed-approvals.md. */
export interface SignatureView {
  readonly statement: string;
  readonly namespace: string;
  readonly armored: string;
  readonly public_key: string;
  readonly fingerprint: string;
  readonly user_verified: boolean;
}

export function requestView(request: ApprovalRequest): RequestView {
  const { statement } = request;
  return {
    v: 1,
    kind: request.subject ?? 'command',
    id: request.id,
    uid: statement.uid,
    digest: request.digest,
    state: request.state,
    user: statement.user,
    target: statement.target,
    login: statement.login,
    command: statement.command,
    context: statement.context,
    ids: request.ids,
    severity: request.severity,
    rule: request.rule,
    why: request.why,
    reason: request.reason,
    urgency: request.urgency ?? 'normal',
    messages: (request.messages ?? []).map(({ text, at }) => ({ text, at: time(at) })),
    needs: request.requirement.stages.map(needView),
    votes: request.votes.map(voteView),
    facts: request.facts ?? {},
    policy_hash: statement.policyHash,
    created_at: time(request.createdAt),
    expires_at: time(statement.expiresAt),
    decided_at: request.decidedAt === null ? null : time(request.decidedAt),
    session: statement.session,
    grant: statement.grant === undefined ? null : termsInWords(statement.grant, statement.command),
    by_grant: request.byGrant?.id ?? null,
    by_break_glass: request.byBreakGlass?.id ?? null,
  };
}

/** Whom a stage asks, in words. */
export function whoInWords(who: Stage['who']): string {
  return who === 'requester' ? 'requester' : selectorInWords(who);
}

/** Whom a stage asks for how many approvals, and for what but a code: `2 of role sre (security key)`. */
export function needInWords(stage: Stage): string {
  const { who, count, factors } = stage;
  const proof = factors.every((factor) => factor === 'totp') ? '' : ` (${factorsInWords(stage)})`;
  return `${count === 1 ? '' : `${count} of `}${whoInWords(who)}${proof}`;
}

function needView(stage: Stage): NeedView {
  const { count, factors, verify = false } = stage;
  return { who: whoInWords(stage.who), count, factors, verify, escalation: stage.onlyIf === 'escalated' };
}

function voteView(vote: ApprovalRequest['votes'][number]): VoteView {
  const { approver, verdict, factor, door, reason = null } = vote;
  const signature = vote.signature === undefined ? null : signatureView(vote.signature);
  const grant = vote.grant === true;
  return { approver, verdict, factor, door, reason, at: time(vote.at), grant, signature };
}

/** A signature in the names of scripts. */
export function signatureView(signature: VoteSignature): SignatureView {
  const { statement, namespace, armored, publicKey, fingerprint, userVerified } = signature;
  return { statement, namespace, armored, public_key: publicKey, fingerprint, user_verified: userVerified };
}

function selectorInWords(selector: Selector): string {
  switch (selector.kind) {
    case 'always':
      return 'anybody';
    case 'any':
      return selector.of.map(selectorInWords).join(' or ');
    case 'all':
      return selector.of.map(selectorInWords).join(' and ');
    case 'not':
      return `not (${selectorInWords(selector.of)})`;
    case 'users':
      return `user ${selector.names.join(' or ')}`;
    case 'role':
      return `role ${selector.roles.join(' or ')}`;
    case 'targets':
      return `target ${selector.names.join(' or ')}`;
    case 'label':
      return `label ${selector.key}=${selector.values.join('|')}`;
  }
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}

/** `check.freeze is true: true; on_call dba: ana`; empty when nothing was asked about. */
export function factsInWords({ facts = {} }: Pick<ApprovalRequest, 'facts'>): string {
  return Object.entries(facts)
    .map(([text, answer]) => `${text}: ${answer}`)
    .join('; ');
}
