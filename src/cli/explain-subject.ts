/** Who and where `policy explain` asks about: as stored, or as the caller describes them with --role and --label. */
import type { Inventory } from '../app/inventory.ts';
import { HeldlineError } from '../base/heldline-error.ts';
import { labelsFrom } from '../console/verb-values.ts';
import type { AccessRule } from '../model/access-rule.ts';
import type { EvaluationContext } from '../model/decision.ts';
import { selectorHolds } from '../model/selector.ts';

/** What was asked for; with roles or labels given, nothing is looked up. */
export interface AskedSubject {
  readonly user?: string | undefined;
  readonly roles?: readonly string[] | undefined;
  readonly target?: string | undefined;
  /** As typed: `env=prod`. */
  readonly labels?: readonly string[] | undefined;
}

type Subject = Pick<EvaluationContext, 'user' | 'target'>;

const MOST_NAMES = 12;

/** @throws HeldlineError of kind not-found for a name that is not stored, `usage` for a label that is none */
export function subjectOf(inventory: Inventory, asked: AskedSubject): Subject {
  const { user, roles, target, labels } = asked;
  return { ...userOf(inventory, user, roles), target: targetOf(inventory, target, labels) };
}

function userOf(inventory: Inventory, name: string | undefined, roles: readonly string[] | undefined): Subject {
  if (roles !== undefined) return { user: { name: name ?? '', roles } };
  if (name === undefined) return {};
  if (!inventory.users.includes(name)) throw unknown('user', name, inventory.users, '--role sre');
  return { user: { name, roles: inventory.rolesOf(name) } };
}

function targetOf(
  inventory: Inventory,
  name: string | undefined,
  labels: readonly string[] | undefined,
): NonNullable<Subject['target']> {
  if (labels !== undefined) return { name: name ?? '', labels: labelsFrom(labels) };
  if (name === undefined) return { name: '', labels: {} };
  if (!inventory.targets.includes(name)) throw unknown('target', name, inventory.targets, '--label env=prod');
  return { name, labels: inventory.labelsOf(name) };
}

function unknown(what: string, name: string, names: readonly string[], instead: string): HeldlineError {
  const some = `${names.slice(0, MOST_NAMES).join(', ')}${names.length > MOST_NAMES ? ', ...' : ''}`;
  const known = names.length === 0 ? 'none is stored' : `known: ${some}`;
  const hint = `To explain one that is not stored, describe it: ${instead}`;
  return new HeldlineError(`${what}.unknown`, `there is no ${what} "${name}"; ${known}`, { kind: 'not-found', hint });
}

/** What to tell when the person would not get as far as typing the line; null when they would, or nobody was named. */
export function accessNote(rules: readonly AccessRule[], { user, target }: Subject): string | null {
  if (user === undefined || target === undefined || target.name === '') return null;
  const holding = rules.filter(({ who, targets }) =>
    [selectorHolds(who, { user, target }), selectorHolds(targets, { user, target })].every((one) => one === true),
  );
  if (holding.some((rule) => rule.request === null)) return null;
  const person = user.name === '' ? 'such a user' : user.name;
  if (holding.length > 0) return `${person} reaches ${target.name} only after asking: access request ${target.name}`;
  return `${person} has no access to ${target.name}: no rule under access: gives it`;
}
