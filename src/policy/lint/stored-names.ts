/** What the store knows of the people and targets that a policy names. */
import type { Labels } from '../../model/target.ts';

export interface StoredNames {
  readonly users: readonly {
    readonly name: string;
    readonly roles: readonly string[];
    /** `ssh-ed25519`, `sk-ssh-ed25519@openssh.com`, ... */
    readonly keyTypes: readonly string[];
    /** Cannot sign in, so cannot approve. */
    readonly disabled?: boolean;
  }[];
  readonly targets: readonly { readonly name: string; readonly labels: Labels }[];
}
