/**
 * The two wire types of protocol buffers that Mosh uses: varints and length-delimited bytes. Varints are numbers;
 * 2^64-1 is `Infinity` (Mosh's mark for "the end"), other values beyond 2^53 are not accepted.
 */

export type Field =
  | { readonly number: number; readonly kind: 'varint'; readonly value: number }
  | { readonly number: number; readonly kind: 'bytes'; readonly bytes: Buffer };

const VARINT = 0;
const BYTES = 2;
/** Wire types whose fields are skipped by their fixed length. */
const FIXED_BYTES: ReadonlyMap<number, number> = new Map([
  [1, 8],
  [5, 4],
]);
const VARINT_LIMIT = 10;
/** 2^64-1 */
const ALL_ONES: Buffer = Buffer.from('ffffffffffffffffff01', 'hex');

/** A varint field. `value` is a safe integer from 0, or Infinity. */
export function varintField(number: number, value: number): Buffer {
  return Buffer.concat([tag(number, VARINT), varint(value)]);
}

/** A field of bytes; also of a nested message. */
export function bytesField(number: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([tag(number, BYTES), varint(bytes.length), bytes]);
}

/** The fields of a message in order, unknown ones included; undefined when it is malformed. */
export function readFields(message: Buffer): Field[] | undefined {
  const fields: Field[] = [];
  let at = 0;
  while (at < message.length) {
    const key = readVarint(message, at);
    if (key === undefined) return undefined;
    const read = readField(message, key);
    if (read === undefined) return undefined;
    if (read.field !== null) fields.push(read.field);
    at = read.next;
  }
  return fields;
}

/** The last varint with this number, as proto2 has it for repeated scalars; undefined when there is none. */
export function lastVarint(fields: readonly Field[], number: number): number | undefined {
  const found = fields.findLast((field) => field.number === number && field.kind === 'varint');
  return found?.kind === 'varint' ? found.value : undefined;
}

/** The last bytes with this number. */
export function lastBytes(fields: readonly Field[], number: number): Buffer | undefined {
  const found = fields.findLast((field) => field.number === number && field.kind === 'bytes');
  return found?.kind === 'bytes' ? found.bytes : undefined;
}

/** The fields of the nested message with this number; undefined when there is none or it is malformed. */
export function nestedFields(fields: readonly Field[], number: number): Field[] | undefined {
  const bytes = lastBytes(fields, number);
  return bytes === undefined ? undefined : readFields(bytes);
}

/** Each nested message with this number, decoded; undefined when one is malformed. */
export function repeatedFields(message: Buffer, number: number): Field[][] | undefined {
  const nested: Field[][] = [];
  const outer = readFields(message);
  if (outer === undefined) return undefined;
  for (const field of outer) {
    if (field.number !== number || field.kind !== 'bytes') continue;
    const fields = readFields(field.bytes);
    if (fields === undefined) return undefined;
    nested.push(fields);
  }
  return nested;
}

interface Varint {
  readonly value: number;
  readonly next: number;
}

function readField(message: Buffer, key: Varint): { readonly field: Field | null; readonly next: number } | undefined {
  const number = Math.floor(key.value / 8);
  const wireType = key.value % 8;
  if (number < 1) return undefined;
  const skip = FIXED_BYTES.get(wireType);
  if (skip !== undefined) return key.next + skip <= message.length ? { field: null, next: key.next + skip } : undefined;
  const varint = readVarint(message, key.next);
  if (varint === undefined) return undefined;
  if (wireType === VARINT) return { field: { number, kind: 'varint', value: varint.value }, next: varint.next };
  if (wireType !== BYTES) return undefined;
  const next = varint.next + varint.value;
  if (next > message.length) return undefined;
  return { field: { number, kind: 'bytes', bytes: message.subarray(varint.next, next) }, next };
}

function readVarint(message: Buffer, start: number): Varint | undefined {
  let value = 0;
  for (let index = 0; index < VARINT_LIMIT; index += 1) {
    const byte = message[start + index];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return accepted(value, start + index + 1, message.subarray(start, start + index + 1));
  }
  return undefined;
}

function accepted(value: number, next: number, encoded: Buffer): Varint | undefined {
  if (encoded.equals(ALL_ONES)) return { value: Number.POSITIVE_INFINITY, next };
  return Number.isSafeInteger(value) ? { value, next } : undefined;
}

function varint(value: number): Buffer {
  if (value === Number.POSITIVE_INFINITY) return ALL_ONES;
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

function tag(number: number, wireType: number): Buffer {
  return varint(number * 8 + wireType);
}
