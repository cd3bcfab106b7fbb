/** A folder of one's own that is removed with everything in it. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TempDir extends AsyncDisposable {
  readonly path: string;
  /** The absolute path of something inside. */
  at(...names: string[]): string;
}

/** Makes a folder below the system's temporary one; `open` lets other accounts look inside (0755 instead of 0700). */
export async function tempDir(options: { readonly name?: string; readonly open?: boolean } = {}): Promise<TempDir> {
  const path = await mkdtemp(join(tmpdir(), `heldline-${options.name ?? 'test'}-`));
  if (options.open === true) await chmod(path, 0o755);
  return {
    path,
    at: (...names) => join(path, ...names),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 }),
  };
}
