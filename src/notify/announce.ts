/**
 * From a change of a request to the news that it gives, and who wants to hear them. Pure and quick: it runs inside
 * the transaction that stores the change.
 */
import type { BreakGlass } from '../approval/break-glass-ports.ts';
import type { HeldRequest } from '../approval/ports.ts';
import { openStages } from '../approval/requirement-progress.ts';
import { sha256Hex } from '../base/digest.ts';
import { asksNobody, isBreakGlass } from '../model/approval-request.ts';
import type { Severity } from '../model/decision.ts';
import type { Requirement, Stage } from '../model/requirement.ts';
import { AUDITOR } from '../model/roles.ts';
import { selectorHolds } from '../model/selector.ts';
import type { OutboxDraft, RequestNews } from './ports.ts';
import type { Receiver, Wants } from './receiver.ts';

const ALARMED_ROLES: readonly string[] = [AUDITOR, 'admin'];
const SEVERITIES: readonly Severity[] = ['info', 'low', 'medium', 'high', 'critical'];

interface Told {
  readonly news: RequestNews;
  /** The stages that it concerns. */
  readonly stages: readonly Stage[];
}

/** One draft for each receiver that wants the news of this change. @param now ms since the epoch @param alarmed names of those who are told of every break-glass */
export function announce(
  receivers: readonly Receiver[],
  before: HeldRequest | null,
  after: HeldRequest,
  now: number,
  alarmed: readonly string[] = [],
): readonly OutboxDraft[] {
  const alarm = alarmOf(before, after);
  const told = alarm ?? newsOf(before, after);
  if (told === null) return [];
  const { uid } = after.statement;
  return receivers
    .filter(({ name, wants }) => (alarm === null ? isWanted(wants, told, after) : hears(wants, name, alarmed)))
    .map(({ name }) => ({
      id: deliveryId(uid, after.version, name),
      receiver: name,
      uid,
      news: told.news,
      queuedAt: now,
    }));
}

/** For the same receivers as its beginning, whatever the policy of now says. @param now ms since the epoch @param alarmed as for `announce` */
export function announceEnd(
  receivers: readonly Receiver[],
  { uid, notify = [] }: BreakGlass,
  now: number,
  alarmed: readonly string[] = [],
): readonly OutboxDraft[] {
  const named = [...notify, ...alarmed];
  return receivers
    .filter(({ name, wants }) => hears(wants, name, named))
    .map(({ name }) => ({
      id: deliveryId(uid, 'ended', name),
      receiver: name,
      uid,
      news: { kind: 'break-glass-ended' },
      queuedAt: now,
    }));
}

/** The same change gives the same id, whoever asks and whenever. */
function deliveryId(uid: string, version: number | 'ended', receiver: string): string {
  return `msg_${sha256Hex(JSON.stringify([uid, version, receiver])).slice(0, 32)}`;
}

/** A break-glass began, or a command passes by one: at its consumption, before it has any effect. */
function alarmOf(before: HeldRequest | null, after: HeldRequest): Told | null {
  const isAlarm = isBreakGlass(after) && after.state === 'released' && before?.state !== 'released';
  return isAlarm ? { news: { kind: 'decided', state: 'released' }, stages: [] } : null;
}

/** Those that the policy names, those who stand for auditors and administrators, and those who stand for nobody in particular. */
function hears({ roles }: Wants, name: string, alarmed: readonly string[]): boolean {
  return alarmed.includes(name) || roles === null || roles.some((role) => ALARMED_ROLES.includes(role));
}

/**
 * Asked: the request became listed, or more stages were opened (the next step of a chain, an escalation). Decided:
 * it left `pending`, or what was approved came to nothing. A release by itself is no news: its approval was.
 */
function newsOf(before: HeldRequest | null, after: HeldRequest): Told | null {
  // Nobody was asked: nobody is told how it was decided.
  if (!after.listed || asksNobody(after)) return null;
  if (after.state === 'pending') {
    const isAgain = before?.listed === true && isToldAgain(before, after);
    const known = new Set(before?.listed === true && !isAgain ? opened(before).map(({ place }) => place) : []);
    const fresh = opened(after).filter(({ place, answered }) => !known.has(place) && !(isAgain && answered));
    return fresh.length === 0 ? null : { news: { kind: 'asked' }, stages: fresh.map(({ stage }) => stage) };
  }
  if (after.state === 'released' || before?.state === after.state) return null;
  return { news: { kind: 'decided', state: after.state }, stages: policyOf(after).stages };
}

/** Urgent for the first time, a message, or a reminder: everybody who is asked is told once more. */
function isToldAgain(before: HeldRequest, after: HeldRequest): boolean {
  const isRaised = after.raised === true && before.raised !== true;
  const hasMessage = (after.messages ?? []).length > (before.messages ?? []).length;
  return isRaised || hasMessage || (after.reminded?.times ?? 0) > (before.reminded?.times ?? 0);
}

/** What the policy asks for: who of a group is on call makes no difference to those who are told of the group. */
function policyOf({ requirement, unnarrowed = requirement }: HeldRequest): Requirement {
  return unnarrowed;
}

interface OpenedStage {
  readonly place: string;
  readonly stage: Stage;
  readonly answered: boolean;
}

/** The stages that may be answered, each with its place in the requirement. */
function opened(request: HeldRequest): readonly OpenedStage[] {
  const { steps } = request;
  const requirement = policyOf(request);
  return steps.flatMap(({ answered }, index) =>
    openStages(requirement, steps, index).map((stage, level) => ({ place: `${index}.${level}`, stage, answered })),
  );
}

function isWanted(wants: Wants, { news, stages }: Told, request: HeldRequest): boolean {
  const target = { name: request.statement.target, labels: request.labels };
  return (
    wants.news.includes(news.kind) &&
    isSevereEnough(wants.severity, request.severity) &&
    selectorHolds(wants.targets, { target }) === true &&
    stages.some((stage) => concerns(wants, stage, target))
  );
}

/** What has no severity of its own, as access for a time or a line that could not be read, is told. */
function isSevereEnough(wanted: Severity | null, found: Severity | null): boolean {
  return wanted === null || found === null || SEVERITIES.indexOf(found) >= SEVERITIES.indexOf(wanted);
}

/** Whether somebody who has one of the wanted roles, and nothing else that is known, may answer the stage. */
function concerns(
  { roles, own }: Wants,
  { who }: Stage,
  target: { name: string; labels: HeldRequest['labels'] },
): boolean {
  if (who === 'requester') return own;
  if (roles === null) return true;
  return roles.some((role) => selectorHolds(who, { user: { name: '', roles: [role] }, target }) !== false);
}
