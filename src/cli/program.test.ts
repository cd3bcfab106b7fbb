import { expect, test } from 'vitest';
import { OwnTerminal } from './own-terminal.ts';
import { buildProgram } from './program.ts';

const OWN = ['demo', 'init', 'serve', 'policy', 'doctor', 'backup', 'completion'];

async function ownCommandsOf(argv: readonly string[]): Promise<readonly string[]> {
  const program = await buildProgram(argv, new OwnTerminal(), () => {});
  const names = program.commands.map((command) => command.name());
  expect(names).toEqual(expect.arrayContaining(['user', 'config', 'version']));
  return OWN.filter((name) => names.includes(name));
}

test.each([
  ['a verb of the daemon', ['user', 'list'], []],
  ['a verb behind the options of the program', ['-c', 'serve', 'user', 'list'], []],
  ['one command', ['policy', 'check'], ['policy']],
  ['one behind the options of the program', ['--config=x', 'doctor', '--json'], ['doctor']],
  ['one that comes with another', ['restore', 'file'], OWN],
  ['a group that both have', ['config', 'check'], []],
  ['the help', ['help', 'user'], OWN],
  ['an option of the program', ['--help'], OWN],
  ['completion, which names them all', ['completion', 'bash'], OWN],
  ['what is no command', ['constructor'], OWN],
  ['nothing', [], OWN],
])('loads what a call needs: %s', async (_, argv, expected) => {
  expect(await ownCommandsOf(argv)).toEqual(expected);
});

test('a call of `config` has the commands of the daemon and those of the file', async () => {
  const program = await buildProgram(['config', 'check'], new OwnTerminal(), () => {});
  const config = program.commands.find((command) => command.name() === 'config');
  expect(config?.commands.map((command) => command.name())).toEqual(expect.arrayContaining(['check', 'reload']));
});
