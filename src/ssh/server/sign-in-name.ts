/**
 * The user name of an SSH sign-in: `USER`, `USER@TARGET` or `USER@LOGIN@TARGET`, with `+` for `@`. Two readings
 * are never weighed against each other: what does not fit is refused.
 */
import { isName } from '../../model/names.ts';

export type SignInName =
  | { readonly door: 'console'; readonly user: string }
  | {
      readonly door: 'direct';
      readonly user: string;
      readonly target: string;
      /** null: the target's default login. */
      readonly login: string | null;
    };

/** The reserved login that stands for a target's default. */
const DEFAULT_LOGIN = 'auto';

/** null if the name is not of one of the three forms. @param text foreign text, as the client sent it */
export function parseSignInName(text: string): SignInName | null {
  const parts = text.split(/[@+]/);
  if (!parts.every(isName)) return null;
  const [user, second, third, ...more] = parts;
  if (user === undefined || more.length > 0) return null;
  if (second === undefined) return { door: 'console', user };
  if (third === undefined) return { door: 'direct', user, target: second, login: null };
  return { door: 'direct', user, target: third, login: parseLogin(second) };
}

/** null stands for the default. */
export function parseLogin(name: string): string | null {
  return name === DEFAULT_LOGIN ? null : name;
}
