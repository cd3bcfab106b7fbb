/** Checkpoints: signed statements of how far a log went and what its newest hash was. */
import { z } from 'zod';
import type { AuditEvent } from '../model/audit-event.ts';

/** What an `audit.checkpoint` event carries in `detail`. */
export interface Checkpoint {
  readonly node: string;
  readonly file: string;
  /** Of the line before the checkpoint. */
  readonly seq: number;
  readonly head: string;
  /** RFC 3339 */
  readonly time: string;
  readonly key_id: string;
  readonly sig: string;
}

const schema: z.ZodType<Checkpoint> = z.object({
  node: z.string(),
  file: z.string(),
  seq: z.number(),
  head: z.string(),
  time: z.string(),
  key_id: z.string(),
  sig: z.string(),
});

/** The signed text: a label, so that no other signature can pass for it, and the claims in fixed order. */
export function checkpointText(claims: Omit<Checkpoint, 'key_id' | 'sig'>): string {
  const { node, file, seq, head, time } = claims;
  return `hl-audit-checkpoint-v1\n${JSON.stringify({ node, file, seq, head, time })}`;
}

/** The checkpoint in an event; null when there is none or it makes no sense. */
export function parseCheckpoint(event: AuditEvent): Checkpoint | null {
  const parsed = schema.safeParse(event.detail);
  return parsed.success ? parsed.data : null;
}
