/** UTF-8 by the byte, for streams that may be cut anywhere (RFC 3629). */

/** `incomplete`: more bytes are needed. `invalid`: no character starts here. */
export type Utf8Scan =
  | { readonly kind: 'character'; readonly length: number; readonly code: number }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'invalid' };

const INVALID: Utf8Scan = { kind: 'invalid' };
const INCOMPLETE: Utf8Scan = { kind: 'incomplete' };
/** Lowest code point that may be written with so many bytes. */
const LOWEST: readonly number[] = [0, 0, 0x80, 0x800, 0x10000];

/** The character that starts at `at`. */
export function scanUtf8(bytes: Uint8Array, at: number): Utf8Scan {
  const first = bytes[at];
  if (first === undefined) return INCOMPLETE;
  if (first < 0x80) return { kind: 'character', length: 1, code: first };
  const length = sequenceLength(first);
  if (length === 0) return INVALID;
  let code = first & (0xff >> (length + 1));
  for (let offset = 1; offset < length; offset += 1) {
    const next = bytes[at + offset];
    if (next === undefined) return INCOMPLETE;
    if ((next & 0xc0) !== 0x80) return INVALID;
    code = (code << 6) | (next & 0x3f);
  }
  const surrogate = code >= 0xd800 && code <= 0xdfff;
  if (code < (LOWEST[length] ?? 0) || code > 0x10ffff || surrogate) return INVALID;
  return { kind: 'character', length, code };
}

/** How many bytes of `bytes` can be decoded now: all but an unfinished character at the end. */
export function completeUtf8(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const at = bytes.length - back;
    const byte = bytes[at] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    return scanUtf8(bytes, at).kind === 'incomplete' ? at : bytes.length;
  }
  return bytes.length;
}

function sequenceLength(first: number): number {
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}
