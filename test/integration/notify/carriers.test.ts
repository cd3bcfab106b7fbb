/** Both ways to a receiver, with real sockets and real programs: right, wrong, slow, huge and dead ones. */
import { once } from 'node:events';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import type { Attempt } from '../../../src/notify/carriers/attempt.ts';
import { httpCarrier } from '../../../src/notify/carriers/http-carrier.ts';
import { mailCarrier } from '../../../src/notify/carriers/mail-carrier.ts';
import { type Letter, trialLetter } from '../../../src/notify/letter.ts';
import type { HttpWay } from '../../../src/notify/receiver.ts';
import { Disposals } from '../../support/disposals.ts';
import { freePort } from '../../support/free-port.ts';
import { runOrFail } from '../../support/run-program.ts';
import { type TempDir, tempDir } from '../../support/temp-dir.ts';
import { isSignedWith, WebhookReceiver } from '../../support/webhook-receiver.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const KEY = Buffer.alloc(32, 7);
const LETTER: Letter = trialLetter('msg_1', 'root', Date.UTC(2026, 10, 20));
/** ms; for receivers that never answer. */
const IMPATIENCE = 200;

let stack: Disposals;
let receiver: WebhookReceiver;
let folder: TempDir;

beforeEach(async () => {
  stack = new Disposals();
  receiver = stack.use(await WebhookReceiver.start());
  folder = stack.use(await tempDir({ name: 'notify' }));
});
afterEach(() => stack[Symbol.asyncDispose]());

function post(changes: Partial<HttpWay> = {}, signal: AbortSignal = AbortSignal.timeout(5000)): Promise<Attempt> {
  const way: HttpWay = { kind: 'http', form: 'json', url: receiver.url(), secret: KEY, token: null, ...changes };
  return httpCarrier(way, systemClock)(LETTER, signal);
}

