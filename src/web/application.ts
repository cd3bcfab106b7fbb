/**
 * The application behind the sockets: checks each request in a fixed order (form, sign-in, size, body), runs its endpoint
 * and turns whatever happens into one JSON answer. It never tells of a failure more than that there was one.
 */

import type { Duplex } from 'node:stream';
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import { withDeadline } from '../base/deadline.ts';
import { describeFailure } from '../base/heldline-error.ts';
import type { Logger } from '../base/logger.ts';
import { visibleShort } from '../base/visible.ts';
import type { Principal } from '../model/principal.ts';
import { objectionTo } from './arrival.ts';
import type { Endpoint } from './endpoint.ts';
import { howToDecidePage, STYLE_SOURCE } from './how-to-decide.ts';
import { methodOf, openApiDocument } from './openapi.ts';
import { Places } from './places.ts';
import { readBody } from './read-body.ts';
import { type Outcome, type Refusal, refusalBody, refuse, refuseForNow } from './refusal.ts';
import type { Arrival, SignIn } from './sign-in.ts';

export interface ApplicationParts {
  readonly endpoints: readonly Endpoint[];
  readonly signIn: SignIn;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Host names that the bastion is known by, in small letters. */
  readonly hostNames: ReadonlySet<string>;
  /** What people type behind `ssh`. */
  readonly bastion: string;
  /** Of the program. */
  readonly version: string;
  /** Whether it is reached by TLS. */
  readonly secure: boolean;
  /** Who signed in to the SSH connection that carries a socket; null for one that was listened for. */
  readonly through: (socket: Duplex) => Principal | null;
}

export type Application = Hono<{ Bindings: HttpBindings }>;
type Call = Context<{ Bindings: HttpBindings }>;

/** Bytes of a body. */
export const MOST_BODY = 8192;
/** Requests of one person that are not answered whole yet. */
const MOST_AT_ONCE = 4;
/** ms that an endpoint has. */
const DEADLINE = 20_000;
const ID = /^(?:[0-9A-HJKMNP-TV-Z]{4}|[0-9a-f]{32})$/i;
const SHORT_ID = /^[0-9A-HJKMNP-TV-Z]{4}$/i;
const JSON_TYPE = /^application\/json(?:; *charset="?utf-8"?)?$/i;

export function application(parts: ApplicationParts): Application {
  const { endpoints, logger, hostNames, version } = parts;
  const places = new Places(MOST_AT_ONCE);
  const app: Application = new Hono();
  app.use(securityHeaders(parts));
  app.use(async (call, next) => {
    const objection = objectionTo(call.env.incoming, hostNames);
    return objection === null ? next() : refuseWith(call, objection);
  });
  for (const endpoint of endpoints) {
    const route = routeOf(endpoint);
    app.on(methodOf(endpoint).toUpperCase(), route, (call) => answer(call, parts, endpoint, places));
    app.all(route, (call) => anonymously(call, parts, () => wrongMethod(call, endpoint)));
  }
  const document = openApiDocument(endpoints, version);
  app.get('/v1/openapi.json', (call) => anonymously(call, parts, () => call.json(document)));
  app.get('/r/:id', (call) => anonymously(call, parts, () => howToDecide(call, parts)));
  app.notFound((call) => anonymously(call, parts, () => refuseWith(call, refuse(404, 'unknown', 'nothing is here'))));
  app.onError((failure, call) => {
    logger.error('a request failed', { failure: describeFailure(failure) });
    return refuseWith(
      call,
      refuse(503, 'failed', 'the bastion could not do it; look at the request before you try again'),
    );
  });
  return app;
}

function securityHeaders({ secure }: ApplicationParts): MiddlewareHandler {
  const nothing = ["'none'"];
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: nothing,
      styleSrc: [STYLE_SOURCE],
      baseUri: nothing,
      formAction: nothing,
      frameAncestors: nothing,
    },
    xFrameOptions: 'DENY',
    strictTransportSecurity: secure ? 'max-age=31536000' : false,
  });
}

/** As hono writes it: `/v1/requests/:id`. */
function routeOf({ path }: Endpoint): string {
  return path.replace('{id}', ':id');
}

