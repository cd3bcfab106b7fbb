/** What a person is asked to sign to approve something, and how to tell that it is nothing else. */

/** To be signed with `ssh-keygen -Y sign` where the person's keys are. */
export interface SigningRequest {
  readonly namespace: string;
  /** Signed to the byte. */
  readonly statement: string;
  /** Public keys that will do, `TYPE BASE64` each. */
  readonly keys: readonly string[];
}

/** First line of every statement. */
export const APPROVAL_VERSION = 'heldline-approval-v1';
/** What every namespace begins with; the bastion's host name follows. */
export const APPROVAL_NAMESPACE = 'approve@';

/** Whether this is what a person may be asked to sign: an approval, for an approval's purpose. */
export function isApproval({ namespace, statement }: Pick<SigningRequest, 'namespace' | 'statement'>): boolean {
  return namespace.startsWith(APPROVAL_NAMESPACE) && statement.startsWith(`${APPROVAL_VERSION}\n`);
}
