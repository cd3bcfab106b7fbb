/** What a recording is of: written once, before the first byte, as `meta.json`. Its digest starts the chain. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Door, SessionKind, TerminalSize } from '../model/session.ts';

/** The content of `meta.json`. */
export interface RecordingMeta {
  readonly v: 1;
  readonly format: 'hlrec/1';
  readonly session: string;
  readonly node: string;
  readonly boot: string;
  readonly user: string;
  readonly target: string;
  readonly login: string;
  readonly door: Door;
  readonly kind: SessionKind;
  /** Remote address of the user. */
  readonly address: string;
  /** RFC 3339 */
  readonly startedAt: string;
  /** Cells; 80 x 24 when there is no terminal. */
  readonly size: TerminalSize;
  readonly term: string;
  /** The command of an exec channel. */
  readonly command?: string | undefined;
  readonly policyHash: string;
}

const schema: z.ZodType<RecordingMeta> = z.object({
  v: z.literal(1),
  format: z.literal('hlrec/1'),
  session: z.string(),
  node: z.string(),
  boot: z.string(),
  user: z.string(),
  target: z.string(),
  login: z.string(),
  door: z.enum(['direct', 'jump', 'mosh']),
  kind: z.enum(['shell', 'exec', 'sftp']),
  address: z.string(),
  startedAt: z.string(),
  size: z.object({ cols: z.number().int(), rows: z.number().int() }),
  term: z.string(),
  command: z.string().optional(),
  policyHash: z.string(),
});

/** What the broker knows; the recorder adds the rest. */
export type RecordingFacts = Omit<RecordingMeta, 'v' | 'format' | 'startedAt'>;

/** The text of a `meta.json`. */
export function encodeMeta(meta: RecordingMeta): string {
  return `${JSON.stringify(meta, null, 2)}\n`;
}

/** The meta in the text of a `meta.json`; null when it is none. */
export function parseMeta(text: string): RecordingMeta | null {
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** What stands before frame 0 in the chain: SHA-256("hlrec1\0" || session id || SHA-256(meta.json)), 32 bytes. */
export function chainStart(session: string, metaText: string): Buffer {
  const metaHash = createHash('sha256').update(metaText).digest();
  return createHash('sha256').update(`hlrec1\0${session}`).update(metaHash).digest();
}

/** `alice -> postgres@db1` */
export function titleOf(meta: Pick<RecordingMeta, 'user' | 'login' | 'target'>): string {
  return `${meta.user} -> ${meta.login}@${meta.target}`;
}
