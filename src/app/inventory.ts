/** Roles and labels as the store's files have them, read without a daemon and without owning the store. */

import type { BreakGlass } from '../approval/break-glass-ports.ts';
import type { AuditHead } from '../audit/audit-log.ts';
import type { Lockdown } from '../model/lockdown.ts';
import type { Labels } from '../model/target.ts';
import type { StoredNames } from '../policy/lint/stored-names.ts';
import { auditNote } from '../store/embedded/embedded-store.ts';
import { peekStore } from '../store/embedded/peek.ts';
import { NODE } from './open-state.ts';

export interface Inventory {
  /** Names of the people that are stored. */
  readonly users: readonly string[];
  /** Names of the targets that are stored. */
  readonly targets: readonly string[];
  rolesOf(user: string): readonly string[];
  labelsOf(target: string): Labels;
}

/** What is known of people and targets; somebody unknown has no roles, an unknown target no labels. */
export async function readInventory(store: string): Promise<Inventory> {
  const { users, targets } = await peekStore(store);
  return {
    users: [...users.keys()],
    targets: [...targets.keys()],
    rolesOf: (user) => users.get(user)?.roles ?? [],
    labelsOf: (target) => targets.get(target)?.labels ?? {},
  };
}

/** The lockdown that the store has, or null. @throws HeldlineError `store.damaged`, `store.schema` */
export async function peekLockdown(store: string): Promise<Lockdown | null> {
  const { lockdowns } = await peekStore(store);
  return [...lockdowns.values()][0] ?? null;
}

/** All break-glasses that the store has. @throws HeldlineError as `peekLockdown` */
export async function peekBreakGlasses(store: string): Promise<readonly BreakGlass[]> {
  const { breakGlasses } = await peekStore(store);
  return [...breakGlasses.values()];
}

/** The head of the audit log as the store knows it; null when there is no store. @throws HeldlineError `store.damaged`, `store.schema` */
export async function peekAuditHead(store: string): Promise<AuditHead | null> {
  const { notes } = await peekStore(store);
  return notes.get(auditNote(NODE)) ?? null;
}

/** Who and what exists, for warnings about names in a policy. @throws HeldlineError as `peekLockdown` */
export async function peekNames(store: string): Promise<StoredNames> {
  const { users, targets } = await peekStore(store);
  const people = [...users.values()].map(({ name, roles, disabled, keys }) => ({
    name,
    roles,
    disabled,
    keyTypes: keys.map(({ type }) => type),
  }));
  return { users: people, targets: [...targets.values()].map(({ name, labels }) => ({ name, labels })) };
}
