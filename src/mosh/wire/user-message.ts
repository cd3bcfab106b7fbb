/** What the client tells the server: keys and sizes, in order. Each key byte and each size counts as one event. */
import {
  bytesField,
  type Field,
  lastBytes,
  lastVarint,
  nestedFields,
  repeatedFields,
  varintField,
} from './protobuf.ts';

export type UserInput =
  | { readonly kind: 'keys'; readonly bytes: Buffer }
  /** As the client says; not yet brought into bounds. */
  | { readonly kind: 'resize'; readonly cols: number; readonly rows: number };

export function encodeUserMessage(inputs: readonly UserInput[]): Buffer {
  return Buffer.concat(inputs.map((input) => bytesField(1, encodeOne(input))));
}

/** undefined when malformed; unknown instructions are left out. */
export function decodeUserMessage(message: Buffer): UserInput[] | undefined {
  return repeatedFields(message, 1)?.flatMap(decodeOne);
}

/** Number of events in `inputs`. */
export function countEvents(inputs: readonly UserInput[]): number {
  return inputs.reduce((sum, input) => sum + (input.kind === 'keys' ? input.bytes.length : 1), 0);
}

/** `inputs` without their first `count` events. */
export function skipEvents(inputs: readonly UserInput[], count: number): UserInput[] {
  const left: UserInput[] = [];
  let skip = count;
  for (const input of inputs) {
    const events = input.kind === 'keys' ? input.bytes.length : 1;
    if (skip >= events) skip -= events;
    else {
      left.push(input.kind === 'keys' && skip > 0 ? { kind: 'keys', bytes: input.bytes.subarray(skip) } : input);
      skip = 0;
    }
  }
  return left;
}

function encodeOne(input: UserInput): Buffer {
  return input.kind === 'keys'
    ? bytesField(2, bytesField(4, input.bytes))
    : bytesField(3, Buffer.concat([varintField(5, input.cols), varintField(6, input.rows)]));
}

function decodeOne(fields: readonly Field[]): UserInput[] {
  const bytes = lastBytes(nestedFields(fields, 2) ?? [], 4);
  const size = nestedFields(fields, 3);
  const found: UserInput[] = [];
  if (bytes !== undefined) found.push({ kind: 'keys', bytes });
  if (size !== undefined) {
    found.push({ kind: 'resize', cols: lastVarint(size, 5) ?? 0, rows: lastVarint(size, 6) ?? 0 });
  }
  return found;
}