async function answer(call: Call, parts: ApplicationParts, endpoint: Endpoint, places: Places): Promise<Response> {
  const outcome = await withDeadline(outcomeOf(call, parts, endpoint, places), DEADLINE, endpoint.path, parts.clock);
  if (outcome.kind === 'refused') return refuseWith(call, outcome);
  return call.json(outcome.body, 200, { 'cache-control': 'no-store' });
}

async function outcomeOf(call: Call, parts: ApplicationParts, endpoint: Endpoint, places: Places): Promise<Outcome> {
  const { signIn } = parts;
  const arrival = arrivalOf(call, parts);
  if (endpoint.kind === 'open') return signIn.anonymous(arrival) ?? endpoint.run();
  const visitor = await signIn.visitor(arrival, endpoint.kind === 'deciding' ? 'decide' : 'read');
  if (visitor.kind === 'refused') return visitor;
  // Until the answer has left: whoever asks and does not read must not fill the memory.
  const leave = places.enter(visitor.principal.user);
  if (leave === null) return refuseForNow(1000);
  whenAnswered(call, leave);
  const id = call.req.param('id') ?? '';
  if (endpoint.path.includes('{id}') && !ID.test(id)) return refuse(404, 'request.unknown', 'there is no such request');
  if (endpoint.kind === 'reading') return endpoint.run(visitor, id);
  const body = await bodyOf(call, endpoint.body);
  return body.kind === 'refused' ? body : endpoint.run(visitor, id, body.value);
}

type Body = { readonly kind: 'body'; readonly value: unknown } | Refusal;

/** What was sent, if it is what the schema says. */
async function bodyOf(call: Call, schema: z.ZodType): Promise<Body> {
  const { incoming } = call.env;
  const { headers } = incoming;
  if (!JSON_TYPE.test(headers['content-type'] ?? '') || headers['content-encoding'] !== undefined) {
    return refuse(415, 'request.type', 'send application/json in UTF-8');
  }
  const read = await readBody(incoming, MOST_BODY);
  if (read.kind === 'too-large') return refuse(413, 'request.too-large', `a body has at most ${MOST_BODY} bytes`);
  const value = read.kind === 'whole' ? parsed(read.bytes) : undefined;
  if (value === undefined) return refuse(400, 'request.json', 'the body is not JSON in UTF-8');
  const { success, error } = schema.safeParse(value);
  if (success) return { kind: 'body', value };
  return refuse(400, 'request.body', visibleShort(error.issues.map(issueWords).join('; '), 400));
}

/** undefined for what is no JSON. */
function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // Bad UTF-8 or bad JSON: the answer says what it was to be.
    return undefined;
  }
}

function issueWords({ path, message }: z.core.$ZodIssue): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`;
}

function anonymously(call: Call, parts: ApplicationParts, work: () => Response): Response {
  const refusal = parts.signIn.anonymous(arrivalOf(call, parts));
  return refusal === null ? work() : refuseWith(call, refusal);
}

function wrongMethod(call: Call, endpoint: Endpoint): Response {
  const method = methodOf(endpoint).toUpperCase();
  call.header('allow', method);
  return refuseWith(call, refuse(405, 'request.method', `use ${method}`));
}

function howToDecide(call: Call, { bastion }: ApplicationParts): Response {
  const id = call.req.param('id') ?? '';
  if (!SHORT_ID.test(id)) return refuseWith(call, refuse(404, 'unknown', 'nothing is here'));
  return call.html(howToDecidePage(id.toUpperCase(), bastion));
}

/** Calls `done` when the answer has left or its connection is gone, at once when that is so already. */
function whenAnswered({ env: { incoming, outgoing } }: Call, done: () => void): void {
  if (outgoing.destroyed || incoming.socket.destroyed) done();
  else outgoing.once('close', done);
}

function arrivalOf({ env }: Call, { through }: ApplicationParts): Arrival {
  const { socket, headers } = env.incoming;
  const address = socket.remoteAddress ?? 'unknown';
  return { address, authorization: headers.authorization, through: through(socket) };
}

/** A body that is refused is not read, so the connection ends with the answer. */
function refuseWith(call: Call, refusal: Refusal): Response {
  const { status, retryAfter } = refusal;
  call.header('cache-control', 'no-store');
  if (retryAfter !== undefined) call.header('retry-after', String(retryAfter));
  if (status === 401) call.header('www-authenticate', 'Bearer');
  if (status === 400 || call.req.method !== 'GET') call.header('connection', 'close');
  return call.json(refusalBody(refusal), status);
}
