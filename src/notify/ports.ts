/**
 * What the notifications need from a store: an outbox whose rows are written in the very transaction that changes
 * what they tell of, and taken out only once they were delivered or given up.
 */
import type { BreakGlass } from '../approval/break-glass-ports.ts';
import type { HeldRequest } from '../approval/ports.ts';
import type { RequestState } from '../model/approval-request.ts';
import type { RequestUid } from '../model/names.ts';

/** What is told of a request: that somebody's approval is asked for, or what became of it. */
export type RequestNews =
  | { readonly kind: 'asked' }
  | { readonly kind: 'decided'; readonly state: Exclude<RequestState, 'pending'> };

/** Kinds of news that receivers choose among. */
export type NewsKind = RequestNews['kind'];

export type News = RequestNews | { readonly kind: 'break-glass-ended' };

/** One piece of news for one receiver. Text is made of the request when it is delivered. */
export interface OutboxDraft {
  /** `msg_...`; the same in every attempt, so that a receiver can drop what it has. */
  readonly id: string;
  /** Name of the receiver. */
  readonly receiver: string;
  /** Of the request; of a break-glass, that of the request that began it. */
  readonly uid: RequestUid;
  readonly news: News;
  /** ms since the epoch */
  readonly queuedAt: number;
}

export interface OutboxEntry extends OutboxDraft {
  /** Order in which they were put in. */
  readonly number: number;
}

/** What was stored. */
export type Change =
  | { readonly kind: 'request'; readonly before: HeldRequest | null; readonly after: HeldRequest }
  | { readonly kind: 'break-glass-ended'; readonly one: BreakGlass };

/** What a change gives to tell. Runs inside the transaction: quick, pure, never throws. */
export type Announcer = (change: Change) => readonly OutboxDraft[];

export interface OutboxStore {
  /** Sets what is put in with every change from now on. */
  announceWith(announcer: Announcer): void;
  /** In the order in which they were put in. */
  list(): Promise<readonly OutboxEntry[]>;
  /** Durable when resolved; what is not there is ignored. */
  remove(ids: readonly string[]): Promise<void>;
}
