import { describe, expect, test } from 'vitest';
import { makeSandbox } from './sandbox.ts';
import { SshClient } from './ssh-client.ts';
import { makeSshKey } from './ssh-keys.ts';
import { startSshd } from './start-sshd.ts';
import { tempDir } from './temp-dir.ts';

describe('start-sshd', () => {
  test('a real server lets the key in and reports its host key', async () => {
    await using folder = await tempDir();
    const key = await makeSshKey(folder.path, 'id');
    await using sshd = await startSshd({ authorizedKeys: [key.publicKey] });
    await using client = await SshClient.open({ ...sshd, identity: key.file });
    const result = await client.ssh([], 'printf out; printf err >&2; exit 7');
    expect(result).toMatchObject({ code: 7, text: 'out', errorText: 'err' });
    const known = await client.scan();
    expect(known).toContain(sshd.hostKeyFingerprint);
    expect(sshd.logs()).toContain('Accepted publickey');
  });

  test('a stranger is refused', async () => {
    await using folder = await tempDir();
    const [key, other] = [await makeSshKey(folder.path, 'id'), await makeSshKey(folder.path, 'other')];
    await using sshd = await startSshd({ authorizedKeys: [key.publicKey] });
    await using client = await SshClient.open({ ...sshd, identity: other.file });
    expect(await client.ssh([], 'true')).toMatchObject({ code: 255, text: '' });
  });

  test('sessions of a sandboxed server reach only the fakes', async () => {
    await using folder = await tempDir();
    const key = await makeSshKey(folder.path, 'id');
    await using sandbox = await makeSandbox();
    await using sshd = await startSshd({ authorizedKeys: [key.publicKey], sandbox });
    await using client = await SshClient.open({ ...sshd, identity: key.file });
    expect((await client.ssh([], 'bash -lc "head -c9 $(command -v reboot)"')).text).toBe('#!/bin/sh');
    expect((await client.ssh([], 'bash -lc "reboot now"')).code).toBe(0);
    expect(await sandbox.calls()).toEqual([['reboot', 'now']]);
  });
});
