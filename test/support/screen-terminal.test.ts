import { describe, expect, test } from 'vitest';
import { makeSandbox } from './sandbox.ts';
import { ScreenTerminal } from './screen-terminal.ts';
import { SshClient } from './ssh-client.ts';
import { makeSshKey } from './ssh-keys.ts';
import { openSshTerminal } from './ssh-terminal.ts';
import { startSshd } from './start-sshd.ts';
import { tempDir } from './temp-dir.ts';

describe('screen-terminal', () => {
  test('shows what is drawn, answers queries and hands over the exit code', async () => {
    const script = `printf 'one\\ntwo\\033[1;1HO'; printf '\\033[6n'; stty -echo -icanon; head -c 6 | tail -c +2; exit 3`;
    await using terminal = ScreenTerminal.start('bash', ['-c', `stty -echo -icanon; ${script}`]);
    expect(await terminal.waitForEnd()).toBe(3);
    expect(terminal.screen()).toBe('O[1;2R\ntwo');
  });

  test('resizes, waits and types', async () => {
    await using terminal = ScreenTerminal.start('bash', ['--norc', '-i'], {
      env: { PS1: 'ready> ', PATH: process.env['PATH'] },
    });
    await terminal.waitFor(/^ready> $/m);
    terminal.resize(100, 30);
    terminal.type('stty size\r');
    await terminal.waitFor('30 100');
    await expect(terminal.waitFor('never', 50)).rejects.toThrow('no never within 50 ms');
  });

  test('an interactive ssh into a sandboxed server', async () => {
    await using folder = await tempDir();
    const key = await makeSshKey(folder.path, 'id');
    await using sandbox = await makeSandbox();
    await using sshd = await startSshd({ authorizedKeys: [key.publicKey], sandbox });
    await using client = await SshClient.open({ ...sshd, identity: key.file });
    await using terminal = openSshTerminal(client, { command: 'PS1="inside> " bash --norc -i' });
    await terminal.waitFor(/^inside> $/m);
    terminal.type('echo $((6*7)); exit 5\r');
    expect(await terminal.waitForEnd()).toBe(5);
    expect(terminal.history()).toContain('\n42\n');
  });
});
