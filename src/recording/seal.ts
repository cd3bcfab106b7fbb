/**
 * Seals: the signed last word on a recording, written as `seal.json`. Its absence means that the session is
 * running or that the daemon died. A seal proves what the chain alone cannot: that nothing was cut off the end.
 */
import { z } from 'zod';
import { canonicalJson } from '../base/canonical-json.ts';
import type { SignatureCheck, SignatureChecker, Signer } from '../base/signing.ts';

/** The content of `seal.json`. */
export interface Seal {
  readonly v: 1;
  readonly session: string;
  readonly node: string;
  /** `failed`: the recorder could not go on. `recovered`: sealed after a crash. */
  readonly state: 'complete' | 'recovered' | 'failed';
  readonly frames: number;
  /** Hash of the last frame, hex. */
  readonly head: string;
  /** Stored bytes of all whole frames. */
  readonly bytes: number;
  /** Bytes after them that are no frame. */
  readonly tornBytes?: number | undefined;
  /** RFC 3339 */
  readonly startedAt: string;
  readonly endedAt: string;
  /** SHA-256 of the `seal.json` that this node wrote before; null for its first. */
  readonly prevSeal: string | null;
  readonly key_id: string;
  readonly sig: string;
}

const schema: z.ZodType<Seal> = z.object({
  v: z.literal(1),
  session: z.string(),
  node: z.string(),
  state: z.enum(['complete', 'recovered', 'failed']),
  frames: z.number().int(),
  head: z.string(),
  bytes: z.number().int(),
  tornBytes: z.number().int().optional(),
  startedAt: z.string(),
  endedAt: z.string(),
  prevSeal: z.string().nullable(),
  key_id: z.string(),
  sig: z.string(),
});

export type SealClaims = Omit<Seal, 'v' | 'key_id' | 'sig'>;

/** Signs the claims. */
export function makeSeal(claims: SealClaims, signer: Signer): Seal {
  const body = { ...claims, v: 1, key_id: signer.keyId } as const;
  return { ...body, sig: signer.sign(sealText(body)) };
}

/** Whether the signature of a seal is right. */
export function checkSeal(seal: Seal, checker: SignatureChecker): SignatureCheck {
  const { sig, ...body } = seal;
  return checker(sealText(body), sig, seal.key_id);
}

/** The text of a `seal.json`. */
export function encodeSeal(seal: Seal): string {
  return `${JSON.stringify(seal, null, 2)}\n`;
}

/** The seal in the text of a `seal.json`; null when it is none. */
export function parseSeal(text: string): Seal | null {
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function sealText(body: Omit<Seal, 'sig'>): string {
  return `hl-seal-v1\n${canonicalJson(body)}`;
}
