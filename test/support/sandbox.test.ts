import { existsSync } from 'node:fs';
import { appendFile, chmod, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeSandbox } from './sandbox.ts';

/** A word of our own that no machine has, to see that the sandbox is in force before a real one is used. */
const canary = 'heldline-canary';

describe('sandbox', () => {
  test('a login shell that resets PATH reaches only the fakes', async () => {
    await using sandbox = await makeSandbox({ alsoFake: [canary] });
    const probe = await sandbox.run('bash', ['-lc', `${canary} one "two words"`]);
    expect([probe.code, await sandbox.calls()]).toEqual([0, [[canary, 'one', 'two words']]]);
    for (const word of [
      'reboot',
      '/sbin/reboot -f',
      '/usr/sbin/shutdown -h now',
      'systemctl stop cron',
      'mkfs.ext4 /dev/sda1',
    ]) {
      const place = await sandbox.run('bash', ['-lc', `head -c 9 "$(command -v ${word.split(' ')[0]})"`]);
      expect(place.text).toBe('#!/bin/sh');
      expect((await sandbox.run('bash', ['-lc', word])).code).toBe(0);
    }
    expect((await sandbox.calls()).slice(1)).toEqual([
      ['reboot'],
      ['reboot', '-f'],
      ['shutdown', '-h', 'now'],
      ['systemctl', 'stop', 'cron'],
      ['mkfs.ext4', '/dev/sda1'],
    ]);
  });

  test('nothing runs when a fake is not in place', async () => {
    await using sandbox = await makeSandbox();
    await appendFile(join(dirname(sandbox.home), 'fake'), '# changed\n');
    const result = await sandbox.run('bash', ['-c', 'echo ran']);
    expect(result).toMatchObject({ code: 125, text: '' });
    expect(result.errorText).toContain('nothing was run');
  });

  test('only what was named can be written, no disk and no process of the machine is seen', async () => {
    await using sandbox = await makeSandbox();
    const script =
      'touch "$1/inside" /tmp/private; touch /var/heldline /usr/heldline; ls /dev; echo; ls -d /proc/[0-9]*';
    const result = await sandbox.run('bash', ['-c', script, 'bash', sandbox.home]);
    expect(await readdir(sandbox.home)).toEqual(['inside']);
    expect(result.errorText.match(/Read-only file system/g)).toHaveLength(2);
    expect(existsSync('/tmp/private')).toBe(false);
    const [devices = '', processes = ''] = result.text.split('\n\n');
    expect(devices).not.toMatch(/^(sd|vd|nvme|loop|xvd|mem)/m);
    expect(processes).not.toContain(`/proc/${process.pid}\n`);
  });

  test('what was in /usr/local/bin is still found', async () => {
    await using sandbox = await makeSandbox();
    const script = join(sandbox.home, 'script');
    await writeFile(script, '#!/bin/sh\nls /usr/local/bin\n');
    await chmod(script, 0o755);
    const inside = (await sandbox.run(script, [])).text.trim().split('\n');
    expect(inside).toEqual(expect.arrayContaining(await readdir('/usr/local/bin')));
  });
});
