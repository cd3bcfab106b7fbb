/**
 * Seals: the signed last word on a recording, written as `seal.json`. Its absence means that the session is
 * running or that the daemon died. A seal proves what the chain alone cannot: that nothing was cut off the end.
 */
import { z } from 'zod';
import { canonicalJson } from '../base/canonical-json.ts';
import type { SignatureCheck, SignatureChecker, Signer } from '../base/signing.ts';

const schema = z.object({
  v: z.literal(1),
  session: z.string(),
  node: z.string(),
  /** `failed`: the recorder could not go on. `recovered`: sealed after a crash. */
  state: z.enum(['complete', 'recovered', 'failed']),
  frames: z.number().int(),
  /** Hash of the last frame, hex. */
  head: z.string(),
  /** Stored bytes of all whole frames. */
  bytes: z.number().int(),
  /** Bytes after them that are no frame. */
  tornBytes: z.number().int().optional(),
  /** RFC 3339 */
  startedAt: z.string(),
  endedAt: z.string(),
  /** SHA-256 of the `seal.json` that this node wrote before; null for its first. */
  prevSeal: z.string().nullable(),
  key_id: z.string(),
  sig: z.string(),
});

export type Seal = Readonly<z.infer<typeof schema>>;
export type SealState = Seal['state'];
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
