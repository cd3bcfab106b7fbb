import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { policyFromText } from '../../test/support/policy-text.ts';
import type { CommandContext } from '../model/command-line.ts';
import { CORE_ENTRIES } from './catalogue/core.ts';
import { prepareSql } from './language/postgres-parser.ts';

beforeAll(prepareSql);

interface Case {
  readonly line: string;
  readonly context: CommandContext;
  readonly expect: 'opaque' | readonly string[];
}

const policy = policyFromText('postures: [{ when: { any: true }, default: allow }]\n');

function casesOf(name: string): readonly Case[] {
  return JSON.parse(readFileSync(new URL(`../../test/fixtures/policy/${name}`, import.meta.url), 'utf8'));
}

function idsOf(line: string, context: CommandContext = 'shell'): readonly string[] {
  return policy.decide(line, { context, at: 0 }).ids;
}

const UNKNOWN = ['meta.opaque', 'meta.unparsable', 'meta.incomplete', 'meta.too-long'];

describe.each(['cases.json', 'everyday.json', 'dangerous.json'])('%s', (name) => {
  test.each(casesOf(name))('$line', ({ line, context, expect: expected }) => {
    const ids = idsOf(line, context);
    if (expected === 'opaque') expect(ids.filter((id) => UNKNOWN.includes(id))).not.toEqual([]);
    else if (expected.length === 0) expect(ids).toEqual([]);
    else expect(ids).toEqual(expect.arrayContaining([...expected]));
  });
});

const quoted = (line: string): string => `'${line.replaceAll("'", "'\\''")}'`;

/** Ways to write the same command; `closed` ones need a line that may be followed by `;`. */
const WRAPPINGS: readonly (readonly [name: string, wrap: (line: string) => string, closed: boolean])[] = [
  ['sudo sh -c', (line) => `sudo -n sh -c ${quoted(line)}`, false],
  ['bash -lc', (line) => `bash -lc ${quoted(line)}`, false],
  ['env nohup', (line) => `env A=1 nohup sh -c ${quoted(line)}`, false],
  ['ssh', (line) => `ssh h ${quoted(line)}`, false],
  ['eval', (line) => `eval ${quoted(line)}`, false],
  ['docker exec', (line) => `docker exec web sh -c ${quoted(line)}`, false],
  ['substitution', (line) => `echo "$( ${line})"`, true],
  ['if', (line) => `if true; then ${line}; fi`, true],
  ['for', (line) => `for i in 1; do ${line}; done`, true],
  ['group', (line) => `{ ${line}; }`, true],
  ['and', (line) => `true && { ${line}; }`, true],
  ['blanks', (line) => `   ${line}   `, true],
];

/** Lines that a wrapper changes the meaning of, or that cannot be followed by `;`. */
const NOT_CLOSED = /&$|^:\(\)|<<|#|^coproc|^alias|^trap/;

interface Example {
  readonly line: string;
  readonly ids: readonly string[];
}

/** Every line of shell that matches something, from the catalogue and all case files. */
function examples(): readonly Example[] {
  // A nested shell under sudo is a root shell instead: more, not less. What is meant for the session's own
  // shell (its history, its exec) says something else in a shell of its own.
  const shipped = CORE_ENTRIES.flatMap((entry) =>
    entry.positive.flatMap((line) => (typeof line === 'string' ? [{ ids: [entry.id], line }] : [])),
  );
  const cases = ['cases.json', 'dangerous.json'].flatMap(casesOf).flatMap(({ line, context, expect: expected }) => {
    const ids = context === 'shell' && Array.isArray(expected) ? expected.filter((id) => !id.startsWith('meta.')) : [];
    return ids.length === 0 ? [] : [{ line, ids }];
  });
  return [...shipped, ...cases].filter(({ ids }) => !ids.includes('shell.nested'));
}

describe('a wrapped command keeps its ids', () => {
  const all = examples();

  test.each(WRAPPINGS)('%s', (_, wrap, closed) => {
    const usable = all.filter(({ line }) => !closed || !NOT_CLOSED.test(line));
    const lost = usable.filter(({ ids, line }) => {
      const found = idsOf(wrap(line));
      return !ids.every((id) => found.includes(id));
    });
    expect(usable.length).toBeGreaterThan(800);
    expect(lost).toEqual([]);
  });

  test('with the letters of each cluster of rm the other way round', () => {
    const turned = all
      .filter(({ line }) => /^(?:sudo )?rm -[a-zA-Z]{2,} /.test(line))
      .map(({ line, ids }) => ({
        ids,
        line: line.replace(/ -([a-zA-Z]{2,}) /, (__, letters: string) => ` -${[...letters].reverse().join('')} `),
      }));
    expect(turned.length).toBeGreaterThan(10);
    expect(turned.filter(({ ids, line }) => !ids.every((id) => idsOf(line).includes(id)))).toEqual([]);
  });
});

describe('text in quotes adds nothing', () => {
  const lines = CORE_ENTRIES.flatMap((entry) => entry.positive.filter((line) => typeof line === 'string'));

  test.each([
    ['echo', (line: string) => `echo ${quoted(line)}`],
    ['grep', (line: string) => `grep ${quoted(line)} notes.txt`],
    ['git commit -m', (line: string) => `git commit -m ${quoted(line)}`],
  ])('%s', (_, wrap) => {
    expect(lines.filter((line) => idsOf(wrap(line)).length > 0)).toEqual([]);
  });
});

describe('a quoted command name is the same name', () => {
  test('each letter quoted in turn', () => {
    const plain = CORE_ENTRIES.flatMap((entry) =>
      entry.positive.flatMap((line) =>
        typeof line === 'string' && /^[a-z][a-z0-9-]+ /.test(line) ? [{ id: entry.id, line }] : [],
      ),
    );
    const keywords = /^(?:if|for|while|case|until|time|do|done|function|select|coproc|export|alias) /;
    const lost = plain
      .filter(({ line }) => !keywords.test(line))
      .filter(
        ({ id, line }) =>
          !idsOf(line.replace(/^[a-z0-9-]+/, (name) => [...name].map((letter) => `'${letter}'`).join(''))).includes(id),
      );
    expect(lost).toEqual([]);
  });
});
