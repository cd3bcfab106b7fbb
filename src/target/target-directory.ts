/**
 * The targets that there are: adds, changes, removes them, seals their credentials, and pins their host keys.
 * Each change is in the audit log before it is made. Who may call which verb is decided by the caller; who may
 * reach a target by `AccessControl`.
 */
import type { Clock } from '../base/clock.ts';
import { HeldlineError } from '../base/heldline-error.ts';
import { Serial } from '../base/serial.ts';
import { Signal, type Unsubscribe } from '../base/signal.ts';
import type { AuditSink } from '../model/audit-event.ts';
import type { SshTarget, Target, TargetCredential } from '../model/target.ts';
import type { SecretSealer, TargetStore } from './ports.ts';
import {
  type CredentialDraft,
  refuseBadDraft,
  refuseBadHostKeys,
  type SshTargetDraft,
  type TargetDraft,
} from './target-draft.ts';

/** What has changed, after it was stored. */
export interface TargetChange {
  readonly kind: 'added' | 'edited' | 'trusted' | 'removed';
  readonly target: string;
}

/** What may be changed of a target that is there; what is absent stays. */
export type TargetEdit = Partial<
  Pick<SshTargetDraft, 'labels' | 'description' | 'host' | 'port' | 'logins' | 'credential'>
>;

export interface TargetDirectoryParts {
  readonly store: TargetStore;
  readonly sealer: SecretSealer;
  readonly audit: AuditSink;
  readonly clock: Clock;
  /** Names that doors understand as something else: console verbs, `web`, `auto`. */
  readonly isReserved: (name: string) => boolean;
  readonly onListenerFailure: (failure: unknown) => void;
}

export class TargetDirectory {
  readonly #parts: TargetDirectoryParts;
  readonly #changes: Signal<TargetChange>;
  readonly #serial = new Serial();

  constructor(parts: TargetDirectoryParts) {
    this.#parts = parts;
    this.#changes = new Signal(parts.onListenerFailure);
  }

  onChange(listener: (change: TargetChange) => void): Unsubscribe {
    return this.#changes.subscribe(listener);
  }

  find(name: string): Promise<Target | null> {
    return this.#parts.store.find(name);
  }

  list(): Promise<readonly Target[]> {
    return this.#parts.store.list();
  }

  /** @throws HeldlineError `target.exists`, `target.reserved`, or what `refuseBadDraft` throws */
  add(draft: TargetDraft, by: string): Promise<Target> {
    return this.#serial.run(async () => {
      refuseBadDraft(draft);
      if (this.#parts.isReserved(draft.name) || draft.name.endsWith('.gate')) {
        throw new HeldlineError('target.reserved', `The name ${draft.name} is reserved.`, { kind: 'usage' });
      }
      if ((await this.#parts.store.find(draft.name)) !== null) throw exists(draft.name);
      const target = this.#make(draft, by);
      await this.#log('target.added', by, target);
      if ((await this.#parts.store.add(target)) !== 'added') throw exists(draft.name);
      this.#changes.tell({ kind: 'added', target: target.name });
      return target;
    });
  }

  /** @throws HeldlineError `target.unknown`, `target.kind`, or what `refuseBadDraft` throws */
  edit(name: string, edit: TargetEdit, by: string): Promise<Target> {
    return this.#serial.run(async () => {
      const target = await this.#existing(name);
      const next = target.kind === 'ssh' ? this.#editedSsh(target, edit) : editedLocal(target, edit);
      await this.#replace(target, next, 'target.edited', by);
      this.#changes.tell({ kind: 'edited', target: name });
      return next;
    });
  }

