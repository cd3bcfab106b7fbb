/** Backup and restore of a bastion, as an administrator does it. */
import { readFile, stat, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Bastion } from '../support/bastion.ts';
import { Person } from '../support/person.ts';

let bastion: Bastion;
let file: string;

beforeAll(async () => {
  bastion = await Bastion.start();
  file = bastion.at('..', 'copy.backup');
});
afterAll(() => bastion[Symbol.asyncDispose]());

const userNames = async (): Promise<readonly unknown[]> =>
  (await bastion.json(['user', 'list'])).map((one) => one['name']);

test('a backup beside a running daemon is closed to others and never overwrites', async () => {
  await Person.join(bastion, 'alice');
  await bastion.runOrFail(['backup', file]);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await bastion.run(['backup', file])).toMatchObject({ code: 1 });
});

test('it is refused while a daemon runs, and half of it is refused always', async () => {
  const refused = await bastion.run(['restore', file]);
  expect(refused.code).toBe(5);
  const half = bastion.at('..', 'half.backup');
  await writeFile(half, (await readFile(file)).subarray(0, -200));
  expect(await bastion.run(['restore', half])).toMatchObject({ code: 7 });
  const forged = bastion.at('..', 'forged.backup');
  await writeFile(forged, (await readFile(file, 'utf8')).replace('"config/', '"config/../'));
  expect(await bastion.run(['restore', forged])).toMatchObject({ code: 7 });
  expect(await bastion.run(['restore', bastion.at('..', 'none')])).toMatchObject({ code: 3 });
});

test('what came after it is gone, the log goes on and is whole, and somebody of before signs in', async () => {
  await bastion.runOrFail(['user', 'add', 'zed']);
  expect(await userNames()).toContain('zed');
  await bastion.stop();
  const restored = await bastion.runOrFail(['restore', file]);
  expect(restored.errorText).toContain('What was there is now');
  await bastion.serve();
  expect(await userNames()).toEqual(expect.arrayContaining(['admin', 'alice']));
  expect(await userNames()).not.toContain('zed');
  const types = (await bastion.audit()).map((event) => [event['type'], JSON.stringify(event)] as const);
  expect(types.filter(([type]) => type === 'store.restored')).toHaveLength(1);
  expect(types.some(([type, text]) => type === 'user.added' && text.includes('zed'))).toBe(true);
  expect(await bastion.run(['audit', 'verify'])).toMatchObject({ code: 0 });
});

test('a machine that has nothing is made whole from it', async () => {
  const place = bastion.at('..', 'elsewhere', 'heldline.yaml');
  const elsewhere = (words: readonly string[]) => bastion.run(['-c', place, ...words]);
  expect(await elsewhere(['restore', file])).toMatchObject({ code: 0 });
  expect(await elsewhere(['config', 'check'])).toMatchObject({ code: 0 });
  expect(await elsewhere(['audit', 'verify'])).toMatchObject({ code: 0 });
  expect((await elsewhere(['doctor'])).text).not.toContain('fail');
});
