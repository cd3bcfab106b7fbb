import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Word } from '../analysis.ts';
import {
  type ArgumentGrammar,
  compileFlags,
  flagValues,
  matchesWildcard,
  matchFlags,
  matchSubcommand,
  parseArguments,
  staticWord,
  tailOf,
} from './arguments.ts';

const words = (text: string): Word[] => text.split(' ').map(staticWord);
const dynamic = (text: string): Word => ({ text, kind: 'dynamic', pieces: [{ kind: 'dynamic', text }], quoted: false });
const recursive = compileFlags('-r|-R|--recursive');

describe('flags', () => {
  test.each(['-rf /', '-fr /', '/ -rf', '-f -R -- /', '--rec /', '--recursive=x /', '-vfr /'])(
    '%s is recursive',
    (text) => {
      expect(matchFlags(parseArguments(words(text)), recursive)).toBe('yes');
    },
  );

  test.each(['-f /', '-- -r', '--re /', '- r', '--recursively'])('%s is not', (text) => {
    expect(matchFlags(parseArguments(words(text)), recursive)).toBe('no');
  });

  test('a dynamic word may be the flag', () => {
    expect(matchFlags(parseArguments([dynamic('$opts')]), recursive)).toBe('possible');
  });

  test('values stay out of the operands', () => {
    const grammar: ArgumentGrammar = { clusters: true, shortValues: 'nC', longValues: ['--namespace'] };
    const parsed = parseArguments(words('-n prod -Cx --namespace y --other=z get pods'), grammar);
    expect(parsed.operands.map((word) => word.text)).toEqual(['get', 'pods']);
    expect(flagValues(parsed, compileFlags('-n|--namespace|--other')).map((word) => word.text)).toEqual([
      'prod',
      'y',
      'z',
    ]);
  });

  test('words stay whole where the program does not cluster', () => {
    const grammar: ArgumentGrammar = { clusters: false, shortValues: '', longValues: ['-chdir'] };
    const parsed = parseArguments(words('-chdir=x apply -auto-approve'), grammar);
    expect(matchFlags(parsed, compileFlags('-auto-approve'))).toBe('yes');
    expect(matchFlags(parsed, compileFlags('-a'))).toBe('no');
  });

  test('the order of clustered flags does not matter', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(['r', 'f', 'v', 'i'], { minLength: 1 }), (letters) => {
        const together = parseArguments([staticWord(`-${letters.join('')}`)]);
        const apart = parseArguments(letters.map((letter) => staticWord(`-${letter}`)));
        expect(matchFlags(together, recursive)).toBe(matchFlags(apart, recursive));
      }),
    );
  });
});

describe('sub-commands', () => {
  test.each([
    ['delete ns prod', 'delete', 'yes'],
    ['config set dir', 'config set', 'yes'],
    ['compute instances delete vm', 'delete', 'yes'],
    ['get delete', 'delete get', 'no'],
    ['ssm get-parameters-by-path', 'ssm get-parameter*', 'yes'],
    ['nginx stop', '* stop', 'yes'],
    ['stop', '* stop', 'no'],
  ])('%s has %s: %s', (text, pattern, match) => {
    expect(matchSubcommand(words(text), pattern.split(' '), 5)).toBe(match);
  });

  test('a dynamic word may be one', () => {
    expect(matchSubcommand([dynamic('$verb'), staticWord('x')], ['delete'], 3)).toBe('possible');
  });
});

test.each([
  ['abc', 'abc', true],
  ['abc', 'a*', true],
  ['abc', '*c', true],
  ['abc', 'a*c', true],
  ['ac', 'a*c', true],
  ['a', 'a*a', false],
  ['abc', '*d*', false],
  ['aXbXc', 'a*b*c', true],
])('%s matches %s: %s', (text, pattern, match) => {
  expect(matchesWildcard(text, pattern)).toBe(match);
});

test('the tail of a word keeps its kind', () => {
  const mixed: Word = {
    text: 'of=$dev',
    kind: 'dynamic',
    quoted: false,
    pieces: [
      { kind: 'literal', text: 'of=' },
      { kind: 'dynamic', text: '$dev' },
    ],
  };
  expect(tailOf(mixed, 3)).toMatchObject({ text: '$dev', kind: 'dynamic' });
  expect(tailOf(staticWord('if=/x'), 3)).toMatchObject({ text: '/x', kind: 'static', pieces: null });
});
