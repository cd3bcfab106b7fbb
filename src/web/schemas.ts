/** What goes in and out of the API, each once: what comes in is checked by it, and the OpenAPI document is made of it. */
import { z } from 'zod';
import type { MessageView, NeedView, RequestView, SignatureView, VoteView } from '../approval/request-view.ts';
import { visible } from '../base/visible.ts';
import type { SessionView } from '../recording/session-view.ts';
import type { RefusalBody } from './refusal.ts';

const REASON = 500;
/** Characters of an armoured signature; of the largest keys that are in use it is half of that. */
const SIGNATURE = 6000;

const time = z.string().describe('RFC 3339, UTC');
const version = z.literal(1);

const need: z.ZodType<NeedView> = z.strictObject({
  who: z.string().describe('`requester`, or who else in words'),
  count: z.int(),
  factors: z.array(z.string()),
  verify: z.boolean(),
  escalation: z.boolean(),
});

const signature: z.ZodType<SignatureView> = z.strictObject({
  statement: z.string(),
  namespace: z.string(),
  armored: z.string(),
  public_key: z.string(),
  fingerprint: z.string(),
  user_verified: z.boolean(),
});

const vote: z.ZodType<VoteView> = z.strictObject({
  approver: z.string(),
  verdict: z.string(),
  factor: z.string().nullable(),
  door: z.string(),
  reason: z.string().nullable(),
  at: time,
  grant: z.boolean(),
  signature: signature.nullable(),
});

const message: z.ZodType<MessageView> = z.strictObject({ text: z.string(), at: time });

const request = z.strictObject({
  v: version,
  kind: z.enum(['command', 'access', 'hook', 'break-glass']),
  id: z.string().describe('four characters, as people say it'),
  uid: z.string(),
  digest: z.string().describe('of the statement; a decision has to name it'),
  state: z.string().describe('pending, approved, released, denied, expired, cancelled or voided'),
  user: z.string(),
  target: z.string(),
  login: z.string(),
  command: z.string().describe('foreign text, exactly as it would run: make it visible before you show it'),
  context: z.string(),
  ids: z.array(z.string()),
  severity: z.string().nullable(),
  rule: z.string().nullable(),
  why: z.string(),
  reason: z.string().nullable(),
  urgency: z.string().describe('low, normal or high: as the requester says'),
  messages: z.array(message).describe('what the requester has added for those who are asked, oldest first'),
  needs: z.array(need),
  votes: z.array(vote),
  facts: z.record(z.string(), z.string()).describe('what was asked about besides the line, each with the answer'),
  policy_hash: z.string(),
  created_at: time,
  expires_at: time,
  decided_at: time.nullable(),
  session: z.string(),
  grant: z.string().nullable(),
  by_grant: z.string().nullable(),
  by_break_glass: z.string().nullable(),
});

export const requestSchema: z.ZodType<RequestView> = request;

export const requestsSchema: z.ZodType<{ readonly v: 1; readonly requests: readonly RequestView[] }> = z.strictObject({
  v: version,
  requests: z.array(requestSchema).describe('oldest first'),
});

/** What became of a decision that counts, with the request as it is then. */
export type DecidedView = RequestView & { readonly outcome: 'approved' | 'counted' | 'denied' | 'cancelled' };

export const decidedSchema: z.ZodType<DecidedView> = request.extend({
  outcome: z
    .enum(['approved', 'counted', 'denied', 'cancelled'])
    .describe('counted: others are still needed; cancelled: its own requester said no'),
});

const digest = z
  .string()
  .regex(/^(?:sha256:)?[0-9a-f]{16,64}$/i, 'expected the digest of the request, or at least its first 16 hex digits')
  .describe('of the request that was read, whole or at least its first 16 hex digits');
const reason = z
  .string()
  .max(REASON)
  .refine((text) => visible(text) === text, 'control characters, line breaks and invisible characters are not allowed')
  .describe('for the requester and the log');

/** What `POST .../decision` takes. */
export type Decision =
  | {
      readonly verdict: 'approve';
      readonly digest: string;
      readonly code?: string;
      readonly signature?: string;
      readonly grant?: boolean;
      readonly reason?: string;
    }
  | { readonly verdict: 'deny'; readonly digest: string; readonly reason?: string };

const approval = z
  .strictObject({
    verdict: z.literal('approve'),
    digest,
    code: z
      .string()
      .max(32)
      .exactOptional()
      .describe("the token's person's current one-time code; blanks do not matter"),
    signature: z
      .string()
      .max(SIGNATURE)
      .exactOptional()
      .describe('in place of a code: what ssh-keygen -Y sign makes of the text of `to-sign`, with its armour'),
    grant: z
      .boolean()
      .exactOptional()
      .describe('remember it on the terms of `grant` of the request; a signature is over `statement_with_grant` then'),
    reason: reason.exactOptional(),
  })
  .refine(
    ({ code, signature }) => code === undefined || signature === undefined,
    'send a code or a signature, not both',
  );

export const decisionSchema: z.ZodType<Decision> = z.discriminatedUnion('verdict', [
  approval,
  z.strictObject({ verdict: z.literal('deny'), digest, reason: reason.exactOptional() }),
]);

/** What somebody signs to approve a request. */
export interface ToSignView {
  readonly v: 1;
  readonly id: string;
  readonly uid: string;
  readonly digest: string;
  readonly namespace: string;
  readonly statement: string;
  readonly statement_with_grant: string | null;
}

export const toSignSchema: z.ZodType<ToSignView> = z.strictObject({
  v: version,
  id: z.string(),
  uid: z.string(),
  digest: z.string().describe('of the request; the decision has to name it'),
  namespace: z.string().describe('for ssh-keygen -Y sign -n'),
  statement: z.string().describe('to be signed to the byte, newline at the end included'),
  statement_with_grant: z
    .string()
    .nullable()
    .describe('the same, to have the approval remembered as well; null when it may not be'),
});

export const sessionSchema: z.ZodType<SessionView> = z.strictObject({
  id: z.string(),
  user: z.string(),
  target: z.string(),
  login: z.string(),
  door: z.enum(['direct', 'jump', 'mosh']),
  kind: z.enum(['shell', 'exec', 'sftp']),
  state: z.enum(['live', 'ended', 'recovered', 'failed']),
  started_at: time,
  ended_at: time.nullable(),
});

export const sessionsSchema: z.ZodType<{ readonly v: 1; readonly sessions: readonly SessionView[] }> = z.strictObject({
  v: version,
  sessions: z.array(sessionSchema).describe('of the last seven days, oldest first, at most the newest 500'),
});

export const healthSchema: z.ZodType<{ readonly v: 1; readonly status: 'ok' }> = z.strictObject({
  v: version,
  status: z.literal('ok'),
});

export const errorSchema: z.ZodType<RefusalBody> = z.strictObject({
  v: version,
  error: z.strictObject({
    code: z.string().describe('stable, for scripts'),
    message: z.string().describe('for people'),
  }),
});
