/**
 * Reads configuration files from the disk: must be plain files, UTF-8, and writable by nobody but their owner,
 * because whoever can write a policy can approve everything.
 */
import { constants } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describeFailure } from '../base/heldline-error.ts';
import type { Finding, SourceDocument } from '../model/source-document.ts';
import { parseYamlDocument, type ReadDocument } from './yaml-document.ts';

/** Larger files are refused: nobody writes them by hand. */
const MAX_BYTES = 4 * 1024 * 1024;
const WRITABLE_BY_OTHERS = 0o022;

/** Reads and parses one YAML file. Never throws: an unreadable file is a finding. @param shown the name in findings */
export async function readSourceFile(path: string, shown: string = path): Promise<ReadDocument> {
  const refused = (message: string): ReadDocument => ({ document: null, findings: [findingAt(shown, message)] });
  try {
    await using handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = await handle.stat();
    if (!stat.isFile()) return refused('is not a plain file');
    if ((stat.mode & WRITABLE_BY_OTHERS) !== 0) {
      return refused(`is writable by its group or by everybody (mode ${octal(stat.mode)}); run: chmod go-w ${path}`);
    }
    if (stat.size > MAX_BYTES) return refused(`is larger than ${MAX_BYTES} bytes`);
    const text = decode(await handle.readFile());
    return text === undefined ? refused('is not valid UTF-8 text') : parseYamlDocument(shown, text);
  } catch (failure) {
    return refused(`cannot be read: ${describeFailure(failure)}`);
  }
}

/** All `*.yaml` files of `directory` in name order; files that begin with a dot are left alone. */
export async function readPolicyDirectory(
  directory: string,
): Promise<{ readonly documents: readonly SourceDocument[]; readonly findings: readonly Finding[] }> {
  let names: string[];
  try {
    if ((await stat(directory)).isFile()) return { documents: [], findings: [fileInPlaceOf(directory)] };
    names = (await readdir(directory)).filter((name) => /^[^.].*\.ya?ml$/.test(name)).sort();
  } catch (failure) {
    return { documents: [], findings: [findingAt(directory, `cannot be read: ${describeFailure(failure)}`)] };
  }
  if (names.length === 0) return { documents: [], findings: [findingAt(directory, 'holds no policy file (*.yaml)')] };
  const read = await Promise.all(names.map((name) => readSourceFile(join(directory, name))));
  return {
    documents: read.flatMap((file) => (file.document === null ? [] : [file.document])),
    findings: read.flatMap((file) => file.findings),
  };
}

/** The names in one file mean what the others define, so that it cannot be judged alone. */
function fileInPlaceOf(directory: string): Finding {
  const where = dirname(directory);
  return findingAt(directory, `is a file; all files of a directory are one policy, so give the directory: ${where}`);
}

function findingAt(file: string, message: string): Finding {
  return { file, position: { line: 1, column: 1 }, severity: 'error', message };
}

function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}

/** undefined when the bytes are not UTF-8 or hold a NUL. */
function decode(bytes: Buffer): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}
