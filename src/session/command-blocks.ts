/** The blocks of audit events that speak of a command and of the decision about it. */
import { sha256Hex } from '../base/digest.ts';
import type { ApprovalRequest } from '../model/approval-request.ts';
import type { AuditDraft } from '../model/audit-event.ts';
import type { CommandLine } from '../model/command-line.ts';
import { type Decision, usedFacts } from '../model/decision.ts';

/** What the audit log says about a line; nothing of it when it was not echoed. */
export function commandBlock(line: CommandLine, text: string | null): NonNullable<AuditDraft['command']> {
  const shown = line.hidden ? null : text;
  return {
    text: shown,
    ...(shown === null ? {} : { sha256: sha256Hex(shown) }),
    context: line.context,
    confidence: line.confidence,
    ...(line.confidence === 'opaque' ? { reason: line.reason } : {}),
  };
}

/** By what the command passes; nothing when people were asked. */
export function passBlock({ byGrant, byBreakGlass }: ApprovalRequest): Pick<AuditDraft, 'grant' | 'breakglass'> {
  if (byBreakGlass !== undefined) return { breakglass: { ...byBreakGlass } };
  return byGrant === undefined ? {} : { grant: { ...byGrant } };
}

export function policyBlock(decision: Decision): NonNullable<AuditDraft['policy']> {
  const { policyHash: hash, rule, effect, ids } = decision;
  const facts = usedFacts(decision);
  return { hash, rule, decision: effect, ids, ...(Object.keys(facts).length === 0 ? {} : { facts }) };
}
