/** Makes the names in a directory durable: a new file survives a power cut only after this. */
import { open } from 'node:fs/promises';

/** fsync of the directory at `path`; fails as `open` and `fsync` do. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
