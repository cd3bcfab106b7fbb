/** Hooks as real programs: what they get, and that one that hangs, floods, dies or leaves something behind is ended. */
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HookPrograms } from '../../../src/app/hooks/hook-programs.ts';
import type { HookResult } from '../../../src/session/outcome/after-hooks.ts';
import type { HookRun } from '../../../src/session/outcome/hook-run.ts';
import { type TempDir, tempDir } from '../../support/temp-dir.ts';
import { waitUntil } from '../../support/wait-until.ts';

let folder: TempDir;

beforeAll(async () => {
  folder = await tempDir({ name: 'hooks' });
});
afterAll(() => folder[Symbol.asyncDispose]());

const never = new AbortController().signal;
const sh = (script: string, more: Partial<HookRun> = {}): HookRun => ({
  argv: ['/bin/sh', '-c', script],
  environment: {},
  timeout: 20_000,
  ...more,
});
const run = (hook: HookRun, signal: AbortSignal = never): Promise<HookResult> => new HookPrograms().run(hook, signal);

/** Whether the process whose id a script wrote into `file` is gone. */
async function gone(file: string): Promise<void> {
  const pid = Number(await readFile(file, 'utf8'));
  expect(pid).toBeGreaterThan(1);
  await waitUntil('the program is gone', async () => {
    const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => 'X');
    return /^X|\) Z/.test(state);
  });
}

test('its words reach it as they are, its output and code are told', async () => {
  const file = folder.at('words');
  await writeFile(file, '#!/bin/sh\nprintf "%s|" "$@"; echo oops >&2; exit 3\n');
  await chmod(file, 0o700);
  const result = await run({ argv: [file, '$(id)', 'a b', ';reboot', '*'], environment: {}, timeout: 20_000 });
  expect(result).toMatchObject({ kind: 'exited', code: 3 });
  expect(result.output).toContain('$(id)|a b|;reboot|*|');
  expect(result.output).toContain('oops\n');
});

test('its environment is what was named and nothing of ours; nothing can be read; the directory is /', async () => {
  process.env['HELDLINE_TEST_SECRET'] = 'ours';
  const { output } = await run(sh('env; pwd; cat', { environment: { REQUEST_ID: '7KQ2' } }));
  const names = output.split('\n').flatMap((line) => /^(\w+)=/.exec(line)?.[1] ?? []);
  expect(names.filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name)).sort()).toEqual([
    'LANG',
    'PATH',
    'REQUEST_ID',
  ]);
  expect(output).toMatch(/^\/$/m);
});

test('one that hangs is killed at its time, with what it started', async () => {
  const file = folder.at('hanging');
  const result = await run(sh(`trap '' TERM HUP INT; sleep 1000 & echo $! > ${file}; wait; wait`, { timeout: 400 }));
  expect(result).toMatchObject({ kind: 'timed-out', code: null });
  await gone(file);
});

test('one that floods is killed, and the beginning is kept', async () => {
  const result = await run(sh('echo begin; exec yes'));
  expect(result).toMatchObject({ kind: 'flooded', code: null });
  expect(result.output.startsWith('begin\ny\n')).toBe(true);
  expect(result.output.length).toBe(4096);
});

test('one that dies of a signal is told as that', async () => {
  expect(await run(sh('echo dying; kill -SEGV $$'))).toMatchObject({
    kind: 'signalled',
    code: null,
    output: 'dying\n',
  });
});

test('what it leaves running goes with it', async () => {
  const file = folder.at('left');
  expect(await run(sh(`sleep 1000 & echo $! > ${file}; exit 0`))).toMatchObject({ kind: 'exited', code: 0 });
  await gone(file);
});

test('something that fled its group and holds its output is not waited for', async () => {
  const file = folder.at('fled');
  const result = await run(sh(`setsid sh -c 'echo $$ > ${file}; exec sleep 1000' & until [ -s ${file} ]; do :; done`));
  expect(result).toMatchObject({ kind: 'exited', code: 0 });
  process.kill(Number(await readFile(file, 'utf8')), 'SIGKILL');
});

test('a program that is not there, or may not be run, is told as not started', async () => {
  const file = folder.at('plain');
  await writeFile(file, '#!/bin/sh\n', { mode: 0o600 });
  for (const program of ['/nowhere/at/all', file]) {
    expect(await run({ argv: [program], environment: {}, timeout: 1000 })).toMatchObject({ kind: 'not-started' });
  }
});

test('is ended when the bastion stops', async () => {
  const stopping = new AbortController();
  const file = folder.at('stopping');
  const running = run(sh(`echo $$ > ${file}; sleep 1000`), stopping.signal);
  await waitUntil('it runs', async () => (await readFile(file, 'utf8').catch(() => '')) !== '');
  stopping.abort();
  expect(await running).toMatchObject({ kind: 'stopped' });
  await gone(file);
});

test('does not begin when the bastion has stopped', async () => {
  expect(await run(sh('sleep 1000'), AbortSignal.abort())).toMatchObject({ kind: 'stopped' });
});
