/**
 * Seals the recordings of one node one after the other. Each seal names the one before, so that a seal that
 * disappears can be missed; the newest one's digest is kept in `last-seal` beside the recordings.
 */
import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Hex } from '../base/digest.ts';
import type { Signer } from '../base/signing.ts';
import { SEAL_FILE, writeOnce } from './layout.ts';
import { encodeSeal, makeSeal, type Seal, type SealClaims } from './seal.ts';

const LAST_SEAL = 'last-seal';

/** What the sealer adds to the claims. */
type Added = 'node' | 'prevSeal';

export class Sealer {
  readonly #root: string;
  readonly #node: string;
  readonly #signer: Signer;
  #previous: string | null;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(root: string, node: string, signer: Signer, previous: string | null) {
    this.#root = root;
    this.#node = node;
    this.#signer = signer;
    this.#previous = previous;
  }

  /** @param root directory of all recordings of this node; must exist */
  static async open(root: string, node: string, signer: Signer): Promise<Sealer> {
    return new Sealer(root, node, signer, await readLastSeal(root));
  }

  /** Writes `seal.json` into a recording's directory; durable when this resolves. Fails if there is one already. */
  seal(directory: string, claims: Omit<SealClaims, Added>): Promise<Seal> {
    const sealed = this.#turn.then(() => this.#write(directory, claims));
    this.#turn = sealed.catch(() => undefined);
    return sealed;
  }

  async #write(directory: string, claims: Omit<SealClaims, Added>): Promise<Seal> {
    const seal = makeSeal({ ...claims, node: this.#node, prevSeal: this.#previous }, this.#signer);
    const text = encodeSeal(seal);
    await writeOnce(join(directory, SEAL_FILE), text);
    this.#previous = sha256Hex(text);
    await this.#keepLast();
    return seal;
  }

  async #keepLast(): Promise<void> {
    const path = join(this.#root, LAST_SEAL);
    await rm(`${path}.new`, { force: true });
    await writeOnce(`${path}.new`, `${this.#previous}\n`);
    await rename(`${path}.new`, path);
  }
}

async function readLastSeal(root: string): Promise<string | null> {
  try {
    return (await readFile(join(root, LAST_SEAL), 'utf8')).trim();
  } catch (failure) {
    if (failure instanceof Error && 'code' in failure && failure.code === 'ENOENT') return null;
    throw failure;
  }
}
