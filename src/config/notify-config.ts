/** The settings of notifications, complete. Secrets are not among them: only the files that hold them. */
import { resolve } from 'node:path';
import type { Severity } from '../model/decision.ts';
import type { Selector } from '../model/selector.ts';
import type { NotifyFile, ReceiverFile } from './notify-schema.ts';
import { milliseconds } from './units.ts';

export interface NotifyConfig {
  /** ms; what could not be delivered for longer is given up. */
  readonly giveUp: number;
  readonly receivers: readonly ReceiverConfig[];
}

export interface ReceiverConfig {
  readonly name: string;
  readonly events: readonly ('asked' | 'decided')[];
  /** Roles that may approve; null: any. */
  readonly asks: readonly string[] | null;
  /** Asked about the target. */
  readonly targets: Selector;
  /** At least; null: any. */
  readonly severity: Severity | null;
  /** Also what asks its requester only. */
  readonly own: boolean;
  /** How much of the command is told. */
  readonly command: 'full' | 'first-word' | 'none';
  readonly way: HttpWayConfig | MailWayConfig;
}

export interface HttpWayConfig {
  readonly kind: 'http';
  readonly form: 'json' | 'slack' | 'mattermost' | 'teams' | 'discord' | 'ntfy';
  readonly url: { readonly kind: 'given'; readonly url: string } | { readonly kind: 'file'; readonly path: string };
  /** Of the key that signs; null: not signed. */
  readonly secretFile: string | null;
  /** Of a bearer token; null: none. */
  readonly tokenFile: string | null;
}

export interface MailWayConfig {
  readonly kind: 'mail';
  /** Absolute path of a sendmail-compatible program. */
  readonly program: string;
  readonly from: string;
  readonly to: readonly [string, ...string[]];
}

const SENDMAIL = '/usr/sbin/sendmail';

/** @param base directory that relative paths are relative to */
export function notifyOf(raw: NotifyFile | undefined, base: string): NotifyConfig {
  const receivers = Object.entries(raw?.receivers ?? {});
  return {
    giveUp: milliseconds(raw?.give_up ?? '1h'),
    receivers: receivers.map(([name, receiver]) => receiverOf(name, receiver, raw?.command ?? 'full', base)),
  };
}

function receiverOf(name: string, raw: ReceiverFile, command: ReceiverConfig['command'], base: string): ReceiverConfig {
  return {
    name,
    events: raw.events ?? ['asked', 'decided'],
    asks: raw.asks ?? null,
    targets: targetsOf(raw),
    severity: raw.severity ?? null,
    own: raw.own ?? false,
    command: raw.command ?? command,
    way: wayOf(raw, base),
  };
}

function targetsOf({ targets, labels }: ReceiverFile): Selector {
  const named: readonly Selector[] = targets === undefined ? [] : [{ kind: 'targets', names: targets }];
  const labelled = Object.entries(labels ?? {}).map(
    ([key, value]): Selector => ({ kind: 'label', key, values: typeof value === 'string' ? [value] : value }),
  );
  return { kind: 'all', of: [...named, ...labelled] };
}

function wayOf(raw: ReceiverFile, base: string): HttpWayConfig | MailWayConfig {
  if (raw.form === 'mail') {
    const [first = '', ...rest] = typeof raw.to === 'string' ? [raw.to] : raw.to;
    return { kind: 'mail', program: raw.sendmail ?? SENDMAIL, from: raw.from, to: [first, ...rest] };
  }
  const file = (path: string | undefined): string | null => (path === undefined ? null : resolve(base, path));
  const given = 'url' in raw ? raw.url : undefined;
  return {
    kind: 'http',
    form: raw.form,
    url:
      given === undefined ? { kind: 'file', path: resolve(base, raw.url_file ?? '') } : { kind: 'given', url: given },
    secretFile: file('secret_file' in raw ? raw.secret_file : undefined),
    tokenFile: file('token_file' in raw ? raw.token_file : undefined),
  };
}
