/** What the embedded store holds: one typed table a noun, each a map from id to an immutable value. */
import type { BreakGlass } from '../../approval/break-glass-ports.ts';
import type { CommandGrant } from '../../approval/grant-ports.ts';
import type { AccessGrant, HeldRequest } from '../../approval/ports.ts';
import type { ApiToken, EnrolmentWord, PendingEnrolment, TotpFactor } from '../../identity/ports.ts';
import type { Lockdown } from '../../model/lockdown.ts';
import type { Target } from '../../model/target.ts';
import type { User } from '../../model/user.ts';
import type { OutboxEntry } from '../../notify/ports.ts';

/** When a short id was last given out, ms since the epoch. */
export interface ShortIdUse {
  readonly id: string;
  readonly usedAt: number;
}

/** Something small and single, such as the head of the audit log; see `EmbeddedStore`. */
export interface Note {
  readonly seq: number;
  readonly hash: string;
}

export interface Tables {
  readonly users: User;
  readonly factors: TotpFactor;
  readonly enrolments: PendingEnrolment;
  readonly words: EnrolmentWord;
  readonly tokens: ApiToken;
  readonly targets: Target;
  readonly requests: HeldRequest;
  readonly accessGrants: AccessGrant;
  readonly commandGrants: CommandGrant;
  readonly breakGlasses: BreakGlass;
  readonly lockdowns: Lockdown;
  readonly outbox: OutboxEntry;
  readonly shortIds: ShortIdUse;
  readonly notes: Note;
}

export type TableName = keyof Tables;

/** Raised whenever the shape of a table changes; an older or newer file is refused. */
export const SCHEMA = 1;

export const TABLE_NAMES: readonly TableName[] = [
  'users',
  'factors',
  'enrolments',
  'words',
  'tokens',
  'targets',
  'requests',
  'accessGrants',
  'commandGrants',
  'breakGlasses',
  'lockdowns',
  'outbox',
  'shortIds',
  'notes',
];

/** Tables that a snapshot of the same schema may lack because it is older than they are. */
export const YOUNGER_TABLES: ReadonlySet<TableName> = new Set([
  'lockdowns',
  'outbox',
  'commandGrants',
  'breakGlasses',
  'tokens',
]);

/** All tables in memory. */
export type TableMaps = { readonly [K in TableName]: Map<string, Tables[K]> };

/** All tables as they stand in the snapshot. */
export type TableRecords = { readonly [K in TableName]: Readonly<Record<string, Tables[K]>> };

export interface Snapshot {
  readonly schema: number;
  /** Sequence of the last journal record that is contained. */
  readonly seq: number;
  readonly tables: TableRecords;
}
