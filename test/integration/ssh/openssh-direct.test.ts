/** Real OpenSSH clients through the direct door to a real sshd. */
import { describe, expect, test } from 'vitest';
import { Bastion } from './support/bastion.ts';
import { startSshd } from './support/real-sshd.ts';

describe('direct door', () => {
  test('exec gives the same bytes and exit codes', async () => {
    await using sshd = await startSshd();
    await using bastion = await Bastion.start({ targets: [sshd.target('db1')], egressKey: sshd.privateKey });
    const result = await bastion.run('ssh', [
      '-F',
      bastion.configFile,
      'alice@db1@bastion',
      'echo out; echo err >&2; exit 3',
    ]);
    expect(result).toMatchObject({ code: 3, stdout: Buffer.from('out\n'), stderr: 'err\n' });
  });
});
