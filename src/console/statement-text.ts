/** The whole statement of a request, as an approver reads it before a code is asked for. */

import { factsInWords, needInWords } from '../approval/request-view.ts';
import { formatCountdown } from '../base/duration.ts';
import { visible } from '../base/visible.ts';
import type { ApprovalRequest } from '../model/approval-request.ts';
import { termsInWords } from '../model/grant-terms.ts';

/** Lines for a terminal; every foreign text is escaped, nothing of the command is cut. @param now ms since the epoch */
export function statementText(request: ApprovalRequest, now: number): string {
  const { statement } = request;
  const label = [request.severity, ...request.ids].filter((part) => part !== null).join(', ');
  const rows: (readonly [string, string])[] = [
    ['Request', `${request.id}   ${request.state}`],
    ['Who', statement.user],
    ['Where', `${statement.login}@${statement.target} (${statement.context})`],
    ['What', statement.command],
    ['Why', `${request.why} (${label || 'no catalogue id'}${request.rule === null ? '' : `, rule ${request.rule}`})`],
    ...(request.facts === undefined ? [] : [['Facts', factsInWords(request)] as const]),
    ['Reason', request.reason ?? '-'],
    ...(request.urgency === undefined ? [] : [['Urgency', request.urgency] as const]),
    ...(request.messages ?? []).map(({ text }) => ['Message', text] as const),
    ['Needs', request.requirement.stages.map(needInWords).join('; then ')],
    ...grantRows(request),
    ['Votes', request.votes.map((vote) => `${vote.approver}: ${vote.verdict}`).join(', ') || '-'],
    [
      'Left',
      request.state === 'pending' || request.state === 'approved' ? formatCountdown(statement.expiresAt - now) : '-',
    ],
    ['Digest', request.digest],
  ];
  return rows.map(([name, value]) => `${name.padEnd(9)}${visible(value)}\n`).join('');
}

/** What else would pass if the approval were remembered, or by what this one passes. */
function grantRows({ statement, byGrant, byBreakGlass }: ApprovalRequest): (readonly [string, string])[] {
  if (byBreakGlass !== undefined) return [['Glass', `passes by break-glass ${byBreakGlass.id}`]];
  if (byGrant !== undefined) return [['Grant', `passes by ${byGrant.id}`]];
  if (statement.grant === undefined) return [];
  return [['Grant', `with --grant also ${termsInWords(statement.grant, statement.command)}`]];
}
