/** Reads the policy of a directory, all its files as one, and keeps every policy that was ever in force. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HeldlineError } from '../base/heldline-error.ts';
import { formatFinding } from '../config/format-finding.ts';
import { readPolicyDirectory } from '../config/source-file.ts';
import type { Finding } from '../model/source-document.ts';
import { compilePolicy } from '../policy/compile-policy.ts';
import { prepareSql } from '../policy/language/postgres-parser.ts';
import { lintStoredNames } from '../policy/lint/store-lint.ts';
import type { StoredNames } from '../policy/lint/stored-names.ts';
import type { Policy } from '../policy/policy.ts';

export interface LoadedPolicy {
  /** null when an error was found. */
  readonly policy: Policy | null;
  readonly findings: readonly Finding[];
}

/**
 * Compiles `<directory>/*.yaml` in the order of their names, without hidden files. Never throws for what is in
 * the files.
 * @param stored when the store is known: warnings for people, roles and labels that do not exist
 */
export async function loadPolicy(directory: string, stored?: StoredNames): Promise<LoadedPolicy> {
  // Without its grammar every statement would be opaque, in the policy's own tests too.
  await prepareSql();
  const { documents, findings } = await readPolicyDirectory(directory);
  if (findings.some((finding) => finding.severity === 'error')) return { policy: null, findings };
  const compiled = compilePolicy(documents);
  const missing = stored === undefined ? [] : lintStoredNames(documents, stored);
  return { policy: compiled.policy, findings: [...findings, ...compiled.findings, ...missing] };
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
