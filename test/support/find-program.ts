/** Finds a program as root's PATH would, also when the tests run as somebody whose PATH has no sbin. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { debianPackages } from './debian-packages.ts';

const systemFolders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Where Debian keeps the programs of the PostgreSQL server, one folder a version and none of them in PATH. */
const postgresRoot = '/usr/lib/postgresql';

/** The absolute path of `program`, or null. */
export function whereIs(program: string): string | null {
  if (isAbsolute(program)) return existsSync(program) ? program : null;
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...systemFolders, ...postgresFolders()];
  return folders.map((folder) => join(folder, program)).find(isRunnable) ?? null;
}

/** The absolute path of `program`. @throws Error that names the Debian package when it is missing */
export function findProgram(program: string): string {
  const path = whereIs(program);
  if (path !== null) return path;
  throw new Error(`${program} is missing: apt-get install ${debianPackages[program] ?? program}`);
}

function isRunnable(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true && (found.mode & 0o111) !== 0;
}

function postgresFolders(): readonly string[] {
  if (!existsSync(postgresRoot)) return [];
  return readdirSync(postgresRoot).map((version) => join(postgresRoot, version, 'bin'));
}
