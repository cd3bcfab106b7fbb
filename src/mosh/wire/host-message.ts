/** What the server tells the client about the screen: bytes for its terminal, its size, and the echo ack. */
import {
  bytesField,
  type Field,
  lastBytes,
  lastVarint,
  nestedFields,
  repeatedFields,
  varintField,
} from './protobuf.ts';

export type HostInstruction =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'resize'; readonly cols: number; readonly rows: number }
  /** Newest state of the client whose keys are already on the screen; never decreases. */
  | { readonly kind: 'echo-ack'; readonly number: number };

export function encodeHostMessage(instructions: readonly HostInstruction[]): Buffer {
  return Buffer.concat(instructions.map((instruction) => bytesField(1, encodeOne(instruction))));
}

/** undefined when malformed; unknown instructions are left out. */
export function decodeHostMessage(message: Buffer): HostInstruction[] | undefined {
  return repeatedFields(message, 1)?.flatMap(decodeOne);
}

function decodeOne(fields: readonly Field[]): HostInstruction[] {
  const bytes = lastBytes(nestedFields(fields, 2) ?? [], 4);
  const size = nestedFields(fields, 3);
  const echo = nestedFields(fields, 7);
  const found: HostInstruction[] = [];
  if (bytes !== undefined) found.push({ kind: 'bytes', bytes });
  if (size !== undefined) {
    found.push({ kind: 'resize', cols: lastVarint(size, 5) ?? 0, rows: lastVarint(size, 6) ?? 0 });
  }
  if (echo !== undefined) found.push({ kind: 'echo-ack', number: lastVarint(echo, 8) ?? 0 });
  return found;
}

function encodeOne(instruction: HostInstruction): Buffer {
  switch (instruction.kind) {
    case 'bytes':
      return bytesField(2, bytesField(4, instruction.bytes));
    case 'resize':
      return bytesField(3, Buffer.concat([varintField(5, instruction.cols), varintField(6, instruction.rows)]));
    case 'echo-ack':
      return bytesField(7, varintField(8, instruction.number));
  }
}
