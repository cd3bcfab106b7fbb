/**
 * Decides who may reach which target and login, by the access rules and the time-boxed accesses of this
 * moment. Asked for every session; nothing is cached. A target that does not exist and one that the person may
 * not see give the same answer. Doubt gives no access: a rule whose selector is unknown does not hold.
 */
import { nearestWord } from '../base/nearest-word.ts';
import type { AccessRule } from '../model/access-rule.ts';
import type { Principal } from '../model/principal.ts';
import { allOf, selectorHolds } from '../model/selector.ts';
import type { Target } from '../model/target.ts';
import { Access } from './access.ts';
import type { CurrentRoles, TargetStore, TimedAccess, TimedAccesses } from './ports.ts';

/** What must be asked for first, and for how long at most. */
export type AccessRequestRule = NonNullable<AccessRule['request']>;

/** The login that stands for the target's default. */
const DEFAULT_LOGIN = 'auto';
const LOCAL_LOGIN = 'local';

export type AccessOutcome =
  | { readonly kind: 'granted'; readonly access: Access }
  /** There is no such target, or none for this person; `suggestion` is one they may see. */
  | { readonly kind: 'unknown'; readonly suggestion: string | null }
  /** The target is there for them, but not under this login. */
  | { readonly kind: 'login-refused'; readonly logins: readonly string[] }
  /** They may ask for access for a time. */
  | { readonly kind: 'request-needed'; readonly logins: readonly string[]; readonly longest: number | null }
  /** The person was removed or disabled. */
  | { readonly kind: 'no-authority' };

/** A target as one person sees it. */
export interface VisibleTarget {
  readonly target: Target;
  /** What they may sign in as now; empty when access must be asked for first. */
  readonly logins: readonly string[];
  /** Set when they may ask for access for a time. */
  readonly request: { readonly logins: readonly string[]; readonly longest: number | null } | null;
  /** When the last of the logins ends; null when they do not end. ms since the epoch. */
  readonly until: number | null;
}

/** What somebody may ask for. */
export interface RequestableAccess {
  readonly target: Target;
  readonly login: string;
  readonly rule: AccessRequestRule;
}

export interface AccessControlParts {
  readonly targets: TargetStore;
  readonly people: CurrentRoles;
  readonly timed: TimedAccesses;
  /** The rules of the current policy. */
  readonly rules: () => readonly AccessRule[];
}

interface Subject {
  readonly name: string;
  readonly roles: readonly string[];
}

/** What all rules together say of one person and one target. */
interface Reach {
  readonly target: Target;
  /** What standing rules give, and which rule. */
  readonly logins: readonly string[];
  readonly basisOf: (login: string) => string;
  readonly requests: readonly { readonly logins: readonly string[]; readonly rule: AccessRequestRule }[];
  readonly timed: readonly TimedAccess[];
}

export class AccessControl {
  readonly #parts: AccessControlParts;

  constructor(parts: AccessControlParts) {
    this.#parts = parts;
  }

  /** @param login null or `auto`: the target's default */
  async decide(principal: Principal, name: string, login: string | null): Promise<AccessOutcome> {
    const subject = await this.#subject(principal.user);
    if (subject === null) return { kind: 'no-authority' };
    const target = await this.#parts.targets.find(name);
    const reach = target === null ? null : await this.#reach(subject, target);
    if (reach === null || !isVisible(reach)) {
      return { kind: 'unknown', suggestion: await this.#suggest(subject, name) };
    }
    return answer({ ...principal, roles: subject.roles }, reach, login === DEFAULT_LOGIN ? null : login);
  }

  /** Everything that `user` may see, by name. */
  async visibleTo(user: string): Promise<readonly VisibleTarget[]> {
    const subject = await this.#subject(user);
    if (subject === null) return [];
    const reaches = await this.#reaches(subject);
    return reaches.map(viewOf);
  }

  /** What an access request of `user` would be about; null when there is nothing to ask for. */
  async requestable(user: string, name: string, login: string | null): Promise<RequestableAccess | null> {
    const subject = await this.#subject(user);
    const target = await this.#parts.targets.find(name);
    if (subject === null || target === null) return null;
    const { requests } = await this.#reach(subject, target);
    for (const { logins, rule } of requests) {
      const wanted = login === null || login === DEFAULT_LOGIN ? logins[0] : login;
      if (wanted !== undefined && logins.includes(wanted)) return { target, login: wanted, rule };
    }
    return null;
  }

  async #subject(user: string): Promise<Subject | null> {
    const roles = await this.#parts.people.rolesOf(user);
    return roles === null ? null : { name: user, roles };
  }

