/** How long the gate thinks at Enter when keys and screen agree, and how fast the emulator parses. Printed. */
import { expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { Emulator } from '../../src/terminal/emulator.ts';
import { KeyTokenizer } from '../../src/terminal/keys.ts';
import { LineTracker } from '../../src/terminal/line-tracker.ts';

const LINES = 2000;

/** A prompt and the echo of every key, as readline draws them. */
async function timesAtEnter(cols: number): Promise<number[]> {
  const emulator = new Emulator({ cols, rows: 24 });
  const tracker = new LineTracker({ emulator, clock: systemClock, roundTrip: () => undefined });
  const keys = new KeyTokenizer(emulator);
  const { signal } = new AbortController();
  const show = (text: string): void => {
    emulator.write(Buffer.from(text));
    tracker.received();
  };
  const times: number[] = [];
  show('user@host:~$ ');
  for (let line = 0; line < LINES; line += 1) {
    const text = `systemctl status unit-${line} --no-pager --lines 50`;
    for (const token of keys.push(Buffer.from(text), 0)) tracker.sent(token);
    show(text);
    for (const token of keys.push(Buffer.from('\r'), 0)) {
      const started = performance.now();
      const reading = await tracker.resolve(token, signal);
      times.push(performance.now() - started);
      expect(reading.path).toBe('fast');
      tracker.sent(token);
    }
    show(`\r\nunit-${line} is running\r\nuser@host:~$ `);
  }
  emulator.dispose();
  return times.sort((a, b) => a - b);
}

function at(sorted: readonly number[], share: number): string {
  return (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(3);
}

test.each([80, 220])('reading the line at Enter, %i columns', async (cols) => {
  const times = await timesAtEnter(cols);
  process.stdout.write(
    `gate at Enter, ${cols} columns: p50 ${at(times, 0.5)} ms, p95 ${at(times, 0.95)} ms, max ${at(times, 1)} ms (${times.length} lines)\n`,
  );
  expect(times.length).toBe(LINES);
});

test.each([
  ['plain', 'the quick brown fox jumps over the lazy dog 0123456789\r\n'],
  ['colour', '\x1b[31mred\x1b[0m \x1b[1;32mgreen\x1b[0m \x1b[38;5;120mmore\x1b[m and some text\r\n'],
  ['wide', '漢字テスト한글 👍 wide characters\r\n'],
])('parsing %s output', (what, line) => {
  const emulator = new Emulator({ cols: 80, rows: 24 });
  const chunk = Buffer.from(line.repeat(600));
  const started = performance.now();
  let bytes = 0;
  while (performance.now() - started < 500) {
    emulator.write(chunk);
    bytes += chunk.length;
  }
  const seconds = (performance.now() - started) / 1000;
  process.stdout.write(`emulator, ${what}: ${(bytes / 1e6 / seconds).toFixed(0)} MB/s\n`);
  emulator.dispose();
  expect(bytes).toBeGreaterThan(0);
});
