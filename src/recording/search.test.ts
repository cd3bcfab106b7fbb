import { describe, expect, test } from 'vitest';
import { makeTestRecording, type TestRecording } from '../../test/support/test-recording.ts';
import { searchRecording } from './search.ts';

async function hits(recording: TestRecording, text: string): Promise<unknown[]> {
  const found = await searchRecording(recording.files, text, { limit: 100 });
  return found.hits.map((hit) => [hit.kind, hit.time / 1e6, hit.text]);
}

function session(): Promise<TestRecording> {
  return makeTestRecording(
    (recorder, clock) => {
      recorder.output(Buffer.from('db=# DROP TA\b\bT\x1b[31mAB\x1b[0mLE customers;'));
      recorder.marker('$ DROP TABLE customers;');
      clock.advance(1000);
      recorder.output(Buffer.from('\r\nDROP TABLE\r\n'));
      clock.advance(1000);
      recorder.output(Buffer.from('\x1b[?1049h\x1b[2;2Hin the editor'));
      clock.advance(1000);
      recorder.output(Buffer.from('\x1b[?1049lprompt\r\n'));
      clock.advance(1000);
      recorder.output(Buffer.from(`${'-'.repeat(38)}needle\r\nshown`));
      clock.advance(1000);
      recorder.output(Buffer.from('\x1b[H\x1b[2Jlast'));
    },
    { cols: 40, rows: 5 },
  );
}

describe('searchRecording', () => {
  test('finds commands and what they looked like on the screen', async () => {
    await using recording = await session();
    expect(await hits(recording, 'DROP TABLE')).toEqual([
      ['command', 0, 'DROP TABLE customers;'],
      ['output', 1, 'db=# DROP TABLE customers;'],
      ['output', 1, 'DROP TABLE'],
    ]);
  });

  test.each([
    ['in the editor', [['output', 2, ' in the editor']]],
    ['needle', [['output', 4, `${'-'.repeat(38)}needle`]]],
    ['shown', [['output', 5, 'shown']]],
    ['last', [['output', 5, 'last']]],
    ['Last', []],
    [
      'drop table c',
      [
        ['command', 0, 'DROP TABLE customers;'],
        ['output', 1, 'db=# DROP TABLE customers;'],
      ],
    ],
    ['', []],
  ])('looks for %j', async (text, expected) => {
    await using recording = await session();
    expect(await hits(recording, text)).toEqual(expected);
  });

  test('stops at the limit', async () => {
    await using recording = await session();
    const found = await searchRecording(recording.files, 'e', { limit: 2 });
    expect(found.hits).toHaveLength(2);
    expect(found.hits[0]?.session).toBe(recording.files.meta.session);
  });
});
