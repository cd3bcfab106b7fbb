/**
 * The sockets of the API: what a client may take of time, bytes and connections before anything looks at what it
 * wants. Listens off loopback only with a certificate; the configuration sees to that.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { type Application, MOST_BODY } from './application.ts';
import { Places } from './places.ts';
import { addressKey } from './rate-limit.ts';
import { refusalBody, refuse } from './refusal.ts';

/** PEM text. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface WebServerParts {
  readonly application: Application;
  /** null: plain HTTP. */
  readonly certificate: Certificate | null;
}

/** ms and bytes; a client that needs more is cut off. */
const LIMITS = {
  headersTimeout: 5000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 1000,
  maxHeaderSize: 8192,
} as const;
const IDLE = 30_000;
const HANDSHAKE = 5000;
const CONNECTIONS = 200;
const CONNECTIONS_PER_ADDRESS = 40;
const REQUESTS_PER_CONNECTION = 1000;
/** ms that requests under way have when the server stops. */
const LAST_WORDS = 2000;

const UNREADABLE = JSON.stringify(refusalBody(refuse(400, 'request.http', 'this is not HTTP that can be read')));

export class WebServer {
  readonly #server: Server | SecureServer;
  readonly #perAddress = new Places(CONNECTIONS_PER_ADDRESS);

  /** @throws Error when certificate and key do not fit */
  constructor({ application, certificate }: WebServerParts) {
    const listener = requestListener(application);
    this.#server =
      certificate === null
        ? createServer(LIMITS, listener)
        : createSecureServer({ ...LIMITS, ...secured(certificate), handshakeTimeout: HANDSHAKE }, listener);
    this.#server.maxConnections = CONNECTIONS;
    this.#server.on('connection', (socket: Socket) => this.#admit(socket));
    harden(this.#server, listener);
  }

  /** Resolves with the port. @param port 0 asks the system @throws Error when the port cannot be had */
  listen(host: string, port: number): Promise<number> {
    const server = this.#server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port }, () => {
        server.off('error', reject);
        const address = server.address();
        resolve(typeof address === 'object' ? (address?.port ?? port) : port);
      });
    });
  }

  /** Shows another certificate from the next connection on. @throws Error when certificate and key do not fit */
  renew(certificate: Certificate): void {
    if ('setSecureContext' in this.#server) this.#server.setSecureContext(secured(certificate));
  }

  /** Answers what is under way, then ends every connection. */
  close(): Promise<void> {
    const server = this.#server;
    if (!server.listening) return Promise.resolve();
    return new Promise((resolve) => {
      const force = setTimeout(() => server.closeAllConnections(), LAST_WORDS);
      server.close(() => {
        clearTimeout(force);
        resolve();
      });
      server.closeIdleConnections();
    });
  }

  #admit(socket: Socket): void {
    const leave = this.#perAddress.enter(addressKey(socket.remoteAddress ?? ''));
    if (leave === null) socket.destroy();
    else socket.once('close', leave);
  }
}

/**
 * Serves connections that are handed in, and listens nowhere. Whoever hands one in vouches for who is at its end;
 * how many there may be, and for how long, is the business of what carries them.
 */
export class InnerServer {
  readonly #server: Server;

  constructor(application: Application) {
    const listener = requestListener(application);
    this.#server = createServer(LIMITS, listener);
    harden(this.#server, listener);
  }

  accept(stream: Duplex): void {
    this.#server.emit('connection', stream);
  }
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

function harden(server: Server | SecureServer, listener: Listener): void {
  server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION;
  server.timeout = IDLE;
  server.on('clientError', refuseUnreadable);
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    // Whoever asks first is told no before the body is sent.
    if (Number(request.headers['content-length'] ?? 0) <= MOST_BODY) response.writeContinue();
    listener(request, response);
  });
  for (const event of ['upgrade', 'connect']) server.on(event, (_request, socket: Duplex) => socket.destroy());
}

function secured({ cert, key }: Certificate): Certificate & { readonly minVersion: 'TLSv1.2' } {
  return { cert, key, minVersion: 'TLSv1.2' };
}

function requestListener(application: Application): Listener {
  const options = { overrideGlobalObjects: false, autoCleanupIncoming: false, errorHandler: () => unreadable() };
  const listener = getRequestListener(application.fetch, options);
  return (request, response) => {
    // It answers every failure itself; the promise only says when.
    void listener(request, response);
  };
}

function unreadable(): Response {
  return new Response(UNREADABLE, {
    status: 400,
    headers: { 'content-type': 'application/json', connection: 'close' },
  });
}

/** What Node's parser refuses: two lengths, two encodings, bad lines, headers without end. */
function refuseUnreadable(_failure: Error, socket: Duplex): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const head = `HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: ${UNREADABLE.length}\r\n`;
  socket.end(`${head}connection: close\r\n\r\n${UNREADABLE}`);
}
