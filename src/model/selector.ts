/**
 * Selectors: the `who`, `targets` and `when` of policy files that speak of people and labels only.
 * The type and its one evaluation, shared by policy rules, access rules and approval stages.
 */
import type { Labels } from './target.ts';

export type Selector =
  | { readonly kind: 'always' }
  | { readonly kind: 'any'; readonly of: readonly Selector[] }
  | { readonly kind: 'all'; readonly of: readonly Selector[] }
  | { readonly kind: 'not'; readonly of: Selector }
  | { readonly kind: 'users'; readonly names: readonly string[] }
  | { readonly kind: 'role'; readonly roles: readonly string[] }
  | { readonly kind: 'targets'; readonly names: readonly string[] }
  | { readonly kind: 'label'; readonly key: string; readonly values: readonly string[] };

/** What a selector is asked about; what is absent is unknown. */
export interface SelectorSubject {
  readonly user?: { readonly name: string; readonly roles: readonly string[] };
  readonly target?: { readonly name: string; readonly labels: Labels };
}

/** Kleene's three values. */
export type Truth = boolean | 'unknown';

/** Whether `selector` holds for `subject`; `unknown` when it asks about something absent. Names may hold `*`. */
export function selectorHolds(selector: Selector, subject: SelectorSubject): Truth {
  switch (selector.kind) {
    case 'always':
      return true;
    case 'any':
      return anyOf(selector.of.map((part) => selectorHolds(part, subject)));
    case 'all':
      return allOf(selector.of.map((part) => selectorHolds(part, subject)));
    case 'not':
      return negate(selectorHolds(selector.of, subject));
    case 'users':
      return subject.user === undefined ? 'unknown' : matchesName(selector.names, subject.user.name);
    case 'role':
      return subject.user === undefined ? 'unknown' : selector.roles.some((role) => subject.user?.roles.includes(role));
    case 'targets':
      return subject.target === undefined ? 'unknown' : matchesName(selector.names, subject.target.name);
    case 'label':
      return subject.target === undefined ? 'unknown' : labelHolds(selector, subject.target.labels);
  }
}

/** True if one is true, else unknown if one is unknown, else false. */
export function anyOf(values: readonly Truth[]): Truth {
  if (values.includes(true)) return true;
  return values.includes('unknown') ? 'unknown' : false;
}

/** False if one is false, else unknown if one is unknown, else true. */
export function allOf(values: readonly Truth[]): Truth {
  if (values.includes(false)) return false;
  return values.includes('unknown') ? 'unknown' : true;
}

export function negate(value: Truth): Truth {
  return value === 'unknown' ? 'unknown' : !value;
}

function labelHolds(selector: { key: string; values: readonly string[] }, labels: Labels): Truth {
  const value = labels[selector.key];
  return value === undefined ? 'unknown' : selector.values.includes(value);
}

function matchesName(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => wildcard(pattern).test(name));
}

function wildcard(pattern: string): RegExp {
  const escaped = pattern.replace(/[\\^$.|?+()[\]{}]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${escaped}$`);
}
