/**
 * People, their roles and keys: adds, changes, removes, writes each change to the audit log before it is made,
 * and tells listeners, so that sessions, holds and votes of somebody who lost authority end at once.
 * Who may call which verb is decided by the caller.
 */
import type { Clock } from '../base/clock.ts';
import { HeldlineError } from '../base/heldline-error.ts';
import { Serial } from '../base/serial.ts';
import { Signal, type Unsubscribe } from '../base/signal.ts';
import type { AuditSink } from '../model/audit-event.ts';
import { isName } from '../model/names.ts';
import type { User, UserKey } from '../model/user.ts';
import type { UserStore } from './ports.ts';
import { type PublicKey, parsePublicKey } from './public-key.ts';

/** What has changed, after it was stored. */
export type UserChange =
  | { readonly kind: 'added'; readonly user: string }
  | { readonly kind: 'disabled'; readonly user: string }
  | { readonly kind: 'enabled'; readonly user: string }
  | { readonly kind: 'removed'; readonly user: string }
  | { readonly kind: 'roles'; readonly user: string }
  | { readonly kind: 'key-added'; readonly user: string; readonly fingerprint: string }
  | { readonly kind: 'key-removed'; readonly user: string; readonly fingerprint: string };

export interface UserDirectoryParts {
  readonly store: UserStore;
  readonly audit: AuditSink;
  readonly clock: Clock;
  /** Called with whatever a listener threw. */
  readonly onListenerFailure: (failure: unknown) => void;
}

export interface NewUser {
  readonly name: string;
  readonly roles: readonly string[];
  /** Lines in the OpenSSH form. */
  readonly keys: readonly string[];
}

export class UserDirectory {
  readonly #store: UserStore;
  readonly #audit: AuditSink;
  readonly #clock: Clock;
  readonly #changes: Signal<UserChange>;
  readonly #serial = new Serial();

  constructor(parts: UserDirectoryParts) {
    this.#store = parts.store;
    this.#audit = parts.audit;
    this.#clock = parts.clock;
    this.#changes = new Signal(parts.onListenerFailure);
  }

  onChange(listener: (change: UserChange) => void): Unsubscribe {
    return this.#changes.subscribe(listener);
  }

  find(name: string): Promise<User | null> {
    return this.#store.find(name);
  }

  list(): Promise<readonly User[]> {
    return this.#store.list();
  }

