import { describe, expect, test } from 'vitest';
import { analyse } from './analyse.ts';
import { readerOfInput } from './input-reader.ts';

describe('what reads its input as commands', () => {
  test.each([
    ['sh', 'shell'],
    ['sudo -i', 'shell'],
    ['ssh h', 'shell'],
    ['xargs rm', 'shell'],
    ['unshare -r', 'shell'],
    ['chroot /srv', 'shell'],
    ['script -q /dev/null', 'shell'],
    ['machinectl shell', 'shell'],
    ['newgrp x', 'shell'],
    ['python3 -', 'repl'],
    ['psql', 'psql'],
    ['ed x', 'repl'],
    ['vim -es', 'repl'],
    ['gdb', 'repl'],
    ['dc', 'repl'],
    ['awk -f -', 'repl'],
    ['awk -f /dev/stdin', 'repl'],
    ['sed -f - x', 'repl'],
    ['sed --file=/dev/stdin x', 'repl'],
    ['make -f -', 'repl'],
    ['make -f/dev/stdin', 'repl'],
    ['mapfile -C eval -c 1', 'repl'],
    ['cd /srv && ed x', 'repl'],
  ])('%s: %s', (command, context) => {
    expect(readerOfInput(command)).toBe(context);
  });

  test.each([
    'cat',
    'tar xf -',
    'chroot /srv tar xf -',
    'unshare -r tar xf -',
    'sed s/a/b/',
    'awk "{ print }"',
    'make all',
    'mapfile lines',
    'scp -t .',
    'git-receive-pack x',
    'ed x < script',
  ])('%s: only data', (command) => {
    expect(readerOfInput(command)).toBeNull();
  });
});

test.each([
  ['!rm -r x', 'rm'],
  ['1,3!rm -r x', 'rm'],
  [':w !rm -r x', 'rm'],
  ['shell rm -r x', 'rm'],
  ['.shell rm -r x', 'rm'],
  ['\\! rm -r x', 'rm'],
  ['1e rm -r x', 'rm'],
])('%s starts a shell from inside of a program', (text, name) => {
  const { commands } = analyse(text, { context: 'repl', dialect: 'bash' });
  expect(commands.map((command) => command.name)).toContain(name);
});
