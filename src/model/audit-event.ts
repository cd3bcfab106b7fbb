/** One fact for the audit log. The log adds sequence, time, id, node and the chain. */

export type AuditOutcome = 'success' | 'failure' | 'denied' | 'expired' | 'error';

export interface AuditActor {
  readonly user: string;
  readonly address?: string;
  readonly roles?: readonly string[];
  readonly auth?: string;
  readonly mfa?: boolean;
  readonly client?: string;
}

export interface AuditCommand {
  /** null when the target did not echo. */
  readonly text?: string | null;
  /** Of the text as it was typed. */
  readonly sha256?: string;
  /** Present when passwords or tokens were taken out of `text`. */
  readonly redacted?: true;
  readonly context?: string;
  readonly confidence?: 'exact' | 'partial' | 'opaque';
  readonly reason?: string;
  /** `id` of the `command.submitted` that this event speaks of. */
  readonly of?: string;
}

/** Everything but what the log itself adds. Blocks are present when they apply. */
export interface AuditDraft {
  /** Dotted family and fact, e.g. `command.held`; the list is in docs/audit-events.md. */
  readonly type: string;
  readonly outcome?: AuditOutcome;
  readonly actor?: AuditActor;
  readonly target?: {
    readonly name: string;
    readonly login?: string;
    readonly host?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly session?: { readonly id: string; readonly channel?: number; readonly proto?: string };
  readonly reason?: string;
  readonly command?: AuditCommand;
  readonly policy?: {
    readonly hash: string;
    readonly rule?: string | null;
    readonly decision?: string;
    readonly ids?: readonly string[];
    /** Conditions of the rules that decided, and who is on call, each with the answer. */
    readonly facts?: Readonly<Record<string, string>>;
  };
  readonly approval?: Readonly<Record<string, unknown>>;
  readonly grant?: Readonly<Record<string, unknown>>;
  readonly breakglass?: Readonly<Record<string, unknown>>;
  readonly recording?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: string; readonly message: string };
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** A draft as it stands in the log. */
export interface AuditEvent extends AuditDraft {
  readonly v: 1;
  readonly seq: number;
  /** RFC 3339 with microseconds. */
  readonly time: string;
  readonly id: string;
  readonly node: { readonly id: string; readonly boot: string; readonly version: string };
  readonly prev: string;
  readonly hash: string;
}

/** Where facts are written. The log itself; a port so that knowledge need not know the log. */
export interface AuditSink {
  /** Durable when resolved. A rejection means that it is not known to be written: do not act on it. */
  append(draft: AuditDraft): Promise<unknown>;
}
