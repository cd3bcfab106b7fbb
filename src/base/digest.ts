/** SHA-256 in the spellings that the project uses. */
import { hash } from 'node:crypto';

/** Lower-case hex of the SHA-256 of UTF-8 text or bytes. */
export function sha256Hex(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex');
}

/** `sha256:<hex>`: the form in which digests are shown, sent and compared. */
export function digestOf(data: string | Uint8Array): string {
  return `sha256:${sha256Hex(data)}`;
}
