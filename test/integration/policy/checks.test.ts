/**
 * External checks end to end: a real HTTP server on loopback and real programs, right, wrong, slow and dead; and
 * what rules make of the answers. Unknown fails closed.
 */
import { once } from 'node:events';
import { chmod, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { CheckPrograms } from '../../../src/app/checks/check-programs.ts';
import { systemClock } from '../../../src/base/clock.ts';
import type { CheckDefinition } from '../../../src/policy/compiled-policy.ts';
import type { CheckValue } from '../../../src/policy/conditions/condition.ts';
import { PolicyEngine } from '../../../src/policy/engine.ts';
import { freePort } from '../../support/free-port.ts';
import { policyFromText } from '../../support/policy-text.ts';
import { type TempDir, tempDir } from '../../support/temp-dir.ts';

/** ms; a check that answers at all answers long before it. */
const PATIENCE = 5_000;
/** ms; for checks that never answer. */
const IMPATIENCE = 100;

let folder: TempDir;
let server: Server | null = null;
let asked = 0;

beforeAll(async () => {
  folder = await tempDir({ name: 'checks' });
});
afterAll(() => folder[Symbol.asyncDispose]());
afterEach(async () => {
  asked = 0;
  server?.closeAllConnections();
  if (server !== null) await new Promise((resolve) => server?.close(resolve));
  server = null;
});

async function serve(answer: RequestListener): Promise<string> {
  server = createServer((request, response) => {
    asked += 1;
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('the system gave no port');
  return `http://127.0.0.1:${address.port}/state`;
}

async function program(text: string): Promise<string> {
  const path = folder.at(`program-${text.length}-${Math.abs(hashOf(text))}`);
  await writeFile(path, `#!/bin/sh\n${text}\n`);
  await chmod(path, 0o755);
  return path;
}

function hashOf(text: string): number {
  return [...text].reduce((hash, char) => (hash * 31 + char.charCodeAt(0)) | 0, 7);
}

function run(
  source: CheckDefinition['source'],
  parse: CheckDefinition['parse'] = { json: '$.frozen', type: 'boolean' },
  timeout = PATIENCE,
): Promise<CheckValue | undefined> {
  const check = { name: 'freeze', source, timeout, cache: 0, parse };
  return new CheckPrograms().run(check, new AbortController().signal);
}

const get = (url: string): CheckDefinition['source'] => ({ kind: 'http', url, method: 'GET' });

describe('over HTTP', () => {
  test.each<[string, string, CheckDefinition['parse'], CheckValue | undefined]>([
    ['true', '{"frozen":true}', { json: '$.frozen', type: 'boolean' }, true],
    ['false', '{"frozen":false}', { json: '$.frozen', type: 'boolean' }, false],
    ['a nested number', '{"a":[{"n":7}]}', { json: '$.a[0].n', type: 'number' }, 7],
    ['text', 'green\n', { type: 'string' }, 'green'],
    ['a value of another type', '{"frozen":"perhaps"}', { json: '$.frozen', type: 'boolean' }, undefined],
    ['names, one a line', 'ana\n bob \n\nana\n', { type: 'names' }, 'ana bob'],
    ['names in a list', '{"on":["ana","bob"]}', { json: '$.on', type: 'names' }, 'ana bob'],
    ['no name', '\n', { type: 'names' }, ''],
    ['a name that is none', 'ana\n$(reboot)\n', { type: 'names' }, undefined],
    ['a number among names', '{"on":["ana",7]}', { json: '$.on', type: 'names' }, undefined],
    ['no list of names', '{"on":{}}', { json: '$.on', type: 'names' }, undefined],
    ['more names than anybody has', 'ana\n'.repeat(51), { type: 'names' }, undefined],
    ['a missing value', '{}', { json: '$.frozen', type: 'boolean' }, undefined],
    ['no JSON', '<html>', { json: '$.frozen', type: 'boolean' }, undefined],
    ['nothing', '', { json: '$.frozen', type: 'boolean' }, undefined],
  ])('%s', async (_, body, parse, expected) => {
    const url = await serve((__, response) => response.end(body));
    expect(await run(get(url), parse)).toBe(expected);
  });

  test('a status of failure is unknown, whatever the body says', async () => {
    const url = await serve((_, response) => response.writeHead(500).end('{"frozen":false}'));
    expect(await run(get(url))).toBeUndefined();
  });

  test('a redirect is not followed', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/state') response.writeHead(302, { location: '/other' }).end();
      else response.end('{"frozen":false}');
    });
    expect(await run(get(url))).toBeUndefined();
    expect(asked).toBe(1);
  });

  test('a server that never answers is unknown when the time is over', async () => {
    const url = await serve(() => {});
    expect(await run(get(url), undefined, IMPATIENCE)).toBeUndefined();
    expect(asked).toBe(1);
  });

  test('an answer without an end is given up', async () => {
    const url = await serve((_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(64 * 1024)));
      };
      response.on('drain', more);
      more();
    });
    expect(await run(get(url), { type: 'string' })).toBeUndefined();
  });

  test('nobody listens', async () => {
    expect(await run(get(`http://127.0.0.1:${await freePort()}/`))).toBeUndefined();
  });
});