  /** Pins these host keys and no others. @throws HeldlineError `target.unknown`, `target.kind`, `target.host-key` */
  trust(name: string, hostKeys: readonly string[], by: string): Promise<void> {
    return this.#serial.run(async () => {
      const target = await this.#existing(name);
      if (target.kind !== 'ssh') throw notSsh(name);
      refuseBadHostKeys(hostKeys);
      await this.#replace(target, { ...target, hostKeys: [...new Set(hostKeys)] }, 'target.trusted', by);
      this.#changes.tell({ kind: 'trusted', target: name });
    });
  }

  /** @throws HeldlineError `target.unknown` */
  remove(name: string, by: string): Promise<void> {
    return this.#serial.run(async () => {
      const target = await this.#existing(name);
      await this.#log('target.removed', by, target);
      await this.#parts.store.remove(name);
      this.#changes.tell({ kind: 'removed', target: name });
    });
  }

  /** Opens the stored credential, for one sign-in. @throws HeldlineError when it cannot be unsealed */
  openCredential(target: SshTarget): CredentialDraft {
    const { credential } = target;
    if (credential.kind === 'egress') return { kind: 'egress' };
    const plain = this.#parts.sealer.unseal(credential.sealed, ownerOf(target.name, credential.kind));
    const text = Buffer.from(plain).toString('utf8');
    plain.fill(0);
    return credential.kind === 'key' ? { kind: 'key', privateKey: text } : { kind: 'password', password: text };
  }

  #make(draft: TargetDraft, by: string): Target {
    const made = { createdAt: this.#parts.clock.now(), createdBy: by };
    if (draft.kind === 'local') return { ...draft, ...made };
    const credential = this.#seal(draft.name, draft.credential);
    return { ...draft, ...made, credential, hostKeys: [...new Set(draft.hostKeys)] };
  }

  #editedSsh(target: SshTarget, edit: TargetEdit): SshTarget {
    const credential: CredentialDraft = edit.credential ?? { kind: 'egress' };
    refuseBadDraft({ ...target, ...edit, credential });
    const sealed = edit.credential === undefined ? target.credential : this.#seal(target.name, edit.credential);
    return { ...target, ...edit, credential: sealed };
  }

  #seal(name: string, draft: CredentialDraft): TargetCredential {
    if (draft.kind === 'egress') return { kind: 'egress' };
    const text = draft.kind === 'key' ? draft.privateKey : draft.password;
    const plain = Buffer.from(text, 'utf8');
    const sealed = this.#parts.sealer.seal(plain, ownerOf(name, draft.kind));
    plain.fill(0);
    return { kind: draft.kind, sealed };
  }

  async #replace(target: Target, next: Target, type: string, by: string): Promise<void> {
    await this.#log(type, by, next);
    const outcome = await this.#parts.store.replace(target, next);
    if (outcome === 'replaced') return;
    throw new HeldlineError('target.changed', `${target.name} was changed by somebody else just now.`, {
      kind: 'conflict',
      hint: 'Look at it again, then repeat.',
    });
  }

  async #existing(name: string): Promise<Target> {
    const target = await this.#parts.store.find(name);
    if (target !== null) return target;
    throw new HeldlineError('target.unknown', `There is no target ${name}.`, { kind: 'not-found' });
  }

  async #log(type: string, by: string, target: Target): Promise<void> {
    const { name, labels, kind } = target;
    const facts =
      target.kind === 'ssh'
        ? {
            host: target.host,
            port: target.port,
            logins: target.logins,
            hostKeys: target.hostKeys,
            credential: target.credential.kind,
          }
        : { argv: target.argv };
    await this.#parts.audit.append({
      type,
      outcome: 'success',
      actor: { user: by },
      target: { name, labels },
      detail: { kind, ...facts },
    });
  }
}

function editedLocal(target: Extract<Target, { kind: 'local' }>, edit: TargetEdit): Target {
  const { labels, description, ...others } = edit;
  if (Object.keys(others).length > 0) throw notSsh(target.name);
  const next = {
    ...target,
    ...(labels === undefined ? {} : { labels }),
    ...(description === undefined ? {} : { description }),
  };
  refuseBadDraft(next);
  return next;
}

/** The name that a credential is sealed to. */
function ownerOf(name: string, kind: 'key' | 'password'): string {
  return `target/${name}/${kind}`;
}

function exists(name: string): HeldlineError {
  return new HeldlineError('target.exists', `There is a target ${name} already.`, { kind: 'conflict' });
}

function notSsh(name: string): HeldlineError {
  return new HeldlineError('target.kind', `${name} is a program on this machine, not an SSH host.`, { kind: 'usage' });
}
