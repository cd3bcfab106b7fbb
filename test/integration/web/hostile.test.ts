/** Clients that do not behave: each gets a short clear answer, none an error of the program, and nothing is released. */
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ApprovalRequest } from '../../../src/model/approval-request.ts';
import { errorSchema, requestSchema, requestsSchema, sessionsSchema } from '../../../src/web/schemas.ts';
import { StalledDesk } from '../../support/stalled-desk.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { WebWorld } from '../../support/web-world.ts';

const MEGABYTE = 1024 * 1024;

let world: WebWorld;
let bob: string;
let request: ApprovalRequest;

beforeAll(async () => {
  world = await WebWorld.unlimited();
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(async () => {
  ({ bob, request } = await world.fresh());
});

const path = (): string => `/v1/requests/${request.id}/decision`;
const denial = (): string => JSON.stringify({ verdict: 'deny', digest: request.digest });
const pending = async (): Promise<void> => expect(await world.stateOf(request)).toBe('pending');

/** A request as text, with the headers that a good one has. */
function head(method: string, target: string, ...more: string[]): string {
  const lines = [`${method} ${target} HTTP/1.1`, 'Host: localhost', `Authorization: Bearer ${bob}`, ...more];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

describe('reading', () => {
  test('answers are what the document says', async () => {
    const listed = await world.get('/v1/requests', bob);
    expect(requestsSchema.safeParse(listed.json).error).toBeUndefined();
    expect(requestSchema.safeParse((await world.get(`/v1/requests/${request.id}`, bob)).json).error).toBeUndefined();
    expect(sessionsSchema.safeParse((await world.get('/v1/sessions', bob)).json).error).toBeUndefined();
    expect(errorSchema.safeParse((await world.get('/v1/requests', 'x')).json).error).toBeUndefined();
  });

  test('everybody sees what the console shows them', async () => {
    const sees = async (name: string): Promise<boolean> =>
      (await world.get('/v1/requests', await world.token(name, 'read'))).text.includes(request.digest);
    const all = ['alice', 'carol', 'ada', 'erin'];
    expect(await Promise.all(all.map(sees))).toEqual([true, true, true, false]);
  });

  test('what is not there and what is not theirs are the same', async () => {
    const erin = await world.token('erin');
    const answers = [
      await world.get(`/v1/requests/${request.id}`, erin),
      await world.get(`/v1/requests/${request.id === '7777' ? '8888' : '7777'}`, erin),
      await world.get('/v1/requests/%2e%2e%2fetc', erin),
      await world.decide(request, erin, { verdict: 'deny', digest: request.digest }),
      await world.decide({ id: 'ZZZZ' } as ApprovalRequest, erin, { verdict: 'deny', digest: request.digest }),
    ];
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 404, json: { error: { code: 'request.unknown' } } });
  });

  test('without a token there is the health, the document, and nothing else', async () => {
    expect(await world.get('/v1/health')).toMatchObject({ status: 200, json: { v: 1, status: 'ok' } });
    expect(await world.get('/v1/openapi.json')).toMatchObject({ status: 200, json: { openapi: '3.1.0' } });
    for (const closed of ['/v1/requests', `/v1/requests/${request.id}`, '/v1/requests/ZZZZ', '/v1/sessions']) {
      const answer = await world.get(closed);
      expect(answer).toMatchObject({ status: 401, json: { error: { code: 'token.unknown' } } });
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
    for (const nothing of ['/', '/v1', '/v2/requests', '/admin', '/v1/requests/'])
      expect(await world.get(nothing, bob)).toMatchObject({ status: 404 });
  });

  test.each(['Basic Ym9iOng=', 'Bearer', 'Bearer  ', 'bearer x y', `Bearer ${'x'.repeat(4000)}`])(
    'Authorization: %.30s',
    async (authorization) => {
      expect(await world.send('GET', '/v1/requests', undefined, undefined, { authorization })).toMatchObject({
        status: 401,
      });
    },
  );

  test('answers are for nobody else: no cache, no frame, no script, no other site', async () => {
    for (const one of [
      await world.get('/v1/requests', bob),
      await world.get('/r/7KQ2'),
      await world.get('/v1/requests'),
    ]) {
      expect(one.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
      expect(one.headers.get('x-content-type-options')).toBe('nosniff');
      expect(one.headers.get('x-frame-options')).toBe('DENY');
      expect(one.headers.get('access-control-allow-origin')).toBeNull();
    }
    expect((await world.get('/v1/requests', bob)).headers.get('cache-control')).toBe('no-store');
  });
});

describe('the page behind a link', () => {
  test('is the same for every id, reveals nothing and decides nothing', async () => {
    const real = await world.get(`/r/${request.id}`);
    const other = request.id === '7777' ? '8888' : '7777';
    const none = await world.get(`/r/${other}`);
    expect(real).toMatchObject({ status: 200 });
    expect(real.text.replaceAll(request.id, 'ID')).toBe(none.text.replaceAll(other, 'ID'));
    expect(real.text).toContain(`ssh -t -p 2222 bastion.test approve ${request.id}`);
    expect(real.text).not.toContain('alice');
    expect(real.text).not.toMatch(/<script|<form|<img|javascript:/i);
    await pending();
  });

  test.each(['/r/', '/r/<b>x', '/r/7KQ2x', '/r/%3Cscript%3E', '/r/7KQ2/approve'])('%s is nothing', async (odd) => {
    expect(await world.get(odd)).toMatchObject({ status: 404 });
  });
});

describe('GET never decides', () => {
  test.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('%s', async (method) => {
    const answer = await world.send(method, `${path()}?verdict=deny&digest=${request.digest}`, bob);
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('POST');
    await pending();
  });

  test('not with a body either', async () => {
    const text = await world.raw(
      head('GET', path(), 'Content-Type: application/json', `Content-Length: ${denial().length}`) + denial(),
    );
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    await pending();
  });

  test('nor by a header that names another method', async () => {
    const answer = await world.send('GET', path(), bob, undefined, { 'x-http-method-override': 'POST' });
    expect(answer.status).toBe(405);
    await pending();
  });
});

describe('bodies', () => {
  test('one of 1 MB is refused before it is read', async () => {
    const asked = head(
      'POST',
      path(),
      'Content-Type: application/json',
      `Content-Length: ${MEGABYTE}`,
      'Expect: 100-continue',
    );
    const text = await world.raw(asked);
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    expect(text).not.toContain('100 Continue');
    expect(
      await world.raw(head('POST', path(), 'Content-Type: application/json', `Content-Length: ${MEGABYTE}`)),
    ).toMatch(/^HTTP\/1\.1 413 [\s\S]*connection: close/i);
    await pending();
  });

  test('one without a length is cut off at the limit', async () => {
    const chunk = `1000\r\n${' '.repeat(4096)}\r\n`;
    const text = await world.raw(
      head('POST', path(), 'Content-Type: application/json', 'Transfer-Encoding: chunked') + chunk.repeat(20),
    );
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    await pending();
  });

  test('one in pieces is read like any other', async () => {
    const chunked = head(
      'POST',
      path(),
      'Content-Type: application/json',
      'Transfer-Encoding: chunked',
      'Connection: close',
    );
    const pieces = [...denial()].map((character) => `1\r\n${character}\r\n`).join('');
    expect(await world.raw(`${chunked}${pieces}0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 200 /);
    expect(await world.stateOf(request)).toBe('denied');
  });

  test.each([
    ['no type', {}, 415],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['text that a page of another site could send', { 'content-type': 'text/plain' }, 415],
    ['another character set', { 'content-type': 'application/json; charset=utf-16' }, 415],
    ['compressed', { 'content-type': 'application/json', 'content-encoding': 'gzip' }, 415],
    ['JSON, with its character set', { 'content-type': 'application/json; charset=utf-8' }, 200],
  ])('%s', async (_, headers, status) => {
    const body = new TextEncoder().encode(denial());
    expect(await world.send('POST', path(), bob, body, { 'content-type': '', ...headers })).toMatchObject({ status });
  });

  test.each<[string, (good: Readonly<Record<string, unknown>>) => unknown]>([
    ['an unknown field', (good) => ({ ...good, force: true })],
    ['a denial with a code', (good) => ({ ...good, code: '123456' })],
    ['no verdict', ({ digest }) => ({ digest })],
    ['another verdict', (good) => ({ ...good, verdict: 'APPROVE' })],
    ['a verdict in a list', (good) => ({ ...good, verdict: ['deny'] })],
    ['no digest', () => ({ verdict: 'deny' })],
    ['a digest that is too short', (good) => ({ ...good, digest: 'sha256:0123' })],
    ['a digest with more behind it', (good) => ({ ...good, digest: `${request.digest}00` })],
    ['a reason with a line break', (good) => ({ ...good, reason: 'a\nb' })],
    ['a reason with an escape', (good) => ({ ...good, reason: '\u001b[2J' })],
    ['a reason with hidden text', (good) => ({ ...good, reason: 'a\u202eb' })],
    ['a reason without end', (good) => ({ ...good, reason: 'x'.repeat(501) })],
    ['a code that is a number', ({ digest }) => ({ verdict: 'approve', digest, code: 123_456 })],
    ['a code of null', ({ digest }) => ({ verdict: 'approve', digest, code: null })],
    ['a list', (good) => [good]],
    ['null', () => null],
    ['a prototype', () => JSON.parse(`{"__proto__":{"verdict":"deny"},"digest":"${request.digest}"}`)],
  ])('%s is refused', async (_, change) => {
    const answer = await world.decide(request, bob, change({ verdict: 'deny', digest: request.digest }));
    expect(answer).toMatchObject({ status: 400, json: { v: 1, error: { code: 'request.body' } } });
    await pending();
  });

  test.each(['', '{', '{"verdict":"deny"', 'verdict=deny', '\u0000'])('%j is no JSON', async (body) => {
    const answer = await world.send('POST', path(), bob, body, { 'content-type': 'application/json' });
    expect(answer).toMatchObject({ status: 400, json: { error: { code: 'request.json' } } });
  });

  test('bytes that are no UTF-8 are no JSON', async () => {
    const body = Buffer.from(denial().replace('"deny"', '"deny","reason":"\u00ff"'), 'latin1');
    expect(await world.send('POST', path(), bob, body)).toMatchObject({ status: 400 });
  });

  test('whatever comes, it is refused or it is one of the known answers; nothing is released, nothing fails', async () => {
    const anything = fc.oneof(
      fc.json({ maxDepth: 6 }),
      fc.string(),
      fc
        .record(
          {
            verdict: fc.oneof(fc.constantFrom('approve', 'deny '), fc.jsonValue()),
            digest: fc.oneof(fc.constant(request.digest), fc.stringMatching(/^[0-9a-f]{0,70}$/), fc.jsonValue()),
            code: fc.oneof(fc.stringMatching(/^[0-9]{6}$/), fc.jsonValue()),
            reason: fc.oneof(fc.string(), fc.jsonValue()),
            grant: fc.jsonValue(),
          },
          { requiredKeys: [] },
        )
        .map((body) => JSON.stringify(body)),
    );
    const carol = await world.token('carol');
    const started = (await world.events('approval.consumed')).length;
    await fc.assert(
      fc.asyncProperty(anything, fc.boolean(), async (body, ours) => {
        const answer = await world.send('POST', path(), ours ? bob : carol, body);
        expect([400, 401, 403, 409, 413, 422, 429]).toContain(answer.status);
        expect(errorSchema.safeParse(answer.json).success).toBe(true);
        expect(answer.text).not.toMatch(/\bat .*\.(?:ts|js):\d+/);
        await pending();
      }),
      { numRuns: 300 },
    );
    expect(await world.events('approval.consumed')).toHaveLength(started);
    for (const name of ['bob', 'carol']) await world.knowledge.codes.unlock(name, 'root');
  });
});

describe('HTTP that two parsers could read differently', () => {
  const cases: readonly (readonly [string, () => string])[] = [
    [
      'two lengths',
      () =>
        head(
          'POST',
          path(),
          'Content-Type: application/json',
          'Content-Length: 5',
          `Content-Length: ${denial().length}`,
        ),
    ],
    [
      'a length and chunks',
      () => head('POST', path(), 'Content-Type: application/json', 'Content-Length: 3', 'Transfer-Encoding: chunked'),
    ],
    [
      'an encoding that is none',
      () => head('POST', path(), 'Content-Type: application/json', 'Transfer-Encoding: xchunked'),
    ],
    ['two hosts', () => head('GET', '/v1/requests', 'Host: evil.test')],
    ['two tokens', () => head('GET', '/v1/requests', 'Authorization: Bearer x')],
    ['no host', () => `GET /v1/requests HTTP/1.1\r\nAuthorization: Bearer ${bob}\r\n\r\n`],
    [
      'lines without a carriage return',
      () => `GET /v1/requests HTTP/1.1\nHost: localhost\nAuthorization: Bearer ${bob}\n\n`,
    ],
    ['a blank before the colon', () => head('GET', '/v1/requests', 'X-A : b')],
    ['a header over two lines', () => head('GET', '/v1/requests', 'X-A: b', ' c')],
    ['a whole URL', () => head('GET', `http://localhost:${world.port}/v1/requests`)],
    ['a URL of somewhere else', () => head('GET', 'http://169.254.169.254/v1/requests')],
    ['no path', () => head('GET', '*')],
    ['a back slash', () => head('GET', '/v1\\requests')],
    ['headers without end', () => head('GET', '/v1/requests', `X-A: ${'a'.repeat(20_000)}`)],
    ['another version', () => head('GET', '/v1/requests').replace('HTTP/1.1', 'HTTP/3.9')],
    ['an upgrade', () => head('GET', '/v1/requests', 'Connection: upgrade', 'Upgrade: websocket')],
    ['a tunnel', () => 'CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['something else than HTTP', () => 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
  ];

  test.each(cases)('%s', async (_, bytes) => {
    const text = await world.raw(bytes(), 1500);
    expect(text === '' || /^HTTP\/1\.1 (?:400|431|505) /.test(text)).toBe(true);
    expect(text).not.toContain(request.digest);
    await pending();
  });

  test('what comes behind a refused request on the same connection is not read', async () => {
    const inner =
      head('POST', path(), 'Content-Type: application/json', `Content-Length: ${denial().length}`) + denial();
    const text = await world.raw(head('POST', path(), 'Content-Type: text/plain', 'Content-Length: 1') + inner);
    expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    await pending();
  });
});

describe('pages of other sites', () => {
  test.each([
    ['evil.test', 403],
    ['localhost.evil.test', 403],
    ['evil.test:80@localhost', 400],
    ['localhost', 200],
    ['LOCALHOST:8022', 200],
    ['bastion.test', 200],
    ['[::1]:8022', 200],
  ])('Host: %s', async (host, status) => {
    const text = await world.raw(
      `GET /v1/requests HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${bob}\r\nConnection: close\r\n\r\n`,
    );
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  test.each([
    ['https://evil.test', 403],
    ['null', 403],
    ['http://localhost.evil.test', 403],
  ])('Origin: %s', async (origin, status) => {
    const answer = await world.send('POST', path(), bob, denial(), { origin });
    expect(answer).toMatchObject({ status, json: { error: { code: 'request.origin' } } });
    await pending();
  });

  test('its own page may', async () => {
    const origin = `http://127.0.0.1:${world.port}`;
    expect(await world.send('POST', path(), bob, denial(), { origin })).toMatchObject({ status: 200 });
  });
});

describe('too many', () => {
  test('of each kind, and the clock makes it good again', async () => {
    await using strict = await WebWorld.start();
    const token = await strict.token('bob');
    const held = await strict.hold();
    const statuses = async (count: number, ask: () => Promise<{ readonly status: number }>): Promise<number[]> => {
      const found: number[] = [];
      for (let i = 0; i < count; i += 1) found.push((await ask()).status);
      return found;
    };
    expect(await statuses(11, () => strict.get('/v1/requests', 'hlt_wrong'))).toEqual([...Array(10).fill(401), 429]);
    expect((await strict.events('auth.failure')).length).toBe(10);
    const body = { verdict: 'approve', digest: `sha256:${'0'.repeat(64)}` };
    expect(await statuses(11, () => strict.decide(held, token, body))).toEqual([...Array(10).fill(409), 429]);
    const rest = await statuses(60, () => strict.get('/v1/requests', token));
    expect(rest.filter((status) => status === 429)).toHaveLength(11);
    const refused = await strict.get('/v1/requests', token);
    expect(refused).toMatchObject({ status: 429, json: { error: { code: 'too-many' } } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await statuses(61, () => strict.get('/v1/health'))).at(-1)).toBe(429);
    strict.clock.advance(60_000);
    expect(await strict.get('/v1/requests', token)).toMatchObject({ status: 200 });
  });

  test('answers that somebody does not read', async () => {
    const stalled = new StalledDesk();
    await using slow = await WebWorld.start({ desk: stalled.desk });
    const [first, second] = [await slow.token('bob'), await slow.token('bob')];
    const waiting = [1, 2, 3, 4].map(() => slow.get('/v1/requests', first));
    await waitUntil('four wait', () => stalled.asked === 4);
    const refused = await slow.get('/v1/requests', second);
    expect(refused).toMatchObject({ status: 429 });
    expect(refused.headers.get('retry-after')).toBe('1');
    stalled.go();
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(await slow.get('/v1/requests', second)).toMatchObject({ status: 200 });
  });

  test('whoever goes away before the answer gives the places back, also behind one another', async () => {
    const stalled = new StalledDesk(4);
    await using slow = await WebWorld.start({ desk: stalled.desk });
    const token = await slow.token('bob');
    const one = `GET /v1/requests HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`;
    await slow.raw(one.repeat(4), 300);
    expect(stalled.asked).toBe(4);
    await waitUntil('the places are free', async () => (await slow.get('/v1/requests', token)).status === 200);
    stalled.go();
  });

  test('connections of one address; those that are left serve on', async () => {
    const started = performance.now();
    const lasted = await Promise.all(
      [...Array(60)].map(async () => {
        await world.raw('GET /v1/health HTTP/1.1\r\n', 1500);
        return performance.now() - started;
      }),
    );
    expect(lasted.filter((ms) => ms < 1200).length).toBeGreaterThanOrEqual(20);
    await waitUntil('it answers', async () => (await world.get('/v1/health').catch(() => null))?.status === 200);
  });

  test('a client that is slow is cut off', async () => {
    const started = performance.now();
    expect(await world.raw('GET /v1/requests HTTP/1.1\r\nHost: local', 15_000)).toMatch(/^(?:HTTP\/1\.1 40[08] |$)/);
    expect(performance.now() - started).toBeLessThan(9000);
  });
});
