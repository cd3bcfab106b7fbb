/** Strict zod objects whose complaint about an unknown key lists what is allowed and the nearest word. */
import { z } from 'zod';
import { didYouMean } from './nearest-word.ts';

/** `z.strictObject` with a helpful message. */
export function strictObject<Shape extends z.core.$ZodLooseShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? unknownKeys(issue.keys ?? [], Object.keys(shape)) : undefined,
  });
}

/** `unknown key "x"; did you mean "y"? Allowed: ...` */
export function unknownKeys(keys: readonly string[], allowed: readonly string[]): string {
  const named = keys.map((key) => `unknown key "${key}"${didYouMean(key, allowed)}`).join(', ');
  return `${named}${named.endsWith('?') ? ' ' : '; '}allowed: ${allowed.join(', ')}`;
}
