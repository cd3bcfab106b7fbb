import { appendFile, mkdir, mkdtemp, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DurableAppender } from './durable-appender.ts';
import { FakeClock } from './fake-clock.ts';

let directory: string;
let clock: FakeClock;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'heldline-append-'));
  clock = new FakeClock();
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

function at(name: string): string {
  return join(directory, name);
}

describe('DurableAppender', () => {
  test('writes in order and counts what waits', async () => {
    const appender = await DurableAppender.create(at('a'), { clock });
    const positions: number[] = [];
    appender.listen({ onDurable: (position) => positions.push(position) });
    for (const text of ['one ', 'two ', 'three']) appender.append(Buffer.from(text));
    expect(appender.pendingBytes).toBe(13);
    await appender.durable();
    expect(appender.pendingBytes).toBe(0);
    expect(positions).toEqual([13]);
    expect(await readFile(at('a'), 'utf8')).toBe('one two three');
    expect((await stat(at('a'))).mode & 0o777).toBe(0o600);
    await appender.close();
  });

  test('refuses to overwrite, and continues what is there', async () => {
    await (await DurableAppender.create(at('a'), { clock })).close();
    await expect(DurableAppender.create(at('a'), { clock })).rejects.toMatchObject({ code: 'EEXIST' });
    await appendFile(at('a'), 'old ');
    const appender = await DurableAppender.continue(at('a'), { clock, soleWriter: true });
    appender.append(Buffer.from('new'));
    await appender.close();
    expect(await readFile(at('a'), 'utf8')).toBe('old new');
  });

  test('parts what belongs to different files', async () => {
    const appender = await DurableAppender.create(at('a'), { clock });
    appender.append(Buffer.from('first'));
    appender.startFile(at('b'));
    appender.append(Buffer.from('second'));
    await appender.close();
    expect(await readFile(at('a'), 'utf8')).toBe('first');
    expect(await readFile(at('b'), 'utf8')).toBe('second');
  });

  test('tells a failure at once, keeps what waits, and writes it once when it can', async () => {
    const appender = await DurableAppender.create(at('a'), { clock });
    const told: string[] = [];
    appender.listen({ onFailure: ({ code }) => told.push(code), onRecovered: () => told.push('recovered') });
    await mkdir(at('sub'));
    await rename(at('sub'), at('gone'));
    appender.append(Buffer.from('before'));
    appender.startFile(join(at('sub'), 'b'));
    appender.append(Buffer.from('after'));
    await expect(appender.durable()).rejects.toMatchObject({ code: 'append.write' });
    await expect(appender.durable()).rejects.toMatchObject({ code: 'append.write' });
    appender.append(Buffer.from(' too'));
    expect(told).toEqual(['append.write']);
    expect(await appender.resume()).toBe(false);
    await rename(at('gone'), at('sub'));
    clock.advance(1000);
    await expect.poll(() => told).toEqual(['append.write', 'recovered']);
    expect(await readFile(at('a'), 'utf8')).toBe('before');
    expect(await readFile(join(at('sub'), 'b'), 'utf8')).toBe('after too');
    await appender.close();
  });

  test('does not try again before it may, and fails its closing when it cannot write', async () => {
    let asked = 0;
    const mayRetry = async (): Promise<boolean> => {
      asked += 1;
      return false;
    };
    const appender = await DurableAppender.create(at('a'), { clock, mayRetry });
    appender.startFile(join(at('none'), 'b'));
    appender.append(Buffer.from('x'));
    await expect(appender.durable()).rejects.toMatchObject({ code: 'append.write' });
    clock.advance(1000);
    await expect.poll(() => asked).toBe(1);
    await mkdir(at('none'));
    clock.advance(500);
    expect(appender.failure?.code).toBe('append.write');
    await rmdir(at('none'));
    await expect(appender.close()).rejects.toMatchObject({ code: 'append.write' });
    await expect(appender.durable()).rejects.toMatchObject({ code: 'append.closed' });
  });

  test('stops for good when somebody else writes', async () => {
    const appender = await DurableAppender.create(at('a'), { clock, soleWriter: true });
    await appendFile(at('a'), 'intruder');
    appender.append(Buffer.from('x'));
    await expect(appender.durable()).rejects.toMatchObject({ code: 'append.second-writer' });
    expect(await appender.resume()).toBe(false);
    expect(await readFile(at('a'), 'utf8')).toBe('intruder');
    await expect(appender.close()).rejects.toMatchObject({ code: 'append.second-writer' });
  });
});
