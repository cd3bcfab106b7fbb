import { describe, expect, test } from 'vitest';
import { readAlternateLine } from './alternate-line.ts';
import { Emulator } from './emulator.ts';
import { PromptMemory } from './prompt-memory.ts';

function found(screen: string, prompt = ''): string[] {
  const emulator = new Emulator({ cols: 40, rows: 8 });
  emulator.write(Buffer.from(`\x1b[?1049h\x1b[H${screen}`));
  const prompts = new PromptMemory();
  prompts.learn(prompt);
  return readAlternateLine(emulator, prompts).candidates.map(({ text, context }) => `${context}: ${text.trim()}`);
}

/** Two panes with a border between them; the cursor at the end of the left one's last row. */
function panes(rows: readonly string[]): string {
  const drawn = rows.map((row, index) => `\x1b[${index + 1};1H${row.padEnd(19)}│right ${index}`).join('');
  return `${drawn}\x1b[${rows.length};${(rows.at(-1) ?? '').length + 1}H`;
}

describe('commands started from full-screen programs', () => {
  test.each([
    [':!reboot now', 'shell: reboot now'],
    ['!reboot now', 'shell: reboot now'],
    [':r !reboot now', 'shell: reboot now'],
    [':run-shell "reboot now"', 'shell: reboot now'],
    [': new-window reboot', 'shell: reboot'],
    ['user@host:~$ reboot now', 'shell: reboot now'],
    ['bash-5.2# reboot now', 'shell: reboot now'],
  ])('%j', (screen, expected) => {
    expect(found(`\x1b[8;1H${screen}`)).toContain(expected);
  });

  test('behind a known prompt of any shape', () => {
    expect(found('\x1b[8;1Hgo! reboot', 'go! ')).toContain('shell: reboot');
  });

  test('text of a file is only looked at, not taken for a command', () => {
    expect(found('\x1b[4;1HDo not (ever) run it')).toEqual(['repl: Do not (ever) run it']);
  });
});

describe('panes', () => {
  test('the line ends at the border', () => {
    expect(found(panes(['top', 'user@host:~$ reboot']))).toContain('shell: reboot');
  });

  test('a line that fills its pane goes on above', () => {
    const rows = ['top', 'user@host:~$ rm -rf', ' /srv/zz'];
    expect(found(panes(rows))).toContain('shell: rm -rf /srv/zz');
  });

  test('a bar in a single row is no border', () => {
    expect(found('\x1b[8;1Huser@host:~$ cat a | reboot')).toContain('shell: cat a | reboot');
  });
});
