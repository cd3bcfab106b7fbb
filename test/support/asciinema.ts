/** Debian's asciinema with a terminal of its own, which it opens even to print. */
import { readFile } from 'node:fs/promises';
import { findProgram } from './find-program.ts';
import { type ProgramResult, runProgram } from './run-program.ts';
import { tempDir } from './temp-dir.ts';

/** Runs `asciinema cat FILE`. @returns its end, with what it printed as `text` */
export async function asciinemaCat(file: string): Promise<ProgramResult> {
  await using folder = await tempDir({ name: 'asciinema' });
  const command = `exec ${findProgram('asciinema')} cat '${file}' > '${folder.at('out')}'`;
  const env = { ...process.env, LC_ALL: 'C.UTF-8' };
  const result = await runProgram('script', ['-qec', command, '/dev/null'], { env });
  const stdout = await readFile(folder.at('out'));
  return { ...result, stdout, text: stdout.toString() };
}
