/** Whom news go to: what each receiver wants to hear, how much of a command it is shown, and the way there. */
import type { Severity } from '../model/decision.ts';
import type { Selector } from '../model/selector.ts';
import type { NewsKind } from './ports.ts';

/** Bodies that are sent by HTTP. */
export type HttpForm = 'json' | 'slack' | 'mattermost' | 'teams' | 'discord' | 'ntfy';

/** How much of a command leaves the bastion. */
export type Shows = 'full' | 'first-word' | 'none';

/** All of them must hold. */
export interface Wants {
  readonly news: readonly NewsKind[];
  /** Only requests that somebody with one of these roles may approve; null: any. */
  readonly roles: readonly string[] | null;
  /** Asked about the target. */
  readonly targets: Selector;
  /** At least this severe; what has no severity is told. null: any. */
  readonly severity: Severity | null;
  /** Also requests that ask their requester only. */
  readonly own: boolean;
}

/** A POST to one URL. */
export interface HttpWay {
  readonly kind: 'http';
  readonly form: HttpForm;
  /** May be a secret by itself: never shown, never logged. */
  readonly url: string;
  /** Key of the signature (Standard Webhooks); null: not signed. */
  readonly secret: Uint8Array | null;
  /** Sent as a bearer token; null: none. */
  readonly token: string | null;
}

/** A sendmail-compatible program on this machine. */
export interface MailWay {
  readonly kind: 'mail';
  /** Absolute path. */
  readonly program: string;
  readonly from: string;
  readonly to: readonly [string, ...string[]];
}

export interface Receiver {
  readonly name: string;
  readonly wants: Wants;
  readonly shows: Shows;
  readonly way: HttpWay | MailWay;
}
