/**
 * One event as one line of text, and back. The hash covers the bytes of the line without its last member,
 * so that no canonical form of JSON is needed: what is on the disk is what was hashed.
 */
import { createHash } from 'node:crypto';
import { sha256Hex } from '../base/digest.ts';
import type { AuditDraft, AuditEvent } from '../model/audit-event.ts';

/** What the log adds to a draft. */
export interface AuditStamp {
  readonly seq: number;
  readonly time: string;
  readonly id: string;
  readonly node: AuditEvent['node'];
  /** Hash of the line before, `GENESIS` for the very first. */
  readonly prev: string;
}

/** A line that was read and whose shape is right; `intact` says whether its text has the hash it claims. */
export interface ParsedLine {
  readonly event: AuditEvent;
  readonly intact: boolean;
}

/** `prev` of the first line that a node ever wrote. */
export const GENESIS: string = '0'.repeat(64);

/** `,"hash":"` + 64 hex digits + `"}` */
const HASH_MEMBER = 75;
const ENDING = /,"prev":"[0-9a-f]{64}","hash":"[0-9a-f]{64}"\}$/;

/** The event with its hash, and its line with the newline. */
export function encodeLine(
  draft: AuditDraft,
  stamp: AuditStamp,
): { readonly event: AuditEvent; readonly line: Buffer } {
  const { seq, time, id, node, prev } = stamp;
  const members = { v: 1, seq, time, id, ...draft, node, prev } as const;
  const body = JSON.stringify(members);
  const hash = sha256Hex(body);
  return {
    event: { ...members, hash },
    line: Buffer.from(`${body.slice(0, -1)},"hash":"${hash}"}\n`),
  };
}

/** Reads a line without its newline; null when it is not an event at all. */
export function parseLine(bytes: Buffer): ParsedLine | null {
  const text = bytes.toString('utf8');
  if (!ENDING.test(text)) return null;
  const value = parseJson(text);
  if (!isAuditEvent(value)) return null;
  const hash = createHash('sha256').update(bytes.subarray(0, -HASH_MEMBER)).update('}').digest('hex');
  return { event: value, intact: hash === value.hash };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isAuditEvent(value: unknown): value is AuditEvent {
  if (typeof value !== 'object' || value === null) return false;
  const { v, seq, time, id, type, prev, hash } = value as Partial<Record<keyof AuditEvent, unknown>>;
  const texts = [time, id, type, prev, hash];
  return v === 1 && Number.isSafeInteger(seq) && texts.every((text) => typeof text === 'string');
}
