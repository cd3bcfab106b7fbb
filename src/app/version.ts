/** The version of the program, as package.json has it. */
import { readFileSync } from 'node:fs';

interface PackageFile {
  readonly version: string;
}

/** `1.2.3` */
export const VERSION: string = readVersion();

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as PackageFile).version;
}
