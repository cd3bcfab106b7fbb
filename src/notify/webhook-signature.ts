/** Standard Webhooks: the three headers by which a receiver knows sender, freshness and identity of a message. */
import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';
const SHORTEST = 24;
const LONGEST = 64;

/** The key in `whsec_<base64>`; null when the text is not one of 24 to 64 bytes. */
export function parseWebhookSecret(text: string): Uint8Array | null {
  const base64 = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : '';
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return null;
  const key = Buffer.from(base64, 'base64');
  return key.length >= SHORTEST && key.length <= LONGEST ? key : null;
}

/**
 * The headers of one attempt. @param id the same in every attempt @param now ms since the epoch
 * @param secret null: no signature
 */
export function webhookHeaders(
  id: string,
  now: number,
  body: string,
  secret: Uint8Array | null,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(now / 1000));
  const identity = { 'webhook-id': id, 'webhook-timestamp': timestamp };
  if (secret === null) return identity;
  const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { ...identity, 'webhook-signature': `v1,${signature}` };
}
