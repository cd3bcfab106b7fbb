/** Strict zod objects whose complaint about an unknown key lists what is allowed and the nearest word. */
import { z } from 'zod';
import { didYouMean } from './nearest-word.ts';

type Synonyms = ReadonlyMap<string, string>;

const NONE: Synonyms = new Map();

/**
 * `z.strictObject` with a helpful message.
 * @param synonyms what people write and what they mean by it, where that is not a typing error
 */
export function strictObject<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
  synonyms: Synonyms = NONE,
): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? unknownKeys(issue.keys ?? [], Object.keys(shape), synonyms) : undefined,
  });
}

/** `unknown key "x"; did you mean "y"? Allowed: ...` */
export function unknownKeys(keys: readonly string[], allowed: readonly string[], synonyms: Synonyms = NONE): string {
  const meant = (key: string): string => {
    const word = synonyms.get(key);
    return word === undefined ? didYouMean(key, allowed) : `; did you mean "${word}"?`;
  };
  const named = keys.map((key) => `unknown key "${key}"${meant(key)}`).join(', ');
  return `${named}${named.endsWith('?') ? ' ' : '; '}allowed: ${allowed.join(', ')}`;
}
