import { describe, expect, test } from 'vitest';
import { FakeClock } from '../base/fake-clock.ts';
import { endpoints } from './endpoints.ts';
import { openApiDocument } from './openapi.ts';
import { decisionSchema } from './schemas.ts';

const unused = (): never => {
  throw new TypeError('the document asks nobody');
};
const all = endpoints({
  desk: { list: unused, vote: unused },
  tokens: { codeWas: unused },
  recordings: '/none',
  clock: new FakeClock(),
  seen: { note: unused },
  bastionIdentity: { hostName: 'bastion.test', hostKey: 'SHA256:host' },
  onFailure: unused,
});
const document = openApiDocument(all, '1.2.3');
const text = JSON.stringify(document);

describe('the OpenAPI document', () => {
  test('has every endpoint with its method, its answers and its sign-in', () => {
    expect(Object.entries(document['paths'] ?? {}).map(([path, item]) => [path, Object.keys(item)])).toEqual([
      ['/v1/requests', ['get']],
      ['/v1/requests/{id}', ['get']],
      ['/v1/requests/{id}/to-sign', ['get']],
      ['/v1/requests/{id}/decision', ['post']],
      ['/v1/sessions', ['get']],
      ['/v1/health', ['get']],
    ]);
    expect(document).toMatchObject({
      openapi: '3.1.0',
      info: { version: '1.2.3' },
      paths: {
        '/v1/requests/{id}/decision': {
          post: {
            parameters: [{ name: 'id', in: 'path', required: true }],
            requestBody: { required: true },
            responses: { 200: {}, 401: {}, 403: {}, 404: {}, 409: {}, 410: {}, 413: {}, 415: {}, 422: {}, 429: {} },
          },
        },
        '/v1/health': { get: { security: [] } },
      },
    });
  });

  test('refers to schemas that are there, and to nothing else', () => {
    const named = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map((match) => match[1] ?? '');
    expect(new Set(named)).toEqual(
      new Set(['Request', 'Requests', 'ToSign', 'Decision', 'Decided', 'Session', 'Sessions', 'Health', 'Error']),
    );
    expect(Object.keys(Object(document['components']).schemas).sort()).toEqual([...new Set(named)].sort());
    expect(text).not.toContain('"$defs"');
    expect(text).not.toContain('"$id"');
  });

  test('says of a decision what is checked', () => {
    const { schemas } = Object(document['components']);
    expect(schemas.Decision).toMatchObject({
      oneOf: [
        {
          additionalProperties: false,
          required: ['verdict', 'digest'],
          properties: { code: { maxLength: 32 }, signature: { maxLength: 6000 } },
        },
        { additionalProperties: false, required: ['verdict', 'digest'] },
      ],
    });
    expect(Object.keys(schemas.Decision.oneOf[1].properties)).toEqual(['verdict', 'digest', 'reason']);
    expect(decisionSchema.safeParse({ verdict: 'deny', digest: '0123456789abcdef' }).success).toBe(true);
  });
});
