/**
 * Tells when a request is over: its answer has left, or its connection is gone. Node tells an answer that waits behind
 * others of its connection nothing when that ends, so the connection is watched too, by one listener for all of them.
 */

import type { Socket } from 'node:net';
import type { HttpBindings } from '@hono/node-server';

type Done = () => void;

const waiting = new WeakMap<Socket, Set<Done>>();

/** Calls `done` at least once, at once when it is over already. */
export function whenAnswered({ incoming, outgoing }: HttpBindings, done: Done): void {
  const { socket } = incoming;
  if (socket.destroyed || outgoing.destroyed) {
    done();
    return;
  }
  const here = waiting.get(socket) ?? watch(socket);
  here.add(done);
  outgoing.once('close', () => {
    here.delete(done);
    done();
  });
}

function watch(socket: Socket): Set<Done> {
  const here = new Set<Done>();
  waiting.set(socket, here);
  socket.once('close', () => {
    for (const done of here) done();
  });
  return here;
}
