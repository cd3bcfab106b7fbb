/** A TCP relay on 127.0.0.1 that delivers every byte a fixed time after it came, in both directions. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface DelayRelay extends AsyncDisposable {
  readonly port: number;
}

/** @param delay ms each way; the round trip is longer by twice as much */
export async function startDelayRelay(port: number, delay: number): Promise<DelayRelay> {
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ host: '127.0.0.1', port, noDelay: true });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      from.on('data', (bytes) => setTimeout(() => to.write(bytes), delay));
      from.on('end', () => setTimeout(() => to.end(), delay));
      from.on('error', () => to.destroy());
      from.on('close', () => open.delete(from));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
