import { expect, test } from 'vitest';
import { asksForSecret, mayNotEcho } from './secret-prompt.ts';

test.each([
  ['[sudo] password for alice: ', true, true],
  ['Password: ', true, true],
  ["Enter passphrase for key '/root/.ssh/id': ", true, true],
  ['PIN? ', true, true],
  ['Passwort: ', true, true],
  ['Name: ', false, true],
  ['Overwrite? ', false, true],
  ['root@web2:~# ', false, false],
  ['tokens@web2:~$ ', false, false],
  ['postgres=# ', false, false],
  ['Go on? [y/n] ', false, true],
])('%j: a secret %s, perhaps no echo %s', (prompt, secret, unseen) => {
  expect([asksForSecret(prompt), mayNotEcho(prompt)]).toEqual([secret, unseen]);
});
