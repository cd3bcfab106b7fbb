/** Reads a body up to a limit, straight from the socket: what is larger is never held, and not read to its end. */
import type { IncomingMessage } from 'node:http';

/** `cut-off`: the client went away before its end. */
export type ReadBody =
  | { readonly kind: 'whole'; readonly bytes: Uint8Array }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'cut-off' };

/** How long it may take is the server's business (`requestTimeout`). @param most bytes */
export async function readBody(incoming: IncomingMessage, most: number): Promise<ReadBody> {
  if (Number(incoming.headers['content-length'] ?? 0) > most) return { kind: 'too-large' };
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // Leaving the loop must not destroy the socket that the answer goes to.
    for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
      const bytes = Buffer.from(chunk);
      size += bytes.length;
      if (size > most) return { kind: 'too-large' };
      chunks.push(bytes);
    }
  } catch {
    // Nobody is there to be told.
    return { kind: 'cut-off' };
  }
  return { kind: 'whole', bytes: Buffer.concat(chunks) };
}