  /** @throws HeldlineError `user.exists`, `user.name`, `key.refused`, `key.taken` */
  add(draft: NewUser, by: string): Promise<User> {
    return this.#serial.run(async () => {
      refuseBadNames([draft.name, ...draft.roles]);
      const at = this.#clock.now();
      const keys = draft.keys.map((line) => storedKey(readKey(line), by, at));
      if ((await this.#store.find(draft.name)) !== null) throw exists(draft.name);
      await this.#refuseTaken(keys);
      const roles = [...new Set(draft.roles)];
      const made = { createdAt: at, createdBy: by, rolesChangedAt: at, rolesChangedBy: by };
      const user: User = { name: draft.name, roles, disabled: false, keys, ...made };
      await this.#log('user.added', by, user.name, { roles, keys: keys.map((key) => key.fingerprint) });
      if ((await this.#store.add(user)) !== 'added') throw exists(draft.name);
      this.#changes.tell({ kind: 'added', user: user.name });
      return user;
    });
  }

  /** @throws HeldlineError `user.unknown`, `key.refused`, `key.taken` */
  addKey(name: string, line: string, by: string): Promise<UserKey> {
    return this.#serial.run(async () => {
      const key = storedKey(readKey(line), by, this.#clock.now());
      await this.#existing(name);
      await this.#refuseTaken([key]);
      const { fingerprint, type } = key;
      await this.#log('user.key_added', by, name, { fingerprint, type });
      if ((await this.#store.addKey(name, key)) !== 'added') throw taken();
      this.#changes.tell({ kind: 'key-added', user: name, fingerprint });
      return key;
    });
  }

  /** @throws HeldlineError `user.unknown`, `key.unknown` */
  removeKey(name: string, fingerprint: string, by: string): Promise<void> {
    return this.#serial.run(async () => {
      const user = await this.#existing(name);
      if (!user.keys.some((key) => key.fingerprint === fingerprint)) {
        throw new HeldlineError('key.unknown', `${name} has no key ${fingerprint}.`, { kind: 'not-found' });
      }
      await this.#log('user.key_removed', by, name, { fingerprint });
      await this.#store.removeKey(name, fingerprint);
      this.#changes.tell({ kind: 'key-removed', user: name, fingerprint });
    });
  }

  /** @throws HeldlineError `user.unknown`, `user.name` */
  setRoles(name: string, roles: readonly string[], by: string): Promise<void> {
    return this.#serial.run(async () => {
      refuseBadNames(roles);
      await this.#existing(name);
      await this.#log('user.roles_changed', by, name, { roles });
      await this.#store.setRoles(name, [...new Set(roles)], { by, at: this.#clock.now() });
      this.#changes.tell({ kind: 'roles', user: name });
    });
  }

  /** @throws HeldlineError `user.unknown` */
  disable(name: string, by: string): Promise<void> {
    return this.#setDisabled(name, true, by);
  }

  /** @throws HeldlineError `user.unknown` */
  enable(name: string, by: string): Promise<void> {
    return this.#setDisabled(name, false, by);
  }

  /** Removes the person with factor and enrolment. @throws HeldlineError `user.unknown` */
  remove(name: string, by: string): Promise<void> {
    return this.#serial.run(async () => {
      await this.#existing(name);
      await this.#log('user.removed', by, name, {});
      await this.#store.remove(name);
      this.#changes.tell({ kind: 'removed', user: name });
    });
  }

  /** The person's own words for panels. @throws HeldlineError `user.unknown` */
  setPhrase(name: string, phrase: string, by: string): Promise<void> {
    return this.#serial.run(async () => {
      await this.#existing(name);
      await this.#log('user.phrase_changed', by, name, {});
      await this.#store.setPhrase(name, phrase);
    });
  }

  #setDisabled(name: string, disabled: boolean, by: string): Promise<void> {
    return this.#serial.run(async () => {
      await this.#existing(name);
      await this.#log(disabled ? 'user.disabled' : 'user.enabled', by, name, {});
      await this.#store.setDisabled(name, disabled, { by, at: this.#clock.now() });
      this.#changes.tell({ kind: disabled ? 'disabled' : 'enabled', user: name });
    });
  }

  async #existing(name: string): Promise<User> {
    const user = await this.#store.find(name);
    if (user !== null) return user;
    throw new HeldlineError('user.unknown', `There is no user ${name}.`, { kind: 'not-found' });
  }

  async #refuseTaken(keys: readonly UserKey[]): Promise<void> {
    const blobs = keys.map((key) => key.blob);
    const owners = await Promise.all(blobs.map((blob) => this.#store.ownerOf(blob)));
    if (new Set(blobs).size < blobs.length || owners.some((owner) => owner !== null)) throw taken();
  }

  async #log(type: string, by: string, subject: string, detail: Record<string, unknown>): Promise<void> {
    await this.#audit.append({ type, outcome: 'success', actor: { user: by }, detail: { user: subject, ...detail } });
  }
}

function readKey(line: string): PublicKey {
  const parsed = parsePublicKey(line);
  if (parsed.kind === 'key') return parsed.key;
  throw new HeldlineError('key.refused', parsed.why, { kind: 'usage' });
}

function storedKey(key: PublicKey, addedBy: string, addedAt: number): UserKey {
  return { ...key, addedAt, addedBy };
}

function refuseBadNames(names: readonly string[]): void {
  const bad = names.find((name) => !isName(name));
  if (bad === undefined) return;
  throw new HeldlineError(
    'user.name',
    'A name has 1 to 32 characters of a-z, 0-9, "_", "." and "-", and starts with a letter or "_".',
    {
      kind: 'usage',
    },
  );
}

function exists(name: string): HeldlineError {
  return new HeldlineError('user.exists', `There is a user ${name} already.`, { kind: 'conflict' });
}

function taken(): HeldlineError {
  return new HeldlineError('key.taken', 'That key belongs to somebody already; a key stands for one person.', {
    kind: 'conflict',
  });
}
