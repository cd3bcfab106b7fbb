import { describe, expect, test } from 'vitest';
import { parseYamlDocument } from './yaml-document.ts';

/** What is found in `lines`: `line:column message`. */
function found(...lines: readonly string[]): readonly string[] {
  const { findings } = parseYamlDocument('policy.yaml', `version: 1\n${lines.join('\n')}\n`);
  return findings.map(({ position, message }) => `${position.line}:${position.column} ${message}`);
}

describe('a line that is indented wrongly', () => {
  test.each([
    ['deeper than the key before it', ['rules:', '  - id: a', '      effect: deny', '    hard: true'], 4, 6, 4],
    ['below a key that has its value', ['rules:', '  - id: a', '    effect: deny', '      hard: true'], 5, 6, 4],
    ['less deep', ['rules:', '  - id: a', '    effect: deny', '   hard: true'], 5, 3, 4],
    ['after a list', ['windows:', '  office:', '    days: [mon]', '     from: "08:00"'], 5, 5, 4],
    ['an item, deeper', ['rules:', '  - id: a', '    effect: deny', '   - id: b'], 5, 3, 2],
    ['an item, less deep', ['rules:', '  - id: a', '    effect: deny', ' - id: b', '   effect: deny'], 5, 1, 2],
    ['behind comments', ['rules:', '  - id: a', '', '    # why', '      effect: deny'], 6, 6, 4],
  ])('%s', (_, lines, line, indent, wanted) => {
    expect(found(...lines)).toEqual([
      `${line}:${indent + 1} line ${line} is indented by ${indent}, its neighbours by ${wanted}`,
    ]);
  });

  test.each([
    [['  rules:', '    - id: a'], '2:3 "rules" belongs at the left margin'],
    [['postures: []', ' rules:', '  - id: a'], '3:2 "rules" belongs at the left margin'],
    [['rules:', '\t- id: a'], '3:1 this line begins with a tab; indent with blanks'],
  ])('%j', (lines, message) => {
    expect(found(...lines)).toEqual([message]);
  });
});

describe('a character too few', () => {
  test.each([
    [['rules:', '  - id:a', '    effect: deny'], '3:3 put a space after the colon: id: a'],
    [['rules:', '  - id: a', '    effect:deny', '    hard: true'], '4:5 put a space after the colon: effect: deny'],
    [['rules:', '  -id: a', '    effect: deny'], '3:3 put a space after the dash: - id: a'],
    [['rules', '  - id: a'], '2:1 put a colon after "rules"'],
    [['rules: [{ id: a }, { id: b ]', 'tests: []'], '2:1 the { on this line is not closed'],
    [['rules:', '  - match: { command: x', '  - id: b'], '3:3 the { on this line is not closed'],
    [['metadata: { name: "x }', 'rules: []'], '2:1 the " on this line is not closed'],
  ])('%j', (lines, message) => {
    expect(found(...lines)).toEqual([message]);
  });
});

describe('text that needs quotes', () => {
  test.each([
    ['severity: >=high', '2:12 put quotes around a text that begins with >'],
    ['match: { severity: >=high }', '2:20 put quotes around a text that begins with >'],
    ['match: { command: * }', '2:19 put quotes around a text that begins with *'],
    ['message: %x', '2:10 put quotes around a text that begins with %'],
    ['message: Never: ask first', '2:1 put quotes around the text of "message", because it holds a colon'],
  ])('%s', (line, message) => {
    expect(found(line)).toEqual([message]);
  });
});

test('what no guess fits is said in the words of the parser, once', () => {
  expect(found('rules: []]', 'more: ]')).toHaveLength(1);
});

test('every key that stands twice is named', () => {
  expect(found('a: 1', 'b: 2', 'a: 3', 'b: 4')).toEqual(['4:1 map keys must be unique', '5:1 map keys must be unique']);
});
