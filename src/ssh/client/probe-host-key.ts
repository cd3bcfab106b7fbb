/** Asks a host for its key without trusting it: what `target add` shows to the administrator. */
import { connect as connectSocket } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import { HeldlineError } from '../../base/heldline-error.ts';
import { HOST_KEY_FAMILIES, TARGET_ALGORITHMS } from '../adapter/algorithms.ts';
import { fingerprintOf } from '../adapter/public-key.ts';
import { WireReader } from '../adapter/request-payload.ts';
import { ssh2Library } from '../adapter/ssh2-library.ts';

export interface ProbedHostKey {
  /** `SHA256:...` */
  readonly fingerprint: string;
  /** `ssh-ed25519`, ... */
  readonly type: string;
}

/**
 * The key that `host` shows first. Nothing is sent that could be a secret.
 * @param deadline ms
 * @throws HeldlineError `target.unreachable`
 */
export function probeHostKey(host: string, port: number, clock: Clock, deadline: number): Promise<ProbedHostKey> {
  const socket = connectSocket({ host, port, noDelay: true });
  const client = new (ssh2Library().Client)();
  const where = `${host}:${port}`;
  return new Promise<ProbedHostKey>((resolve, reject) => {
    const fail = (why: string, cause?: unknown) =>
      reject(
        new HeldlineError('target.unreachable', `${where} cannot be asked for its host key: ${why}`, {
          cause,
          kind: 'unreachable',
        }),
      );
    const cancel = clock.after(deadline, () => fail('no answer in time'));
    socket.on('error', (cause) => fail(cause.message, cause));
    client.on('error', (cause) => fail(cause.message, cause));
    client.once('close', () => {
      cancel();
      fail('it closed the connection');
    });
    client.connect({
      sock: socket,
      username: 'nobody',
      readyTimeout: 0,
      algorithms: { ...TARGET_ALGORITHMS, serverHostKey: HOST_KEY_FAMILIES.flat() },
      hostVerifier: (key: Buffer) => {
        resolve({ fingerprint: fingerprintOf(key), type: new WireReader(key).text() ?? 'unknown' });
        return false;
      },
    });
  }).finally(() => {
    client.destroy();
    socket.destroy();
  });
}
