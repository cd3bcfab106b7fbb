import { describe, expect, test } from 'vitest';
import { parseVerb, splitWords } from './verb-line.ts';
import { VERBS } from './verbs.ts';

describe('splitWords', () => {
  test.each([
    ['approve 7KQ2', ['approve', '7KQ2']],
    ['  deny  7KQ2   -r "wait for  it" ', ['deny', '7KQ2', '-r', 'wait for  it']],
    [`deny 7KQ2 -r 'it''s'`, ['deny', '7KQ2', '-r', 'its']],
    ['a\\ b "c\\"d"', ['a b', 'c"d']],
    ["-r ''", ['-r', '']],
    ['$(reboot) `id` ; | &', ['$(reboot)', '`id`', ';', '|', '&']],
    ['', []],
  ])('%j', (text, words) => {
    expect(splitWords(text)).toEqual(words);
  });

  test.each(['"open', "it's", 'end\\'])('refuses %j', (text) => {
    expect(() => splitWords(text)).toThrow('not closed');
  });
});

describe('parseVerb', () => {
  const parse = (text: string) => parseVerb(splitWords(text), VERBS);

  test('takes the longest verb', () => {
    expect(parse('requests show 7KQ2').verb.spec.path).toEqual(['requests', 'show']);
    expect(parse('requests --json')).toMatchObject({ json: true, call: { arguments: [] } });
  });

  test('reads options before and after arguments', () => {
    expect(parse('deny -r "not now" 7KQ2').call).toMatchObject({ arguments: ['7KQ2'], options: { reason: 'not now' } });
  });

  test.each([
    ['aprove 7KQ2', 'Did you mean "approve"?'],
    ['nonsense', 'See all: ssh bastion help'],
  ])('%s: suggests', (text, hint) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ kind: 'usage', hint }));
  });

  test.each([
    ['approve', 'approve needs ID'],
    ['approve 1 2', 'does not take "2"'],
    ['approve 7KQ2 --nonsense', 'nonsense'],
    ['approve 7KQ2 --digest', 'digest'],
  ])('%s: refuses', (text, message) => {
    expect(() => parse(text)).toThrow(message);
  });
});
