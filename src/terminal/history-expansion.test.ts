import { describe, expect, test } from 'vitest';
import { expandHistory } from './history-expansion.ts';

const history = ['ls', 'echo one -rf'];

describe('history signs', () => {
  test.each([
    ['!!', 'echo one -rf'],
    ['sudo !!', 'sudo echo one -rf'],
    ['rm !$ x', 'rm -rf x'],
    ['rm !^', 'rm one'],
    ['rm !*', 'rm one -rf'],
    ['^one^two', 'echo two -rf'],
    ['^one^two^', 'echo two -rf'],
  ])('%j is likely %j', (text, expected) => {
    expect(expandHistory(text, history)).toMatchObject({ kind: 'likely', text: expected });
  });

  test.each([
    ['echo hi!'],
    ['[ ! -f x ]'],
    ['test a != b'],
    ["echo '!rm'"],
    ['echo \\!rm'],
    ['kill $!'],
    ['echo $' + '{!x}'],
    ['ls [!a]*'],
    ['ls !(a)'],
    ['echo "it\'s fine"'],
    ['echo "wow!"'],
  ])('%j has none', (text) => {
    expect(expandHistory(text, history)).toEqual({ kind: 'none' });
  });

  test.each([
    ['!rm', history],
    ['!-2', history],
    ['!?rf', history],
    ['!!:s/a/b/', history],
    ['!$:h', history],
    ['echo "it\'s !rm"', history],
    ['!!', []],
    ['!!', [' secret']],
    ['!$', ['echo "a b"']],
    ['^gone^x', history],
    ['^a', history],
  ])('%j cannot be resolved', (text, before) => {
    expect(expandHistory(text, before).kind).toBe('unknown');
  });
});
