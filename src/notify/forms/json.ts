/**
 * For receivers that are programs: the envelope that Standard Webhooks recommends (`type`, `timestamp`, `data`).
 * JSON by itself is harmless, but what a program does with a string is not: texts are made visible here as well.
 */
import { escaped, plain } from '../escape.ts';
import type { Letter } from '../letter.ts';
import { type HttpBody, jsonBody } from './form.ts';

/** Bytes of one string. */
const LIMIT = 8192;

export function jsonForm({ type, at, data }: Letter): HttpBody {
  return jsonBody({ type, timestamp: new Date(at).toISOString(), data: harmless(data) });
}

function harmless(value: unknown): unknown {
  if (typeof value === 'string') return escaped(value, plain, LIMIT);
  if (Array.isArray(value)) return value.map(harmless);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, harmless(member)]));
}
