/** Builds the HTTP API when the configuration wants one, opens and closes it with the daemon. Loaded only then. */
import type { Duplex } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import { describeFailure } from '../base/heldline-error.ts';
import type { Logger } from '../base/logger.ts';
import type { WebConfig } from '../config/web-config.ts';
import type { Principal } from '../model/principal.ts';
import type { Application } from '../web/application.ts';
import type { Certificate, InnerServer, WebServer } from '../web/web-server.ts';
import type { Knowledge } from './knowledge.ts';
import type { State } from './open-state.ts';
import { VERSION } from './version.ts';

export interface WebParts {
  readonly web: WebConfig;
  readonly certificate: Certificate | null;
  readonly state: State;
  readonly knowledge: Pick<Knowledge, 'desk' | 'tokens' | 'authenticator' | 'bastionIdentity'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What people type behind `ssh`. */
  readonly bastion: string;
  /** The name that people know the bastion by. */
  readonly hostName: string;
}

/** The API and its sockets. */
export class Web {
  readonly #parts: WebParts;
  /** Who is at the other end of what came through SSH. */
  readonly #guests = new WeakMap<Duplex, Principal>();
  #servers: readonly WebServer[] = [];
  #inner: InnerServer | null = null;

  constructor(parts: WebParts) {
    this.#parts = parts;
  }

  /** Listens. A port that cannot be had closes the ports and nothing else; the log says why. */
  async open(): Promise<void> {
    const { web, logger, certificate } = this.#parts;
    const opened: WebServer[] = [];
    try {
      const { WebServer, InnerServer } = await import('../web/web-server.ts');
      const application = await this.#application();
      this.#inner = new InnerServer(application);
      for (const host of web.listen) {
        const server = new WebServer({ application, certificate });
        opened.push(server);
        const port = await server.listen(host, web.port);
        logger.info('the HTTP API listens', { host, port, tls: certificate !== null });
      }
    } catch (failure) {
      logger.error('the HTTP API does not listen', { failure: describeFailure(failure) });
      await Promise.all(opened.map((server) => server.close()));
      return;
    }
    this.#servers = opened;
  }

  /** Serves a connection that came through somebody's SSH connection. */
  accept(stream: Duplex, principal: Principal): void {
    this.#guests.set(stream, principal);
    if (this.#inner === null) stream.destroy();
    else this.#inner.accept(stream);
  }

  /** Shows another certificate from now on. @throws Error when certificate and key do not fit */
  renew(certificate: Certificate): void {
    for (const server of this.#servers) server.renew(certificate);
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close()));
  }

  /** Loads what only the API needs. */
  async #application(): Promise<Application> {
    const { buildApplication } = await import('../web/build-application.ts');
    const { web, certificate, state, knowledge, clock, logger, bastion, hostName } = this.#parts;
    return buildApplication({
      ...knowledge,
      standing: (principal) => knowledge.authenticator.standing(principal),
      through: (socket) => this.#guests.get(socket) ?? null,
      audit: state.audit,
      recordings: state.layout.recordings,
      clock,
      logger,
      hostNames: ['localhost', hostName, ...(web.url === null ? [] : [new URL(web.url).hostname])],
      bastion,
      version: VERSION,
      secure: certificate !== null,
    });
  }
}
