import { expect, test } from 'vitest';
import { LiveFeed, type LiveItem } from './live-feed.ts';

test('keeps the last MiB with offsets that join what is stored', () => {
  const feed = new LiveFeed((failure) => expect.unreachable(String(failure)));
  const piece = Buffer.alloc(100_000, 'x');
  feed.resize(0, { cols: 80, rows: 24 });
  for (let i = 0; i < 60; i++) feed.output(i, piece, 'stdout');
  feed.marker(60, 'last');
  const items: LiveItem[] = [];
  const stop = feed.subscribe((item) => items.push(item));
  const outputs = items.filter((item) => item.kind === 'output');
  expect(outputs.length * piece.length).toBeGreaterThan(1 << 19);
  expect(outputs.length * piece.length).toBeLessThanOrEqual(2 << 20);
  expect(outputs.map((item) => item.offset)).toEqual(
    outputs.map((_, i) => feed.offset - (outputs.length - i) * piece.length),
  );
  expect(items.at(-1)).toMatchObject({ kind: 'marker', offset: 6_000_000 });
  stop();
  const { length } = items;
  feed.output(61, piece, 'stderr');
  expect(items).toHaveLength(length);
});
