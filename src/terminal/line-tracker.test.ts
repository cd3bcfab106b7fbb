import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Cutting, type RecordedSession, replay, summary } from '../../test/support/recorded-session.ts';

const folder = new URL('../../test/fixtures/terminal/', import.meta.url);

function recorded(): RecordedSession[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return names.map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')));
}

const sessions = recorded();
const cuttings: readonly Cutting[] = ['whole', 'as recorded', 'byte by byte'];

describe('recorded sessions of real shells, however their output is cut', () => {
  test('there are some', () => {
    expect(sessions.length).toBeGreaterThanOrEqual(50);
  });

  describe.each(cuttings)('%s', (cutting) => {
    test.each(sessions)('$id', async (session) => {
      const readings = await replay(session, cutting);
      expect(readings.map(summary)).toEqual(session.lines);
    });
  });
});
