/**
 * What an approver signs: one text that names the bastion, the person, the request, the exact command by its
 * digest, the policy and the verdict. It is made anew from the request whenever a signature is checked, so a
 * signature is good for these values and no others. Who wants the approval remembered signs the terms as well: with
 * that line or without it, it is another text. One `key=value` a line, fixed order, versioned by the first
 * line; values are JSON, so that none can pretend to be another line.
 */
import { canonicalJson } from '../base/canonical-json.ts';
import { digestOf } from '../base/digest.ts';
import type { ApprovalRequest } from '../model/approval-request.ts';
import { APPROVAL_NAMESPACE, APPROVAL_VERSION } from '../model/signing-request.ts';

/** The bastion that signatures are made for. */
export interface BastionIdentity {
  /** As people reach it. */
  readonly hostName: string;
  /** `SHA256:...` of its SSH host key. */
  readonly hostKey: string;
}

/** What `ssh-keygen -Y sign -n` has to be told: a signature for anything else is none of an approval. */
export function approvalNamespace({ hostName }: BastionIdentity): string {
  return `${APPROVAL_NAMESPACE}${hostName}`;
}

/**
 * The bytes that `approver` signs to approve `request`. Ends in a newline.
 * @param options `grant`: and to have it remembered, on the terms that the request offers
 */
export function approvalStatement(
  { statement, digest, id, createdAt }: ApprovalRequest,
  approver: string,
  bastion: BastionIdentity,
  { grant = false }: { readonly grant?: boolean } = {},
): string {
  const lines: readonly (readonly [string, string])[] = [
    ['bastion', bastion.hostName],
    ['hostkey', bastion.hostKey],
    ['verdict', 'approve'],
    ['approver', approver],
    ['request', id],
    ['uid', statement.uid],
    ['digest', digest],
    ['command', digestOf(statement.command)],
    ['requester', statement.user],
    ['target', statement.target],
    ['login', statement.login],
    ['session', statement.session],
    ['policy', statement.policyHash],
    ['held', new Date(createdAt).toISOString()],
    ['expires', new Date(statement.expiresAt).toISOString()],
  ];
  const text = lines.map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  if (grant && statement.grant !== undefined) text.push(`grant=${canonicalJson(statement.grant)}`);
  return `${[APPROVAL_VERSION, ...text].join('\n')}\n`;
}