  async #reaches(subject: Subject): Promise<readonly Reach[]> {
    const targets = await this.#parts.targets.list();
    const reaches = await Promise.all(targets.map((target) => this.#reach(subject, target)));
    return reaches.filter(isVisible);
  }

  async #reach(subject: Subject, target: Target): Promise<Reach> {
    const holding = this.#parts.rules().filter((rule) => ruleHolds(rule, subject, target));
    const standing = holding.filter((rule) => rule.request === null);
    const logins = loginsOf(target).filter((login) => standing.some((rule) => allows(rule, login)));
    const requests = holding.flatMap((rule) =>
      rule.request === null
        ? []
        : [{ rule: rule.request, logins: loginsOf(target).filter((login) => allows(rule, login)) }],
    );
    const timed = await this.#parts.timed.held(subject.name, target.name);
    const basisOf = (login: string): string => standing.find((rule) => allows(rule, login))?.origin ?? 'policy';
    return { target, logins, basisOf, requests: requests.filter((one) => one.logins.length > 0), timed };
  }

  async #suggest(subject: Subject, name: string): Promise<string | null> {
    const names = (await this.#reaches(subject)).map((reach) => reach.target.name);
    return nearestWord(name, names) ?? null;
  }
}

/** The accounts of a target that may be asked for; the first is the default. */
function loginsOf(target: Target): readonly string[] {
  return target.kind === 'ssh' ? target.logins : [target.login ?? LOCAL_LOGIN];
}

function answer(principal: Principal, reach: Reach, login: string | null): AccessOutcome {
  const { target, logins, requests } = reach;
  const standing = login ?? logins[0];
  if (standing !== undefined && logins.includes(standing)) {
    return { kind: 'granted', access: Access.proven(principal, target, standing, null, reach.basisOf(standing)) };
  }
  const timed = usable(reach, login);
  if (timed !== null) {
    const basis = `grant ${timed.id}`;
    return { kind: 'granted', access: Access.proven(principal, target, timed.login, timed.until, basis) };
  }
  const asked = requests.filter((one) => login === null || one.logins.includes(login));
  if (asked.length > 0) return { kind: 'request-needed', ...requestView(asked) };
  return { kind: 'login-refused', logins: allLogins(reach) };
}

/** The time-boxed access to `login` that holds longest. */
function usable(reach: Reach, login: string | null): (TimedAccess & { readonly login: string }) | null {
  const known = loginsOf(reach.target);
  const fitting = reach.timed.flatMap((timed) => {
    const means = timed.login ?? known[0];
    const fits = means !== undefined && known.includes(means) && (login === null || login === means);
    return fits ? [{ ...timed, login: means }] : [];
  });
  return fitting.sort((a, b) => b.until - a.until)[0] ?? null;
}

function ruleHolds(rule: AccessRule, subject: Subject, target: Target): boolean {
  const facts = { user: subject, target };
  return allOf([selectorHolds(rule.who, facts), selectorHolds(rule.targets, facts)]) === true;
}

function allows(rule: AccessRule, login: string): boolean {
  return rule.logins === null || rule.logins.includes(login);
}

function isVisible(reach: Reach): boolean {
  return reach.logins.length > 0 || reach.requests.length > 0 || reach.timed.length > 0;
}

function allLogins(reach: Reach): readonly string[] {
  const timed = reach.timed.flatMap((one) => one.login ?? []);
  const asked = reach.requests.flatMap((one) => one.logins);
  return [...new Set([...reach.logins, ...timed, ...asked])];
}

function requestView(requests: Reach['requests']): { logins: readonly string[]; longest: number | null } {
  return {
    logins: [...new Set(requests.flatMap((one) => one.logins))],
    longest: longestOf(requests.map((one) => one.rule.longest)),
  };
}

/** null, no limit of its own, is longer than any. */
function longestOf(limits: readonly (number | null)[]): number | null {
  const known = limits.flatMap((limit) => limit ?? []);
  return known.length < limits.length ? null : Math.max(...known);
}

function viewOf(reach: Reach): VisibleTarget {
  const timed = reach.timed.flatMap((one) => one.login ?? loginsOf(reach.target)[0] ?? []);
  return {
    target: reach.target,
    logins: [...new Set([...reach.logins, ...timed])],
    request: reach.requests.length === 0 ? null : requestView(reach.requests),
    until: reach.logins.length > 0 || timed.length === 0 ? null : Math.max(...reach.timed.map((one) => one.until)),
  };
}
