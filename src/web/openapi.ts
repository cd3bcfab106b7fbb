/** The OpenAPI document, made of the endpoints and of the schemas that check what comes in. */
import { z } from 'zod';
import type { Endpoint } from './endpoint.ts';
import type { RefusalStatus } from './refusal.ts';
import {
  decidedSchema,
  decisionSchema,
  errorSchema,
  healthSchema,
  requestSchema,
  requestsSchema,
  sessionSchema,
  sessionsSchema,
  toSignSchema,
} from './schemas.ts';

type Json = Readonly<Record<string, unknown>>;

const NAMES: readonly (readonly [string, z.ZodType])[] = [
  ['Request', requestSchema],
  ['Requests', requestsSchema],
  ['ToSign', toSignSchema],
  ['Decision', decisionSchema],
  ['Decided', decidedSchema],
  ['Session', sessionSchema],
  ['Sessions', sessionsSchema],
  ['Health', healthSchema],
  ['Error', errorSchema],
];

const REFUSALS: Readonly<Record<RefusalStatus, string>> = {
  400: 'the request cannot be understood',
  401: 'no token, or one that is not known or has ended',
  403: 'you are not asked to decide this, or the token may not',
  404: 'there is no such thing, or you may not see it',
  405: 'another method is meant',
  409: 'decided already, another digest, or something that the request does not offer; `error.code` says which',
  410: 'it has expired',
  413: 'the body is too large',
  415: 'the body is not application/json',
  422: 'the code or the signature is wrong, or a code is used or missing; or another factor is asked for',
  429: 'too many requests; `Retry-After` says when to try again',
  500: 'something is wrong with the bastion',
  503: 'the bastion cannot do it now; look at the request before you try again',
};
const ALWAYS: readonly RefusalStatus[] = [400, 429, 500, 503];

/** @param version of the program */
export function openApiDocument(endpoints: readonly Endpoint[], version: string): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Heldline',
      version,
      description:
        'Reading and deciding requests. A token approves nothing by itself: approving takes a code or a signature as well.',
    },
    security: [{ token: [] }],
    paths: Object.fromEntries(
      endpoints.map((endpoint) => [endpoint.path, { [methodOf(endpoint)]: operation(endpoint) }]),
    ),
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'made by: heldline token add' } },
      schemas: schemas(),
    },
  };
}

export function methodOf({ kind }: Endpoint): 'get' | 'post' {
  return kind === 'deciding' ? 'post' : 'get';
}

function operation(endpoint: Endpoint): Json {
  const { summary, path, answer, kind, refusals } = endpoint;
  const needsToken: readonly RefusalStatus[] = kind === 'open' ? [] : [401, 403];
  const takesBody: readonly RefusalStatus[] = kind === 'deciding' ? [413, 415] : [];
  const statuses = [...new Set([...ALWAYS, ...needsToken, ...takesBody, ...refusals])].sort((a, b) => a - b);
  const others = statuses.map((status) => [status, { description: REFUSALS[status], ...content(errorSchema) }]);
  return {
    summary,
    ...(kind === 'open' ? { security: [] } : {}),
    ...(path.includes('{id}') ? { parameters: [ID] } : {}),
    ...(kind === 'deciding' ? { requestBody: { required: true, ...content(endpoint.body) } } : {}),
    responses: { 200: { description: 'done', ...content(answer) }, ...Object.fromEntries(others) },
  };
}

const ID: Json = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'short id or uid of a request',
  schema: { type: 'string' },
};

function content(schema: z.ZodType): Json {
  return { content: { 'application/json': { schema: { $ref: refTo(nameOf(schema)) } } } };
}

function nameOf(schema: z.ZodType): string {
  const [name] = NAMES.find(([, named]) => named === schema) ?? [];
  if (name === undefined) throw new TypeError('a schema of the API has no name in openapi.ts');
  return name;
}

function refTo(name: string): string {
  return `#/components/schemas/${name}`;
}

function schemas(): Json {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of NAMES) registry.add(schema, { id });
  const { schemas: made } = z.toJSONSchema(registry, { uri: refTo, io: 'input' });
  return Object.fromEntries(Object.entries(made).map(([name, { $schema, $id, ...schema }]) => [name, schema]));
}