describe('by HTTP', () => {
  test('one signed POST, with the id of the delivery', async () => {
    expect(await post({ url: receiver.url('/in?a=1') })).toEqual({ kind: 'delivered' });
    const [received] = receiver.received;
    if (received === undefined) throw new TypeError('nothing arrived');
    expect(received).toMatchObject({ method: 'POST', path: '/in?a=1' });
    expect(received.headers).toMatchObject({
      'webhook-id': 'msg_1',
      'content-type': 'application/json',
      'user-agent': 'heldline',
    });
    expect(isSignedWith(SECRET, received)).toBe(true);
    expect(received.headers.authorization).toBeUndefined();
    expect(JSON.parse(received.body)).toEqual({
      type: 'test',
      timestamp: '2026-11-20T00:00:00.000Z',
      data: { by: 'root' },
    });
  });

  test('a token is a bearer token', async () => {
    await post({ form: 'ntfy', secret: null, token: 'tk_1' });
    expect(receiver.received[0]?.headers).toMatchObject({ authorization: 'Bearer tk_1', markdown: 'no' });
    expect(receiver.received[0]?.headers).not.toHaveProperty('webhook-signature');
  });

  test.each([
    [200, {}, { kind: 'delivered' }],
    [299, {}, { kind: 'delivered' }],
    [500, {}, { kind: 'failed', why: 'answered 500', retryAfter: null }],
    [429, { 'retry-after': '17' }, { kind: 'failed', why: 'answered 429', retryAfter: 17_000 }],
    [503, { 'retry-after': 'x' }, { kind: 'failed', why: 'answered 503', retryAfter: null }],
    [401, {}, { kind: 'failed', why: 'answered 401', retryAfter: null }],
    [404, {}, { kind: 'failed', why: 'answered 404', retryAfter: null }],
    [400, {}, { kind: 'refused', why: 'answered 400' }],
    [410, {}, { kind: 'refused', why: 'answered 410' }],
    [413, {}, { kind: 'refused', why: 'answered 413' }],
  ])('%d', async (status, headers, expected) => {
    receiver.answer = (response) => response.writeHead(status, headers).end('body');
    expect(await post()).toEqual(expected);
  });

  test.each([301, 302, 303, 307, 308])('a redirect (%d) is not followed', async (status) => {
    receiver.answer = (response) => response.writeHead(status, { location: receiver.url('/elsewhere') }).end();
    expect(await post()).toMatchObject({ kind: 'failed', why: `answered ${status}` });
    expect(receiver.received.map(({ path }) => path)).toEqual(['/hook']);
  });

  test('nobody there', async () => {
    const port = await freePort();
    expect(await post({ url: `http://127.0.0.1:${port}/secret-path` })).toEqual({
      kind: 'failed',
      why: 'ECONNREFUSED',
      retryAfter: null,
    });
  });

  test('an answer that never comes ends with the signal', async () => {
    receiver.answer = () => undefined;
    expect(await post({}, AbortSignal.timeout(IMPATIENCE))).toMatchObject({ why: 'no answer in time' });
  });

  test('an endless answer is not read', async () => {
    receiver.answer = (response) => {
      response.writeHead(200);
      const pour = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', pour);
      pour();
    };
    const begun = process.memoryUsage().rss;
    expect(await post()).toEqual({ kind: 'delivered' });
    expect(process.memoryUsage().rss - begun).toBeLessThan(64 * 1024 * 1024);
  });

  test.each([
    ['an endless header', () => `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(100_000)}`],
    ['nonsense', () => 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
  ])('%s is a failure', async (_what, text) => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(text()));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expect(await post({ url: `http://127.0.0.1:${port}/` })).toMatchObject({
      kind: 'failed',
      why: expect.stringMatching(/^HPE_/),
    });
    await new Promise((resolve) => server.close(resolve));
  });

  test('a certificate that nobody vouches for gets nothing', async () => {
    const [key, cert] = [folder.at('key.pem'), folder.at('cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-days', '1', '-nodes', '-newkey', 'rsa:2048'];
    await runOrFail('openssl', ['req', '-x509', ...subject, '-keyout', key, '-out', cert]);
    let requests = 0;
    const server = createTlsServer({ key: await readFile(key), cert: await readFile(cert) }, () => {
      requests += 1;
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const attempt = await post({ url: `https://localhost:${port}/hook` });
    expect(attempt).toMatchObject({ kind: 'failed', why: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(requests).toBe(0);
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('by mail', () => {
  /** A program in the place of sendmail. */
  async function sendmail(text: string): Promise<string> {
    const path = folder.at('sendmail');
    await writeFile(path, `#!/bin/sh\n${text}\n`);
    await chmod(path, 0o755);
    return path;
  }

  const hand = (program: string, signal: AbortSignal = AbortSignal.timeout(5000)): Promise<Attempt> => {
    const to = ['ops@example.com', 'dba@example.com'] as const;
    return mailCarrier({ kind: 'mail', program, from: 'heldline@example.com', to: [...to] })(LETTER, signal);
  };

  test('the message goes to standard input, the recipients are arguments, the environment is ours', async () => {
    const out = folder.at('out');
    const program = await sendmail(`{ printf '%s\\n' "$@"; echo ==; env | sort; echo ==; cat; } > '${out}'`);
    expect(await hand(program)).toEqual({ kind: 'delivered' });
    const [words = '', environment = '', message = ''] = (await readFile(out, 'utf8')).split(/^==\n/m);
    expect(words).toBe('-i\n-f\nheldline@example.com\n--\nops@example.com\ndba@example.com\n');
    // What the shell itself sets is not ours.
    const names = environment.split('\n').map((line) => line.split('=')[0] ?? '');
    expect(names.filter((name) => !/^(?:_|PWD|OLDPWD|SHLVL|)$/.test(name))).toEqual(['LANG', 'PATH']);
    expect(message).toContain('Subject: Heldline: a test\n');
    expect(Buffer.from(message.split('\n\n')[1] ?? '', 'base64').toString()).toContain('Sent by root.');
  });

  test.each([
    [75, { kind: 'failed', why: 'the program ended with 75', retryAfter: null }],
    [1, { kind: 'failed', why: 'the program ended with 1', retryAfter: null }],
    [67, { kind: 'refused', why: 'the program ended with 67' }],
  ])('a program that ends with %d without reading', async (status, expected) => {
    expect(await hand(await sendmail(`exit ${status}`))).toEqual(expected);
  });

  test('a program that hangs is ended', async () => {
    const program = await sendmail('exec sleep 600');
    expect(await hand(program, AbortSignal.timeout(IMPATIENCE))).toMatchObject({
      kind: 'failed',
      why: 'no end in time',
    });
  });

  test('a program that is not there', async () => {
    expect(await hand('/nowhere/sendmail')).toMatchObject({ kind: 'failed', why: expect.stringContaining('ENOENT') });
  });
});
