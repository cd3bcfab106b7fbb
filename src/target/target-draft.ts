/** What an administrator may say of a target, and what is wrong with it. */
import { HeldlineError } from '../base/heldline-error.ts';
import { isName } from '../model/names.ts';
import type { Labels, LocalTarget, SshTarget } from '../model/target.ts';

/** A secret as it came from a file; sealed before it is stored. */
export type CredentialDraft =
  | { readonly kind: 'egress' }
  | { readonly kind: 'key'; readonly privateKey: string }
  | { readonly kind: 'password'; readonly password: string };

/** The store adds when it was made, and by whom. */
type StoreMade = 'createdAt' | 'createdBy';

export interface SshTargetDraft extends Omit<SshTarget, StoreMade | 'credential'> {
  readonly credential: CredentialDraft;
}

export type LocalTargetDraft = Omit<LocalTarget, StoreMade>;

export type TargetDraft = SshTargetDraft | LocalTargetDraft;

const LABEL_KEY = /^[A-Za-z][A-Za-z0-9_.-]{0,62}$/;
const LABEL_VALUE = /^[\p{L}\p{N}_.:/@+-]{1,63}$/u;
const HOST = /^[A-Za-z0-9_[][A-Za-z0-9_.:%[\]-]{0,254}$/;
const FINGERPRINT = /^SHA256:[A-Za-z0-9+/]{43}$/;

/** @throws HeldlineError `target.name`, `target.host`, `target.port`, ... of kind usage */
export function refuseBadDraft(draft: TargetDraft): void {
  if (!isName(draft.name)) {
    throw wrong(
      'name',
      'A target\'s name has 1 to 32 characters of a-z, 0-9, "_", "." and "-", and starts with a letter or "_".',
    );
  }
  refuseBadLabels(draft.labels);
  if (draft.kind === 'ssh') refuseBadSsh(draft);
  else if (draft.argv[0] === '') throw wrong('program', 'A local target needs a program.');
}

/** @throws HeldlineError `target.host-key` unless there is at least one proper fingerprint */
export function refuseBadHostKeys(hostKeys: readonly string[]): void {
  if (hostKeys.length > 0 && hostKeys.every((key) => FINGERPRINT.test(key))) return;
  throw wrong(
    'host-key',
    'A host key is pinned by its fingerprint: SHA256: and 43 characters, as "ssh-keygen -lf" prints it.',
  );
}

function refuseBadSsh(draft: SshTargetDraft): void {
  if (!HOST.test(draft.host)) throw wrong('host', 'The host must be a name or an address.');
  if (!Number.isInteger(draft.port) || draft.port < 1 || draft.port > 65_535) {
    throw wrong('port', 'The port must be between 1 and 65535.');
  }
  if (draft.logins.length === 0) throw wrong('login', 'Give at least one login.');
  const bad = draft.logins.find((login) => !isName(login) || login === 'auto');
  if (bad !== undefined) throw wrong('login', `"${bad}" cannot be a login.`);
  refuseBadHostKeys(draft.hostKeys);
  refuseBadCredential(draft.credential);
}

function refuseBadCredential(credential: CredentialDraft): void {
  if (credential.kind === 'password' && credential.password === '') {
    throw wrong('password', 'The password is empty.');
  }
  if (credential.kind === 'key' && !/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(credential.privateKey)) {
    throw wrong('key', 'That is not a private key.');
  }
}

function refuseBadLabels(labels: Labels): void {
  for (const [key, value] of Object.entries(labels)) {
    if (!LABEL_KEY.test(key) || !LABEL_VALUE.test(value)) {
      throw wrong('label', 'A label is KEY=VALUE; letters, digits and _ . - in both, up to 63 characters.');
    }
  }
}

function wrong(what: string, message: string): HeldlineError {
  return new HeldlineError(`target.${what}`, message, { kind: 'usage' });
}
