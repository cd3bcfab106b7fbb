import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type HttpWayConfig, type NotifyConfig, notifyOf } from '../config/notify-config.ts';
import { readReceivers } from './receivers.ts';

const SECRET = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heldline-receivers-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function file(name: string, text: string, mode = 0o600): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
}

function ntfy(changes: Partial<HttpWayConfig>): NotifyConfig {
  const [base] = notifyOf({ receivers: { ops: { form: 'ntfy', url: 'https://ntfy.example/t' } } }, '/').receivers;
  if (base === undefined || base.way.kind !== 'http') throw new TypeError('no receiver');
  return { giveUp: 1, receivers: [{ ...base, way: { ...base.way, ...changes } }] };
}

test('secrets come from their files, without the end of the line', async () => {
  await file('url', 'https://hooks.example/T0/B0\n');
  await file('secret', `${SECRET}\n`);
  await file('token', 'tk_x');
  const config = notifyOf(
    {
      receivers: {
        chat: { form: 'slack', url_file: 'url', secret_file: 'secret' },
        phone: { form: 'ntfy', url: 'https://ntfy.example/t', token_file: 'token' },
        post: { form: 'mail', from: 'a@b.c', to: 'd@e.f', sendmail: '/bin/true' },
      },
    },
    folder,
  );
  const { receivers, findings } = await readReceivers(config);
  expect(findings).toEqual([]);
  expect(receivers).toMatchObject([
    { name: 'chat', way: { url: 'https://hooks.example/T0/B0', secret: Buffer.alloc(24, 1), token: null } },
    { name: 'phone', way: { secret: null, token: 'tk_x' } },
    { name: 'post', shows: 'full', way: { kind: 'mail', program: '/bin/true' } },
  ]);
});

test.each<[string, () => Promise<Partial<HttpWayConfig>>, string]>([
  ['open to its group', async () => ({ tokenFile: await file('t', 'x', 0o640) }), 'is open to others; run: chmod 600'],
  ['not there', async () => ({ tokenFile: join(folder, 'none') }), 'cannot be read'],
  ['empty', async () => ({ tokenFile: await file('t', '\n') }), 'expected one line'],
  ['of two lines', async () => ({ tokenFile: await file('t', 'a\nb\n') }), 'expected one line'],
  ['too large', async () => ({ tokenFile: await file('t', 'x'.repeat(5000)) }), 'is larger than'],
  ['no file', async () => ({ tokenFile: await mkdir(join(folder, 'd')).then(() => join(folder, 'd')) }), 'plain file'],
  ['not ASCII', async () => ({ tokenFile: await file('t', 'ü') }), 'signs of ASCII'],
  ['no secret', async () => ({ secretFile: await file('t', 'whsec_c2hvcnQ=') }), 'make one with'],
  [
    'a URL with a password',
    async () => ({ url: { kind: 'file', path: await file('t', 'https://a:hunter2@h.example/') } }),
    'must not hold a name',
  ],
  [
    'a URL in the clear',
    async () => ({ url: { kind: 'file', path: await file('t', 'http://h.example/') } }),
    'use https',
  ],
])('a file that is %s is a finding, and its content is not told', async (_what, change, message) => {
  const changes = await change();
  const { receivers, findings } = await readReceivers(ntfy(changes));
  expect(receivers).toBeNull();
  expect(findings).toHaveLength(1);
  expect(findings[0]?.file.startsWith(folder)).toBe(true);
  expect(findings[0]?.message).toContain(message);
  expect(findings[0]?.message).toMatch(/\(notify\.receivers\.ops\.(?:token|secret|url)_file\)$/);
  expect(findings[0]?.message).not.toMatch(/hunter2|c2hvcnQ/);
});
