/**
 * Ends the inner connections of the jump door: one server per target with that target's host key, sign-in bound
 * to whoever owns the outer connection.
 */
import type { HostKeys } from '../ports.ts';
import type { ChannelContext, OpenChannel } from './channels/channel-context.ts';
import type { JumpDoor } from './channels/jump.ts';
import { InnerSignIn } from './inner-sign-in.ts';
import type { JumpStream } from './jump-stream.ts';
import { ServerHost } from './server-host.ts';
import type { ConnectionServices } from './user-connection.ts';
import { UserConnection } from './user-connection.ts';

/** Targets whose server is kept; users may ask for any name, so there must be an end. */
const KEPT_HOSTS = 128;

export class JumpHost implements JumpDoor {
  readonly suffix: string;
  readonly #services: ConnectionServices;
  readonly #hostKeys: HostKeys;
  readonly #hosts = new Map<string, ServerHost>();

  constructor(services: ConnectionServices, hostKeys: HostKeys, suffix: string) {
    this.#services = services;
    this.#hostKeys = hostKeys;
    this.suffix = suffix;
  }

  serve(context: ChannelContext, target: string, stream: JumpStream): OpenChannel {
    const { clock, limits, logger } = this.#services;
    stream.on('error', (failure) => logger.debug('an inner stream failed', { failure: failure.message }));
    let inner: UserConnection | null = null;
    const cancelGrace = clock.after(limits.handshakeGrace, () => void stream.destroy(), { unref: true });
    stream.once('close', cancelGrace);
    this.#hostFor(target).accept(stream, (connection, client) => {
      inner = new UserConnection({
        connection,
        client,
        addresses: context.addresses,
        signIn: new InnerSignIn(context.seat.principal, target),
        services: this.#services,
        jump: null,
        onHandshake: () => {},
        onSignedIn: cancelGrace,
      });
    });
    return { tell: (sentence) => inner?.tell(sentence) };
  }

  #hostFor(target: string): ServerHost {
    const known = this.#hosts.get(target);
    if (known !== undefined) return known;
    const host = new ServerHost(this.#hostKeys.hostKeyFor(target), this.#services.limits.keepalive);
    const [oldest] = this.#hosts.keys();
    if (this.#hosts.size >= KEPT_HOSTS && oldest !== undefined) this.#hosts.delete(oldest);
    this.#hosts.set(target, host);
    return host;
  }
}
