/** Reads the policy of a directory, all its files as one, and keeps every policy that was ever in force. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeFailure, HeldlineError } from '../base/heldline-error.ts';
import { formatFinding } from '../config/format-finding.ts';
import { readSourceFile } from '../config/source-file.ts';
import type { Finding, SourceDocument } from '../model/source-document.ts';
import { compilePolicy } from '../policy/compile-policy.ts';
import { prepareSql } from '../policy/language/postgres-parser.ts';
import type { Policy } from '../policy/policy.ts';

export interface LoadedPolicy {
  /** null when an error was found. */
  readonly policy: Policy | null;
  readonly findings: readonly Finding[];
}

/** Compiles `<directory>/*.yaml` in the order of their names. Never throws for what is in the files. */
export async function loadPolicy(directory: string): Promise<LoadedPolicy> {
  // Without its grammar every statement would be opaque, in the policy's own tests too.
  await prepareSql();
  const documents: SourceDocument[] = [];
  const findings: Finding[] = [];
  for (const file of await policyFiles(directory)) {
    const read = await readSourceFile(file);
    findings.push(...read.findings);
    if (read.document !== null) documents.push(read.document);
  }
  if (findings.some((finding) => finding.severity === 'error')) return { policy: null, findings };
  const compiled = compilePolicy(documents);
  return { policy: compiled.policy, findings: [...findings, ...compiled.findings] };
}

/** The policy, ready to decide. @throws HeldlineError `policy.invalid` (kind check-failed) with every finding in its message */
export async function requirePolicy(directory: string): Promise<Policy> {
  const { policy, findings } = await loadPolicy(directory);
  if (policy !== null) return policy;
  const lines = findings.map(formatFinding).join('\n          ');
  throw new HeldlineError('policy.invalid', `the policy has errors\n          ${lines}`, { kind: 'check-failed' });
}

/** Stores the resolved text once for each hash, so that an old decision can be explained again. */
export async function keepPolicy(directory: string, policy: Policy): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, `${policy.hash.replace(/^sha256:/, '')}.json`);
  try {
    await writeFile(path, policy.canonicalText, { mode: 0o600, flag: 'wx' });
  } catch (failure) {
    if (!(failure instanceof Error && 'code' in failure && failure.code === 'EEXIST')) throw failure;
  }
}

async function policyFiles(directory: string): Promise<string[]> {
  try {
    const names = await readdir(directory);
    return names
      .filter((name) => /\.ya?ml$/.test(name))
      .sort()
      .map((name) => join(directory, name));
  } catch (cause) {
    const message = `cannot read the policy directory ${directory}: ${describeFailure(cause)}`;
    throw new HeldlineError('policy.directory', message, { cause, kind: 'not-found' });
  }
}
