import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { runProgram } from './run-program.ts';
import { RunningProgram } from './running-program.ts';
import { tempDir } from './temp-dir.ts';
import { waitUntil } from './wait-until.ts';

describe('run-program', () => {
  test('hands over bytes, exit code and both outputs', async () => {
    const result = await runProgram('bash', ['-c', 'cat; echo problem >&2; exit 4'], {
      input: Buffer.from([0, 255, 10]),
    });
    expect(result).toMatchObject({ code: 4, signal: null, errorText: 'problem\n' });
    expect([...result.stdout]).toEqual([0, 255, 10]);
  });

  test('a deadline ends the program and its children and tells what they said', async () => {
    await using folder = await tempDir();
    const script = `sleep 1000 & echo $! > ${folder.at('pid')}; echo so far; wait`;
    await expect(runProgram('bash', ['-c', script], { deadline: 500 })).rejects.toThrow(/not done in 500 ms\nso far/);
    const pid = (await readFile(folder.at('pid'), 'utf8')).trim();
    await waitUntil('the child is gone', async () => {
      if (!existsSync(`/proc/${pid}/stat`)) return true;
      return (await readFile(`/proc/${pid}/stat`, 'utf8')).includes(') Z ');
    });
  });

  test('a missing program is an error that names it', async () => {
    await expect(runProgram('no-such-program', [])).rejects.toThrow('no-such-program is missing: apt-get install');
  });
});

describe('running-program', () => {
  test('waits for output, and fails at once when the program ends without it', async () => {
    await using program = await RunningProgram.start('bash', ['-c', 'echo port 42; read line']);
    expect((await program.waitFor(/port (\d+)/))[1]).toBe('42');
    const missing = program.waitFor(/never/);
    await program.write('\n');
    await expect(missing).rejects.toThrow('ended before');
    expect(await program.ended).toEqual({ code: 0, signal: null });
  });

  test('is killed when it does not end by itself', async () => {
    await using program = await RunningProgram.start('bash', [
      '-c',
      'trap "" TERM; echo up; while :; do sleep 1; done',
    ]);
    await program.waitFor(/up/);
    expect(await program.stop('SIGTERM', 100)).toEqual({ code: null, signal: 'SIGKILL' });
  });
});
