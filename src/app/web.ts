/** Builds the HTTP API when the configuration wants one, opens and closes it with the daemon. Loaded only then. */
import type { Clock } from '../base/clock.ts';
import { describeFailure } from '../base/heldline-error.ts';
import type { Logger } from '../base/logger.ts';
import type { WebConfig } from '../config/web-config.ts';
import type { Certificate, WebServer } from '../web/web-server.ts';
import type { Knowledge } from './knowledge.ts';
import type { State } from './open-state.ts';
import { VERSION } from './version.ts';

export interface WebParts {
  readonly web: WebConfig;
  readonly certificate: Certificate | null;
  readonly state: State;
  readonly knowledge: Pick<Knowledge, 'desk' | 'tokens'>;
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
  #servers: readonly WebServer[] = [];

  constructor(parts: WebParts) {
    this.#parts = parts;
  }

  /** Listens. A port that cannot be had turns the API off and nothing else; the log says why. */
  async open(): Promise<void> {
    const { web, logger } = this.#parts;
    const opened: WebServer[] = [];
    try {
      const make = await this.#maker();
      for (const host of web.listen) {
        const server = make();
        opened.push(server);
        const port = await server.listen(host, web.port);
        logger.info('the HTTP API listens', { host, port, tls: web.tls !== null });
      }
    } catch (failure) {
      logger.error('the HTTP API is off', { failure: describeFailure(failure) });
      await Promise.all(opened.map((server) => server.close()));
      return;
    }
    this.#servers = opened;
  }

  /** Shows another certificate from now on. @throws Error when certificate and key do not fit */
  renew(certificate: Certificate): void {
    for (const server of this.#servers) server.renew(certificate);
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close()));
  }

  /** Loads what only the API needs. */
  async #maker(): Promise<() => WebServer> {
    const { certificate } = this.#parts;
    const { buildApplication } = await import('../web/build-application.ts');
    const { WebServer } = await import('../web/web-server.ts');
    const { web, state, knowledge, clock, logger, bastion, hostName } = this.#parts;
    const application = buildApplication({
      ...knowledge,
      audit: state.audit,
      recordings: state.layout.recordings,
      clock,
      logger,
      hostNames: ['localhost', hostName, ...(web.url === null ? [] : [new URL(web.url).hostname])],
      bastion,
      version: VERSION,
      secure: certificate !== null,
    });
    return () => new WebServer({ application, certificate });
  }
}
