/** What runs is what was approved, letter by letter: many approvals in many programs, with the programs' own logs as truth. */
import { describe, expect, test } from 'vitest';
import type { CaseShell } from '../../support/gate-case.ts';
import { CODE } from '../../support/memory-approvals.ts';
import { ShellBed } from '../../support/shell-bed.ts';
import { layOutShell } from '../../support/shell-home.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { waitUntil } from '../../support/wait-until.ts';

const LONG = Array.from({ length: 30 }, (_, index) => `word-${index}`).join(' ');

/** Keys, and the line that they make. All of them begin with the word that is held; none of the files is there. */
type Line = readonly [keys: string, text: string];

const same = (text: string): Line => [text, text];

const SHELL_LINES: readonly Line[] = [
  same('rm -f one'),
  same(`rm -f 'a b' "c d" e\\ f`),
  same('rm -f 日本語 ñandú'),
  same(`rm -f ${LONG}`),
  ['rm -f thrx\x7fee fourr\x7f', 'rm -f three four'],
  same('rm -f five; echo "$HOME" | cat > /dev/null'),
  same('rm -f -- -six # and why'),
  same('rm -f seven && echo "done  with  blanks"'),
];

const VALUE_LINES: readonly Line[] = [
  same('rm = 1'),
  same('rm = "a b  c"'),
  same("rm = '日本語 ñandú'"),
  same(`rm = "${LONG}"`),
  ['rm = 12\x7f3 + 44\x7f', 'rm = 13 + 4'],
  same('rm = [1, 2, [3, 4]]'),
  same('rm = (1 + 2) * 3'),
  same('rm = "it\'s" + "x"'),
];

interface Program {
  readonly shell: CaseShell;
  readonly prompt: RegExp;
  readonly lines: readonly Line[];
}

const PROGRAMS: readonly Program[] = [
  { shell: 'bash', prompt: /user@host:~\$$/, lines: SHELL_LINES },
  { shell: 'zsh', prompt: /user@host [%#]$/, lines: SHELL_LINES },
  { shell: 'fish', prompt: /user@host>$/, lines: SHELL_LINES },
  { shell: 'dash', prompt: /\$$/, lines: SHELL_LINES },
  { shell: 'ksh', prompt: /\$$/, lines: SHELL_LINES },
  // It shows wide characters as `?`, and what is shown is what is approved and run.
  { shell: 'busybox', prompt: /\$$/, lines: SHELL_LINES.filter(([keys]) => !keys.includes('日')) },
  { shell: 'python', prompt: />>>$/, lines: VALUE_LINES },
  { shell: 'node', prompt: /^>$/m, lines: VALUE_LINES },
  { shell: 'sqlite3', prompt: /sqlite>$/, lines: VALUE_LINES.map(([keys, text]) => [`${keys};`, `${text};`] as const) },
];

/** None of the programs is a client of the database. */
const NO_DATABASE = 0;

describe('the approved text is the text that ran', () => {
  test.each(PROGRAMS)('in $shell', { timeout: 60_000 }, async ({ shell, prompt, lines }) => {
    await using dir = await tempDir({ name: 'approved' });
    const plain = { id: 'approved', setup: '', cols: 80, rows: 24, keys: [], expect_commands: [] };
    const start = await layOutShell(dir.path, { ...plain, shell, truth_source: 'log', must_hold: true }, NO_DATABASE);
    const { program, words, environment } = start;
    await using bed = new ShellBed({ argv: [program, ...words], cwd: dir.path, environment });
    await bed.see(prompt);
    for (const [index, [keys, text]] of lines.entries()) {
      bed.type(`${keys}\r`);
      await bed.see('Your code');
      expect(bed.approvals.open.statement.command).toBe(text);
      bed.approvals.nextCode('alice');
      bed.type(`${CODE}\r`);
      await waitUntil(`approval ${index + 1} is released, in:\n${bed.seen}`, () => bed.released.length === index + 1);
      await bed.see(prompt);
    }
    bed.type('\x04');
    await bed.gone;
    const ran = (await start.truth())?.filter((line) => line.startsWith('rm'));
    expect(ran).toEqual(lines.map(([, text]) => text));
  });

  test('at least 60 times in 8 programs', () => {
    expect(PROGRAMS.length).toBeGreaterThanOrEqual(8);
    expect(PROGRAMS.flatMap(({ lines }) => lines).length).toBeGreaterThanOrEqual(60);
  });
});