describe('by a program', () => {
  const exec = (...argv: readonly string[]): CheckDefinition['source'] => ({ kind: 'exec', argv });

  test.each<[string, string, CheckValue | undefined]>([
    ['true', `echo '{"frozen":true}'`, true],
    ['false', `echo '{"frozen":false}'`, false],
    ['a failure', `echo '{"frozen":false}'; exit 3`, undefined],
    ['garbage', 'echo no', undefined],
    ['silence', ':', undefined],
    [
      'too much',
      'while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done',
      undefined,
    ],
  ])('%s', async (_, text, expected) => {
    expect(await run(exec(await program(text)))).toBe(expected);
  });

  test('a program that hangs is killed and unknown', async () => {
    expect(await run(exec(await program('exec sleep 60')), undefined, IMPATIENCE)).toBeUndefined();
  });

  test('a missing program is unknown', async () => {
    expect(await run(exec(folder.at('missing')))).toBeUndefined();
  });

  test('words reach it as they are, with no shell and nothing of our environment', async () => {
    process.env['HELDLINE_CHECK_SECRET'] = 'x';
    try {
      const path = await program(`printf '%s %s' "$1" "\${HELDLINE_CHECK_SECRET:-none}"`);
      expect(await run(exec(path, '$(id); *'), { type: 'string' })).toBe('$(id); * none');
    } finally {
      delete process.env['HELDLINE_CHECK_SECRET'];
    }
  });
});

describe('in rules', () => {
  const engineFor = (url: string, cache: string): PolicyEngine =>
    new PolicyEngine({
      clock: systemClock,
      checks: new CheckPrograms(),
      policy: policyFromText(`
postures: [{ when: { any: true }, default: allow }]
checks: { freeze: { http: { url: "${url}" }, timeout: 5s, cache: ${cache}, parse: { json: $.frozen, type: boolean } } }
rules:
  - { id: frozen, effect: deny, when: { check.freeze: true }, match: { severity: ">=high" } }
  - { id: thawed, effect: auto-approve, when: { check.freeze: false }, match: { severity: ">=high" } }
`),
    });
  const context = { context: 'shell', at: 0 } as const;

  test.each([
    ['true', '{"frozen":true}', 'deny'],
    ['false', '{"frozen":false}', 'auto-approve'],
    ['unknown denies', '{"frozen":1}', 'deny'],
  ])('%s', async (_, body, effect) => {
    const engine = engineFor(await serve((__, response) => response.end(body)), '0s');
    expect((await engine.evaluate('rm -rf x', context)).effect).toBe(effect);
    expect((await engine.evaluate('ls', context)).effect).toBe('allow');
  });

  test('an answer is remembered as long as the policy says, and failures are not', async () => {
    let fails = true;
    const url = await serve((_, response) => {
      response.writeHead(fails ? 503 : 200).end('{"frozen":false}');
    });
    const engine = engineFor(url, '1h');
    const decision = await engine.evaluate('rm -rf x', context);
    expect(decision).toMatchObject({ effect: 'deny', facts: { unknown: ['freeze'] } });
    fails = false;
    expect((await engine.evaluate('rm -rf x', context)).effect).toBe('auto-approve');
    expect((await engine.evaluate('rm -rf y', context)).effect).toBe('auto-approve');
    expect(asked).toBe(2);
  });
});
