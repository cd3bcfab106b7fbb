/**
 * Picker and inbox inside tmux at three sizes and after a change of size, compared with screens that people have
 * looked at (`test/fixtures/screens`; `-u` writes them anew).
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Demo } from '../support/demo.ts';
import { TmuxWindow } from '../support/tmux-window.ts';

const SIZES = [
  [80, 24],
  [120, 40],
  [40, 15],
] as const;

let demo: Demo;

beforeAll(async () => {
  demo = await Demo.start();
});
afterAll(() => demo[Symbol.asyncDispose]());

function open(words: readonly string[], cols: number, rows: number): Promise<TmuxWindow> {
  return TmuxWindow.open(['ssh', '-t', '-F', demo.ready.ssh_config, ...words], cols, rows);
}

/** What is different each time is made the same, in as many columns: ids, digests, times, and how often somebody was held. */
function steady(screen: string, id: string): string {
  const named = id === '' ? screen : screen.replaceAll(id, '7KQ2');
  return `${named
    .replaceAll(/(?<!\d)(?:\d\d:\d\d|\d:\d\d )/g, '00:00')
    .replaceAll(/(UTC|before), \d+/g, '$1, 0')
    .replaceAll(/[0-9a-f]{16,}/g, (digits) => '0'.repeat(digits.length))}\n`;
}

async function hold(): Promise<{ readonly terminal: AsyncDisposable; readonly id: string }> {
  const terminal = await demo.shell();
  terminal.type('./service.sh restart\r');
  const screen = await terminal.waitFor(/HELD \w{4}/);
  return { terminal, id: /HELD (\w{4})/.exec(screen)?.[1] ?? '' };
}

function fits(screen: string, cols: number, rows: number): boolean {
  const lines = screen.split('\n');
  return lines.length <= rows && lines.every((line) => line.length <= cols);
}

describe.each(SIZES)('at %ix%i', (cols, rows) => {
  test('the picker', async () => {
    await using window = await open(['bastion'], cols, rows);
    const screen = await window.waitFor((text) => text.includes('* sandbox'));
    expect(fits(screen, cols, rows)).toBe(true);
    await expect(steady(screen, '')).toMatchFileSnapshot(`../fixtures/screens/picker-${cols}x${rows}.txt`);
  });

  test('the inbox with a request, and after being another size in between', async () => {
    await using window = await open(['approvals', 'approvals'], cols, rows);
    await window.waitFor((text) => text.includes('Nothing waits for you.'));
    const { terminal, id } = await hold();
    await using alice = terminal;
    const shown = (text: string): boolean => text.includes(`> ${id}`) && text.includes('q quit');
    const screen = await window.waitFor(shown);
    expect(fits(screen, cols, rows)).toBe(true);
    await expect(steady(screen, id)).toMatchFileSnapshot(`../fixtures/screens/inbox-${cols}x${rows}.txt`);
    await window.resize(cols + 17, rows + 5);
    await window.waitFor((text) => shown(text) && text.split('\n').length === rows + 5);
    await window.resize(cols, rows);
    await window.waitFor((text) => steady(text, id) === steady(screen, id));
    await window.press('d', '1', 'Enter');
    await window.waitFor((text) => text.includes(`${id}: denied.`));
    expect(alice).toBeDefined();
  });
});

test('on a phone: one key, the code, Enter', async () => {
  await using window = await open(['approvals', 'approvals'], 40, 15);
  await window.waitFor((text) => text.includes('Nothing waits for you.'));
  const { terminal, id } = await hold();
  await using alice = terminal;
  await window.waitFor((text) => text.includes(`> ${id}`));
  await window.press('a');
  await window.waitFor((text) => text.includes(`approve ${id}`));
  await window.press('-l', await demo.bob.code());
  await window.press('Enter');
  await window.waitFor((text) => text.includes(`${id}: approved.`));
  expect(alice).toBeDefined();
});
