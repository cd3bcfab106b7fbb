/**
 * Seals secrets at rest: AES-256-GCM with a fresh 96-bit nonce each, bound to the name they belong to and the
 * id of the key. The key file has one `<id> <base64 of 32 bytes>` a line; the last line seals, every line
 * opens, so a key is changed by appending one. A copy of the store without this file tells no secret; a copy
 * with it tells all of them.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { HeldlineError } from '../base/heldline-error.ts';
import { randomHex } from '../base/ids.ts';

const LINE = /^([a-z0-9]{4,32}) ([A-Za-z0-9+/]{43}=)$/;
const SEALED = /^v1\.([a-z0-9]{4,32})\.([\w-]{16})\.([\w-]+)$/;
const KEY_SIZE = 32;
const NONCE_SIZE = 12;
const TAG_SIZE = 16;

export class SealingKey {
  readonly #keys: ReadonlyMap<string, Uint8Array>;
  readonly #current: string;

  private constructor(keys: ReadonlyMap<string, Uint8Array>, current: string) {
    this.#keys = keys;
    this.#current = current;
  }

  /** A new key file of mode 0600. @throws the file system's error when there is one already */
  static create(path: string): SealingKey {
    const id = randomHex(4);
    const key = randomBytes(KEY_SIZE);
    writeFileSync(path, `${id} ${key.toString('base64')}\n`, { mode: 0o600, flag: 'wx', flush: true });
    return new SealingKey(new Map([[id, key]]), id);
  }

  /**
   * @throws HeldlineError `sealing.missing`, `sealing.mode` when others may read it, `sealing.malformed`.
   * There is no key by default: with secrets in the store and no key, the daemon must not start.
   */
  static open(path: string): SealingKey {
    const text = readKeyFile(path);
    const keys = new Map<string, Uint8Array>();
    let current = '';
    for (const line of text.split('\n').filter((entry) => entry !== '')) {
      const [, id = '', key = ''] = LINE.exec(line) ?? [];
      if (id === '' || keys.has(id)) {
        throw new HeldlineError('sealing.malformed', `${path} is not a sealing key file.`);
      }
      keys.set(id, Buffer.from(key, 'base64'));
      current = id;
    }
    if (current === '') throw new HeldlineError('sealing.malformed', `${path} holds no key.`);
    return new SealingKey(keys, current);
  }

  /** Text that only this key opens, and only for `owner`. */
  seal(plain: Uint8Array, owner: string): string {
    const nonce = randomBytes(NONCE_SIZE);
    const cipher = createCipheriv('aes-256-gcm', this.#key(this.#current), nonce);
    cipher.setAAD(associated(owner, this.#current));
    const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    return `v1.${this.#current}.${nonce.toString('base64url')}.${sealed.toString('base64url')}`;
  }

  /**
   * The secret; zero it after use.
   * @throws HeldlineError `sealing.key-missing` for another key's, `sealing.damaged` for anything else
   */
  unseal(sealed: string, owner: string): Uint8Array {
    const [, id = '', nonce = '', body = ''] = SEALED.exec(sealed) ?? [];
    const bytes = Buffer.from(body, 'base64url');
    if (id === '' || bytes.length < TAG_SIZE) throw damaged();
    const cipher = createDecipheriv('aes-256-gcm', this.#key(id), Buffer.from(nonce, 'base64url'));
    cipher.setAAD(associated(owner, id));
    cipher.setAuthTag(bytes.subarray(-TAG_SIZE));
    try {
      return Buffer.concat([cipher.update(bytes.subarray(0, -TAG_SIZE)), cipher.final()]);
    } catch (cause) {
      throw damaged(cause);
    }
  }

  #key(id: string): Uint8Array {
    const key = this.#keys.get(id);
    if (key === undefined) {
      throw new HeldlineError(
        'sealing.key-missing',
        `A secret was sealed with key ${id}, which is not in the key file.`,
        {
          hint: 'Bring the old line back into the key file.',
        },
      );
    }
    return key;
  }
}

function readKeyFile(path: string): string {
  try {
    if ((statSync(path).mode & 0o077) !== 0) {
      throw new HeldlineError('sealing.mode', `${path} is open to other accounts.`, {
        hint: `Find out who had access, then run: chmod go= ${path}`,
      });
    }
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof HeldlineError) throw cause;
    throw new HeldlineError('sealing.missing', `The sealing key ${path} cannot be read.`, {
      cause,
      hint: 'Without it no stored secret can be used. Restore it from the backup.',
    });
  }
}

function associated(owner: string, key: string): Buffer {
  return Buffer.from(`heldline-seal-v1\0${owner}\0${key}`);
}

function damaged(cause?: unknown): HeldlineError {
  return new HeldlineError('sealing.damaged', 'A sealed secret is damaged or belongs to somebody else.', {
    cause,
  });
}
