/** Durations, sizes and addresses as zod schemas: text in the file, numbers in the program. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { parseDuration } from '../base/duration.ts';

const SIZE = /^(\d{1,12})(B|KiB|MiB|GiB|TiB)?$/;
const FACTORS: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4 };

/** `90s`, `10m`, `1h30m`. */
export const durationText: z.ZodType<string> = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, 'expected a duration such as 90s, 10m or 1h30m');

/** `512MiB`, `1GiB`; a bare number is bytes. */
export const sizeText: z.ZodType<string> = z
  .string()
  .refine((text) => SIZE.test(text), 'expected a size such as 512KiB, 64MiB or 1GiB');

/** An IP address to listen on. */
export const addressText: z.ZodType<string> = z
  .string()
  .refine((text) => isIP(text) !== 0, 'expected an IP address such as 0.0.0.0, :: or 127.0.0.1');

/** 0 asks the system for a free port. */
export const portNumber: z.ZodType<number> = z.int().min(0).max(65_535);

/** ms. @param text accepted by `durationText` */
export function milliseconds(text: string): number {
  return parseDuration(text) ?? 0;
}

/** Bytes. @param text accepted by `sizeText` */
export function bytes(text: string): number {
  const [, digits, unit] = SIZE.exec(text) ?? [];
  return Number(digits ?? 0) * (FACTORS[unit ?? 'B'] ?? 1);
}
