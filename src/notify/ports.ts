/**
 * What the notifications need from a store: an outbox whose rows are written in the very transaction that changes
 * the request they tell of, and taken out only once they were delivered or given up.
 */
import type { HeldRequest } from '../approval/ports.ts';
import type { RequestState } from '../model/approval-request.ts';
import type { RequestUid } from '../model/names.ts';

/** What is told of a request: that somebody's approval is asked for, or what became of it. */
export type RequestNews =
  | { readonly kind: 'asked' }
  | { readonly kind: 'decided'; readonly state: Exclude<RequestState, 'pending'> };

export type NewsKind = RequestNews['kind'];

/** One piece of news for one receiver. Text is made of the request when it is delivered. */
export interface OutboxDraft {
  /** `msg_...`; the same in every attempt, so that a receiver can drop what it has. */
  readonly id: string;
  /** Name of the receiver. */
  readonly receiver: string;
  readonly uid: RequestUid;
  readonly news: RequestNews;
  /** ms since the epoch */
  readonly queuedAt: number;
}

export interface OutboxEntry extends OutboxDraft {
  /** Order in which they were put in. */
  readonly number: number;
}

/** What a change of a request gives to tell. Runs inside the transaction: quick, pure, never throws. */
export type Announcer = (before: HeldRequest | null, after: HeldRequest) => readonly OutboxDraft[];

export interface OutboxStore {
  /** Sets what is put in with every change of a request from now on. */
  announceWith(announcer: Announcer): void;
  /** In the order in which they were put in. */
  list(): Promise<readonly OutboxEntry[]>;
  /** Durable when resolved; what is not there is ignored. */
  remove(ids: readonly string[]): Promise<void>;
}
