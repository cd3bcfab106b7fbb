/** Just enough of a PostgreSQL server for psql to show its prompt and send statements; every statement succeeds. */

import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';

export interface TinyPostgres extends AsyncDisposable {
  readonly port: number;
}

export async function startTinyPostgres(): Promise<TinyPostgres> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function serve(socket: Socket): void {
  let started = false;
  let pending = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    for (let length = messageLength(pending, started); length > 0; length = messageLength(pending, started)) {
      const message = pending.subarray(0, length);
      pending = pending.subarray(length);
      if (started) answer(socket, message);
      else started = greet(socket, message);
    }
  });
}

/** Length of the first whole message; 0 when it is not all there. Before the start there is no type byte. */
function messageLength(pending: Buffer, started: boolean): number {
  const head = started ? 1 : 0;
  if (pending.length < head + 4) return 0;
  const length = head + pending.readInt32BE(head);
  return pending.length >= length ? length : 0;
}

const ENCRYPTION_REQUESTS = [80877103, 80877104];

function greet(socket: Socket, message: Buffer): boolean {
  if (ENCRYPTION_REQUESTS.includes(message.readInt32BE(4))) {
    socket.write('N');
    return false;
  }
  const parameter = (name: string, value: string): Buffer => packet('S', `${name}\0${value}\0`);
  socket.write(
    Buffer.concat([
      packet('R', '\0\0\0\0'),
      parameter('server_version', '15.0'),
      parameter('client_encoding', 'UTF8'),
      parameter('standard_conforming_strings', 'on'),
      parameter('is_superuser', 'on'),
      packet('Z', 'I'),
    ]),
  );
  return true;
}

function answer(socket: Socket, message: Buffer): void {
  if (message.toString('latin1', 0, 1) === 'X') socket.end();
  else socket.write(Buffer.concat([packet('C', 'DELETE 0\0'), packet('Z', 'I')]));
}

function packet(type: string, body: string): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, Buffer.from(body, 'latin1')]);
}
