/** Looks for secrets in everything that lies in a folder, compressed or not. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/**
 * The files below `folder` in which one of `secrets` stands, as `FILE: SECRET`. A secret of digits counts only
 * where it stands by itself, not as part of a longer number, a fraction of a second or a digest.
 */
export async function secretsIn(folder: string, secrets: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const text = await readText(path);
    found.push(...secrets.filter((secret) => patternFor(secret).test(text)).map((secret) => `${path}: ${secret}`));
  }
  return found;
}

/** Whether one of `secrets` stands in `text`, judged as above. */
export function secretsInText(text: string, secrets: readonly string[]): readonly string[] {
  return secrets.filter((secret) => patternFor(secret).test(text));
}

/** Empty for a file that a running bastion has renamed since: what it was renamed to is in the list already. */
async function readText(path: string): Promise<string> {
  const bytes = await readFile(path).catch((failure: NodeJS.ErrnoException) => {
    if (failure.code === 'ENOENT') return Buffer.alloc(0);
    throw failure;
  });
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1');
}

function patternFor(secret: string): RegExp {
  const literal = secret.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return /^\d+$/.test(secret) ? new RegExp(`(?<![0-9a-f.])${literal}(?![0-9a-f])`) : new RegExp(literal);
}
