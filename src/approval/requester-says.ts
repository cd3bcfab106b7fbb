/**
 * What a requester may say about an open request: why, once, how urgent it is, a message, and that those who are asked
 * be told again. None of it changes what is asked for, and none of it approves anything.
 */
import { formatDuration } from '../base/duration.ts';
import { visible } from '../base/visible.ts';
import type { AuditDraft } from '../model/audit-event.ts';
import type { Urgency } from '../model/urgency.ts';
import { approvalEvent } from './approval-events.ts';
import type { HeldRequest } from './ports.ts';
import { reasonObjection } from './reason-rule.ts';

export type Saying =
  /** Once; a request that waited for it becomes listed. */
  | { readonly kind: 'reason'; readonly text: string }
  | { readonly kind: 'urgency'; readonly urgency: Urgency }
  /** One line for those who are asked, who are told again with it. */
  | { readonly kind: 'message'; readonly text: string }
  /** Those who are asked are told again. */
  | { readonly kind: 'reminder' };

/** The request with what was said, and the event that has to be in the log before that; or why it may not be said. */
export type Said =
  | { readonly kind: 'said'; readonly next: HeldRequest; readonly event: AuditDraft }
  | { readonly kind: 'refused'; readonly why: string };

/** Characters of a message; longer ones are refused, not cut. */
export const MESSAGE_LIMIT = 300;
/** Of one request. */
export const MOST_MESSAGES = 5;
export const MOST_REMINDERS = 5;
/** ms between two times that people are told of a request because its requester wants it. */
export const REMINDER_REST = 30_000;

/** @param now ms since the epoch */
export function afterSaying(before: HeldRequest, saying: Saying, now: number): Said {
  switch (saying.kind) {
    case 'reason':
      return withReason(before, saying.text);
    case 'urgency':
      return withUrgency(before, saying.urgency);
    case 'message':
      return withMessage(before, saying.text, now);
    case 'reminder':
      return withReminder(before, now);
  }
}

function withReason(before: HeldRequest, text: string): Said {
  if (before.votes.length > 0) return refused('Somebody has voted already.');
  const why = reasonObjection(before.requirement.reason, text);
  if (why !== null) return refused(why);
  const next = { ...before, reason: text.trim(), listed: true, version: before.version + 1 };
  const type = before.listed ? 'approval.reason_set' : 'approval.requested';
  return { kind: 'said', next, event: approvalEvent(type, next, { reason: text.trim() }) };
}

function withUrgency(before: HeldRequest, urgency: Urgency): Said {
  const raised = before.raised === true || urgency === 'high' ? { raised: true as const } : {};
  const next = { ...before, ...raised, urgency, version: before.version + 1 };
  return { kind: 'said', next, event: approvalEvent('approval.urgency_set', next, { approval: { urgency } }) };
}

/** Kept as it is shown: nothing invisible in it ever reaches a log, a chat or a page. */
function withMessage(before: HeldRequest, given: string, now: number): Said {
  const text = visible(given.replace(/\s+/g, ' ').trim());
  const messages = before.messages ?? [];
  const why = messageObjection(text, messages.length);
  if (why !== null) return refused(why);
  const next = { ...before, messages: [...messages, { text, at: now }], version: before.version + 1 };
  return { kind: 'said', next, event: approvalEvent('approval.message', next, { approval: { message: text } }) };
}

function messageObjection(text: string, sent: number): string | null {
  if (text === '') return 'The message is empty.';
  if ([...text].length > MESSAGE_LIMIT) return `A message has at most ${MESSAGE_LIMIT} characters.`;
  // A code that somebody types here by mistake must be in no log and in no chat.
  if (/^(?:\d ?){6}$/.test(text) || /(?<!\S)\d{6}(?!\S)/.test(text))
    return 'There is what looks like a code in it; it was not sent.';
  return sent >= MOST_MESSAGES ? `${MOST_MESSAGES} messages are as many as one request takes.` : null;
}

function withReminder(before: HeldRequest, now: number): Said {
  const times = (before.reminded?.times ?? 0) + 1;
  if (times > MOST_REMINDERS) return refused(`They were reminded ${MOST_REMINDERS} times; that is all.`);
  const since = now - lastTold(before);
  // A clock that went back makes nobody wait for hours.
  if (since >= 0 && since < REMINDER_REST) {
    return refused(`They were told ${formatDuration(since)} ago; again in ${formatDuration(REMINDER_REST - since)}.`);
  }
  const next = { ...before, reminded: { times, at: now }, version: before.version + 1 };
  return { kind: 'said', next, event: approvalEvent('approval.reminded', next, { approval: { reminder: times } }) };
}

function lastTold({ createdAt, reminded, messages = [] }: HeldRequest): number {
  return Math.max(createdAt, reminded?.at ?? 0, messages.at(-1)?.at ?? 0);
}

function refused(why: string): Said {
  return { kind: 'refused', why };
}
