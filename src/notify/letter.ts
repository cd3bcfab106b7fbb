/**
 * What a receiver is told, before any form: a title and lines of raw foreign text, and the same as data. Nothing
 * here is escaped; every form does that for everything, also for what looks trusted. It tells how to decide and
 * holds nothing that decides.
 */
import type { HeldRequest } from '../approval/ports.ts';
import { requestView, whoInWords } from '../approval/request-view.ts';
import { isBreakGlass, type RequestMessage } from '../model/approval-request.ts';
import type { OutboxEntry, RequestNews } from './ports.ts';
import type { Shows } from './receiver.ts';

export interface Line {
  /** Without line breaks of ours. */
  readonly text: string;
  /** Bytes that it may take in a form, after escaping. */
  readonly limit: number;
}

export interface Letter {
  /** Of the delivery; the same in every attempt. */
  readonly id: string;
  /** `request.asked`, `request.decided`, `break-glass.ended`, `test`. */
  readonly type: string;
  /** When it happened, ms since the epoch. */
  readonly at: number;
  readonly title: Line;
  readonly lines: readonly Line[];
  /** For receivers that are programs. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly priority: 'low' | 'default' | 'high' | 'urgent';
}

/** A piece of news about a request. */
export type RequestEntry = OutboxEntry & { readonly news: RequestNews };

/** What of the bastion stands in a letter. */
export interface Sender {
  /** What people type behind `ssh`: `-p 2222 bastion.example.com`. */
  readonly words: string;
  /** How people reach the HTTP API, without a slash at the end; null: nothing is linked. */
  readonly url: string | null;
  /** Head of the audit log: whoever keeps the letter can tell later that the log was not rewritten. */
  readonly logHead: () => { readonly seq: number; readonly hash: string };
}

/** Together below 2000, which is as much as Discord takes. */
const TITLE = 160;
const COMMAND = 700;
const LINE = 220;

/** The news of a request as it stands now. */
export function requestLetter(entry: RequestEntry, request: HeldRequest, shows: Shows, sender: Sender): Letter {
  const { id, news, queuedAt } = entry;
  return {
    id,
    type: `request.${news.kind}`,
    at: queuedAt,
    title: { text: titleOf(news, request), limit: TITLE },
    lines: linesOf(news, request, shows, sender),
    data: dataOf(news, request, shows, sender),
    priority: priorityOf(request),
  };
}

/** A letter that asks nothing of anybody. @param by who sends it @param at ms since the epoch */
export function trialLetter(id: string, by: string, at: number): Letter {
  return {
    id,
    type: 'test',
    at,
    title: { text: 'Heldline: a test', limit: TITLE },
    lines: [{ text: `Sent by ${by}. Nothing waits for you.`, limit: LINE }],
    data: { by },
    priority: 'default',
  };
}

/** A requester can make it quieter or louder, but not a break-glass. */
function priorityOf(request: HeldRequest): Letter['priority'] {
  const { severity, urgency = 'normal' } = request;
  if (isBreakGlass(request)) return 'urgent';
  if (urgency === 'low') return 'low';
  const isSevere = severity === 'high' || severity === 'critical';
  if (urgency === 'high') return isSevere ? 'urgent' : 'high';
  return isSevere ? 'high' : 'default';
}

function titleOf(news: RequestNews, request: HeldRequest): string {
  const { id, statement, severity, state } = request;
  const { user, login, target } = statement;
  if (request.subject === 'break-glass') return `BREAK-GLASS ${id}: held commands of ${user} pass`;
  if (request.byBreakGlass !== undefined) return `BREAK-GLASS used: ${user} on ${login}@${target}`;
  if (news.kind === 'decided') return `${id}: ${outcomeOf(news, request)}`;
  const waits = state === 'pending' ? (request.reminded === undefined ? 'waits' : 'still waits') : 'waited';
  const haste = request.urgency === 'high' ? 'urgent' : request.urgency === 'low' ? 'no hurry' : null;
  const label = [severity, haste].filter((part) => part !== null).join(', ');
  return `${id}: ${user} ${waits} on ${login}@${target}${label === '' ? '' : ` (${label})`}`;
}

function outcomeOf({ state }: Extract<RequestNews, { kind: 'decided' }>, { votes }: HeldRequest): string {
  const verdict = state === 'approved' ? 'approve' : 'deny';
  const people = votes.filter((vote) => vote.verdict === verdict).map((vote) => vote.approver);
  const named = (state === 'approved' || state === 'denied') && people.length > 0;
  return named ? `${state} by ${people.join(', ')}` : state;
}

function linesOf(news: RequestNews, request: HeldRequest, shows: Shows, sender: Sender): readonly Line[] {
  const { rule, why, digest } = request;
  const command = commandOf(request, shows);
  const reason = reasonOf(request, shows);
  const message = messagesOf(request, shows).at(-1);
  const common: readonly (Line | null)[] = [
    { text: command === null ? 'The command is not shown here.' : `Command: ${command}`, limit: COMMAND },
    { text: `Why: ${why}${rule === null ? '' : ` (rule ${rule})`}`, limit: LINE },
    reason === null ? null : { text: `Reason: ${reason}`, limit: LINE },
    message === undefined ? null : { text: `Message: ${message.text}`, limit: LINE },
  ];
  const last = news.kind === 'asked' ? askedLines(request, sender) : decidedLines(request, shows);
  return [...common, ...last, { text: `Digest: ${digest}`, limit: LINE }].filter((line) => line !== null);
}

function askedLines({ id, state, statement, requirement }: HeldRequest, sender: Sender): readonly Line[] {
  if (state !== 'pending') return [{ text: `It is ${state} by now: there is nothing to decide.`, limit: LINE }];
  const asked = requirement.stages.map(({ who, count }) => `${count} of ${whoInWords(who)}`).join(', ');
  return [
    { text: `Asks: ${asked}. Until ${clockTime(statement.expiresAt)}`, limit: LINE },
    { text: `To decide: ${howToDecide(id, sender)}`, limit: LINE },
  ];
}

/** The link leads to a page that says how; opening it decides nothing. */
function howToDecide(id: string, { words, url }: Sender): string {
  const typed = `ssh -t ${words} approve ${id}`;
  return url === null ? typed : `${linkTo(url, id)} or: ${typed}`;
}

function linkTo(url: string, id: string): string {
  return `${url}/r/${id}`;
}

function decidedLines(request: HeldRequest, shows: Shows): readonly (Line | null)[] {
  const { statement, ending } = request;
  const { user, login, target } = statement;
  return [
    { text: `Asked by ${user} on ${login}@${target}.`, limit: LINE },
    isBreakGlass(request)
      ? { text: 'Nobody was asked. Somebody else has to review it: break-glass list', limit: LINE }
      : null,
    ending === null || shows === 'none' ? null : { text: `Because: ${ending}`, limit: LINE },
  ];
}

function dataOf(
  news: RequestNews,
  request: HeldRequest,
  shows: Shows,
  { words, url, logHead }: Sender,
): Readonly<Record<string, unknown>> {
  const { v: _version, votes, ...view } = requestView(request);
  return {
    ...view,
    state: news.kind === 'decided' ? news.state : view.state,
    command: commandOf(request, shows),
    reason: reasonOf(request, shows),
    messages: shows === 'none' ? [] : view.messages,
    votes: votes.map((vote) => ({ ...vote, reason: shows === 'none' ? null : vote.reason })),
    ending: shows === 'none' ? null : request.ending,
    labels: request.labels,
    approve_with: `ssh -t ${words} approve ${request.id}`,
    link: url === null ? null : linkTo(url, request.id),
    log_head: logHead(),
  };
}

/** null: not shown. */
function commandOf({ statement }: HeldRequest, shows: Shows): string | null {
  return shownCommand(statement.command, shows);
}

/** As much of a command as leaves the bastion; null: nothing. */
export function shownCommand(command: string, shows: Shows): string | null {
  switch (shows) {
    case 'full':
      return command;
    case 'first-word':
      return firstWord(command);
    case 'none':
      return null;
  }
}

/** A word that assigns a variable is no command, and may hold a secret. */
function firstWord(command: string): string {
  const words = command.trim().split(/\s+/);
  const first = words.find((word) => !/^\w+=/.test(word)) ?? '';
  return words.length === 1 ? first : `${first} ...`;
}

/** What people write about a command may quote it. */
function reasonOf({ reason }: HeldRequest, shows: Shows): string | null {
  return shows === 'none' ? null : reason;
}

function messagesOf({ messages = [] }: HeldRequest, shows: Shows): readonly RequestMessage[] {
  return shows === 'none' ? [] : messages;
}

function clockTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(11, 19)} UTC`;
}
