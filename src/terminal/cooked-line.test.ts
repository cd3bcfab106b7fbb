/** The line as a terminal driver would make it of the keys. */
import { describe, expect, test } from 'vitest';
import { CookedLine } from './cooked-line.ts';
import { Emulator } from './emulator.ts';
import { KeyTokenizer } from './keys.ts';

/** What is on the line after `keys`. */
function press(keys: string, line: CookedLine = new CookedLine()): string {
  const tokenizer = new KeyTokenizer(new Emulator({ cols: 80, rows: 24 }));
  for (const token of [...tokenizer.push(Buffer.from(keys), 0), ...tokenizer.flush(1000)]) line.apply(token);
  return line.text;
}

describe('keys', () => {
  test.each([
    ['text', 'ls -l', 'ls -l'],
    ['Backspace', 'lsx\x7f', 'ls'],
    ['Backspace on a character of two UTF-16 units', 'ls 🙂\x7f', 'ls '],
    ['Backspace on an empty line', '\x7fls', 'ls'],
    ['Ctrl-W', 'git push --force \x17', 'git push '],
    ['Alt-Backspace', 'git push --force\x1b\x7f', 'git push '],
    ['Ctrl-U', 'rm -rf /srv\x15ls', 'ls'],
    ['arrows and Tab, which a driver knows nothing of', 'ls\x1b[D\x1b[A\t /', 'ls /'],
    ['Escape and a letter', '\x1brm -rf /srv', 'rm -rf /srv'],
    ['a key that may run the line', '\x0flsv', 'lsv'],
  ])('%s', (_, keys, line) => {
    expect(press(keys)).toBe(line);
  });
});

describe('lines', () => {
  test('an Enter begins a new one', () => {
    const line = new CookedLine();
    press('rm -rf /srv', line);
    line.split();
    line.ended();
    expect(press('ls', line)).toBe('ls');
    expect(line.spans).toBe(false);
  });

  test('what was typed before a line seems to begin stays in it', () => {
    const line = new CookedLine();
    press('rm ', line);
    line.split();
    expect(press('-rf /srv', line)).toBe('rm -rf /srv');
    expect(line.spans).toBe(true);
  });

  test('nothing typed before spans nothing', () => {
    const line = new CookedLine();
    line.split();
    expect(line.spans).toBe(false);
  });

  test('an Enter that ran nothing ends nothing', () => {
    const line = new CookedLine();
    const earlier = press('rm -rf', line);
    line.ended();
    press(' /srv', line);
    line.resumed(earlier);
    expect(line.text).toBe('rm -rf /srv');
  });

  test('a flood keeps its end', () => {
    expect(press(`${'a'.repeat(100_000)}; reboot`).endsWith('; reboot')).toBe(true);
  });
});
