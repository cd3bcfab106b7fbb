import { beforeAll, describe, expect, test } from 'vitest';
import { analyse } from '../language/analyse.ts';
import { prepareSql } from '../language/postgres-parser.ts';
import { Catalogue } from './catalogue.ts';
import { CORE_ENTRIES } from './core.ts';
import type { Example } from './entry.ts';

const catalogue = new Catalogue(CORE_ENTRIES);

beforeAll(prepareSql);

function idsOf(example: Example): readonly string[] {
  const context = typeof example === 'string' ? 'shell' : 'psql';
  const text = typeof example === 'string' ? example : example.psql;
  const { commands } = analyse(text, { context, dialect: 'bash' });
  return commands.flatMap((command) =>
    catalogue
      .matchCommand(command)
      .filter((hit) => !hit.possible)
      .map((hit) => hit.id),
  );
}

const isShell = (example: Example): example is string => typeof example === 'string';

describe('core@1', () => {
  test('holds 134 entries, each with examples of both kinds', () => {
    expect(CORE_ENTRIES).toHaveLength(134);
    expect(new Set(CORE_ENTRIES.map((entry) => entry.id)).size).toBe(134);
    expect(CORE_ENTRIES.filter((entry) => entry.positive.length === 0 || entry.negative.length === 0)).toEqual([]);
  });

  describe.each(CORE_ENTRIES)('$id', (entry) => {
    test.each(entry.positive.map((example) => [example]))('matches %j', (example) => {
      expect(idsOf(example)).toContain(entry.id);
    });

    test.each(entry.positive.filter(isShell).map((example) => [example]))(
      'matches %j in another directory',
      (example) => {
        expect(idsOf(`cd /data/x && ${example}`)).toContain(entry.id);
      },
    );

    test.each(entry.negative.map((example) => [example]))('does not match %j', (example) => {
      expect(idsOf(example)).not.toContain(entry.id);
    });
  });
});
