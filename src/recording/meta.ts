/** What a recording is of: written once, before the first byte, as `meta.json`. Its digest starts the chain. */
import { createHash } from 'node:crypto';
import { z } from 'zod';

const size = z.object({ cols: z.number().int(), rows: z.number().int() });

const schema = z.object({
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
  /** Remote address of the user. */
  address: z.string(),
  /** RFC 3339 */
  startedAt: z.string(),
  /** Cells; 80 x 24 when there is no terminal. */
  size,
  term: z.string(),
  /** The command of an exec channel. */
  command: z.string().optional(),
  policyHash: z.string(),
});

export type RecordingMeta = Readonly<z.infer<typeof schema>>;

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
