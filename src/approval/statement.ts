/**
 * The one canonical text of what is approved. Its digest is in every vote, signature, notification and event:
 * whoever agrees to the digest agrees to these values and no others. One `key=value` a line, fixed order,
 * versioned by the first line; strings are JSON, so that no value can pretend to be another line.
 */
import { canonicalJson } from '../base/canonical-json.ts';
import { digestOf } from '../base/digest.ts';
import type { Statement } from '../model/approval-request.ts';
import type { Digest } from '../model/names.ts';

const VERSION = 'heldline-statement-v1';
/** Fewer hex digits than this do not name a digest. */
const SHORTEST_PREFIX = 16;

export function canonicalStatement(statement: Statement): string {
  const lines: readonly (readonly [string, string | number])[] = [
    ['uid', statement.uid],
    ['session', statement.session],
    ['channel', statement.channel],
    ['user', statement.user],
    ['login', statement.login],
    ['target', statement.target],
    ['context', statement.context],
    ['command', statement.command],
    ['policy', statement.policyHash],
    ['expires', statement.expiresAt],
  ];
  const text = lines.map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  if (statement.grant !== undefined) text.push(`grant=${canonicalJson(statement.grant)}`);
  return `${[VERSION, ...text].join('\n')}\n`;
}

/** `sha256:<hex>` of the canonical text. */
export function statementDigest(statement: Statement): Digest {
  return digestOf(canonicalStatement(statement)) as Digest;
}

/** Whether `given` names `digest`: all of it, or at least its first 16 hex digits, with or without `sha256:`. */
export function namesDigest(given: string, digest: Digest): boolean {
  const hex = given
    .trim()
    .toLowerCase()
    .replace(/^sha256:/, '');
  if (hex.length < SHORTEST_PREFIX || !/^[0-9a-f]+$/.test(hex)) return false;
  return digest.slice('sha256:'.length).startsWith(hex);
}
