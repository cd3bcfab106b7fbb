/**
 * History signs are the shell's: what `!!` stands for is not known from the lines that this session has run, for other
 * sessions and settings write to the same history.
 */
import { existsSync } from 'node:fs';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { ShellBed } from '../../support/shell-bed.ts';
import { tempDir } from '../../support/temp-dir.ts';

const SHELLS = [
  {
    name: 'zsh with share_history',
    argv: ['zsh', '-f', '-o', 'share_history', '-o', 'extended_history'],
    environment: { PS1: 'box$ ', HISTFILE: '.history', HISTSIZE: '100', SAVEHIST: '100' },
    begun: '',
    written: `: ${Math.trunc(Date.now() / 1000)}:0;rm -r old\n`,
  },
  {
    name: 'bash that reads what others wrote',
    argv: ['bash', '--norc', '--noprofile'],
    environment: { PS1: 'box$ ', HISTFILE: '.history', PROMPT_COMMAND: 'history -a; history -n' },
    begun: '',
    written: 'rm -r old\n',
  },
  {
    name: 'bash that keeps lines out of its history',
    argv: ['bash', '--norc', '--noprofile'],
    environment: { PS1: 'box$ ', HISTFILE: '.history', HISTIGNORE: 'echo*' },
    begun: 'rm -r old\n',
    written: '',
  },
] as const;

describe.each(SHELLS)('$name', ({ argv, environment, begun, written }) => {
  test('another line does not run as the one before', async () => {
    await using dir = await tempDir({ name: 'gate' });
    await mkdir(dir.at('old'));
    await writeFile(dir.at('.history'), begun);
    const [program, ...words] = argv;
    await using bed = new ShellBed({ argv: [program, ...words], cwd: dir.path, environment, holdOpaque: true });
    await bed.see('box$');
    bed.type('echo mi""ne\r');
    await bed.see(/^mine\nbox\$$/m);
    await appendFile(dir.at('.history'), written);
    bed.type('\r');
    await bed.see(/^mine\nbox\$\nbox\$$/m);
    bed.type('!!\r');
    await bed.see("it takes text from the shell's history");
    expect(existsSync(dir.at('old'))).toBe(true);
  });
});
