/** A local HTTP server that takes notifications: keeps what it gets, and answers as a test wants. */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { waitUntil } from './wait-until.ts';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Called after the body has arrived. */
export type WebhookAnswer = (response: ServerResponse, received: Received) => void;

const accept: WebhookAnswer = (response) => {
  response.writeHead(204).end();
};

export class WebhookReceiver implements AsyncDisposable {
  readonly received: Received[] = [];
  answer: WebhookAnswer = accept;
  readonly port: number;
  readonly #server: Server;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
    server.on('request', (request, response) => this.#take(request, response));
  }

  /** @param port any free one without it */
  static async start(port = 0): Promise<WebhookReceiver> {
    const server = createServer();
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new TypeError('the system gave no port');
    return new WebhookReceiver(server, address.port);
  }

  url(path = '/hook'): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  /** The JSON bodies of `type` that arrived so far, each delivery once. */
  bodies(type: string): readonly Readonly<Record<string, unknown>>[] {
    const json = this.received.filter(({ headers }) => headers['content-type'] === 'application/json');
    const byId = new Map(json.map(({ headers, body }) => [headers['webhook-id'], body]));
    const bodies = [...byId.values()].map((body): Record<string, unknown> => JSON.parse(body));
    return bodies.filter((body) => body['type'] === type);
  }

  /** Resolves with the first body of `type` whose text has `part`; polls, for the sender is another process. */
  waitFor(type: string, part: string): Promise<Readonly<Record<string, unknown>>> {
    return waitUntil(`a notification ${type} with ${part}`, () =>
      this.bodies(type).find((body) => JSON.stringify(body).includes(part)),
    );
  }

  /** Ends every connection, answered or not. */
  hangUp(): void {
    this.#server.closeAllConnections();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.hangUp();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    // A sender that gives up in the middle is what some tests are about.
    request.on('error', () => undefined);
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const received = { method, path: url, headers, body: Buffer.concat(chunks).toString('utf8') };
      this.received.push(received);
      this.answer(response, received);
    });
  }
}

/** Whether a delivery carries the signature of `secret`, as Standard Webhooks has it; written anew from its text. */
export function isSignedWith(secret: string, { headers, body }: Received): boolean {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const content = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  const expected = `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
  return String(headers['webhook-signature']).split(' ').includes(expected);
}
