/**
 * Answers `GET /metrics` on a listener of its own, without a sign-in: it is for a scraper on the same machine or in the
 * same closed network, and what it tells names no people, hosts or commands. Everything else is refused.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describeFailure, HeldlineError } from '../base/heldline-error.ts';
import type { Logger } from '../base/logger.ts';
import type { MetricFamily } from './metric-text.ts';
import { metricText } from './metric-text.ts';

export interface MetricsListenerParts {
  readonly listen: string;
  /** 0 asks the system. */
  readonly port: number;
  readonly families: () => Promise<readonly MetricFamily[]>;
  readonly logger: Logger;
}

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
/** ms that a visitor may take for its whole request. */
const REQUEST_TIME = 5000;
const MOST_CONNECTIONS = 16;
const MOST_HEADER_BYTES = 8192;

export class MetricsListener {
  readonly #parts: MetricsListenerParts;
  readonly #server: Server;

  constructor(parts: MetricsListenerParts) {
    this.#parts = parts;
    const limits = { requestTimeout: REQUEST_TIME, headersTimeout: REQUEST_TIME, maxHeaderSize: MOST_HEADER_BYTES };
    this.#server = createServer(limits, (request, response) => {
      // It answers its own failures.
      void this.#answer(request, response);
    });
    this.#server.maxConnections = MOST_CONNECTIONS;
  }

  /** The port once it listens. @throws HeldlineError `metrics.listen` when the address cannot be had */
  async start(): Promise<number> {
    const { listen, port } = this.#parts;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (cause) => {
        const hint = 'Change metrics.listen or metrics.port in heldline.yaml.';
        reject(new HeldlineError('metrics.listen', `nothing can listen on ${listen} port ${port}`, { cause, hint }));
      });
      this.#server.listen(port, listen, () => resolve());
    });
    const address: AddressInfo | string | null = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.resume();
    const [path] = (request.url ?? '').split('?');
    if (path !== '/metrics') return refuse(response, 404, 'Only /metrics is here.\n');
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'Only GET.\n');
    try {
      const text = metricText(await this.#parts.families());
      response.writeHead(200, { 'content-type': CONTENT_TYPE, 'cache-control': 'no-store' });
      response.end(request.method === 'HEAD' ? undefined : text);
    } catch (failure) {
      this.#parts.logger.error('metrics could not be read', { failure: describeFailure(failure) });
      refuse(response, 500, 'The metrics could not be read; the log says why.\n');
    }
  }
}

function refuse(response: ServerResponse, status: number, words: string): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    ...(status === 405 ? { allow: 'GET' } : {}),
  });
  response.end(words);
}
