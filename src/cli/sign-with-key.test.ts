import { expect, test } from 'vitest';
import { signWithKey } from './sign-with-key.ts';

const never = new AbortController().signal;

test.each([
  ['of another purpose', { namespace: 'git', statement: 'heldline-approval-v1\nverdict="approve"\n' }],
  [
    'of another text',
    { namespace: 'approve@bastion.test', statement: 'tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n' },
  ],
  ['of a text that only begins alike', { namespace: 'approve@bastion.test', statement: 'heldline-approval-v10\n' }],
])('a signature %s is not made, whoever asks for it', async (_, request) => {
  const signing = signWithKey({ ...request, keys: [] }, '/nowhere/key', never);
  await expect(signing).rejects.toMatchObject({ code: 'sign.foreign' });
});
