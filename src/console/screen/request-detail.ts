/** What stands about one request below the list: the whole statement, nothing of the command cut. */
import { needInWords } from '../../approval/request-view.ts';
import { termsInWords } from '../../model/grant-terms.ts';
import { isNarrow, labelled } from './page-text.ts';
import type { WaitingRequest } from './waiting-request.ts';

export interface DetailRows {
  readonly rows: readonly string[];
  /** How many of them, from the first, have to be seen before the request can be approved. */
  readonly mustSee: number;
}

export function requestDetail({ request, where }: WaitingRequest, cols: number): DetailRows {
  const { statement, ids, rule, why, reason, digest, requirement, votes, urgency, messages = [] } = request;
  const { grant } = statement;
  const also = grant === undefined ? [] : labelled('Grant', `g also: ${termsInWords(grant, statement.command)}`, cols);
  const what = [...labelled('What', statement.command, cols), ...also];
  const label = [...ids, ...(rule === null ? [] : [`rule ${rule}`])].join(', ');
  const needs = requirement.stages.map(needInWords);
  const given = votes.map(({ approver, verdict }) => `${approver} ${verdict === 'approve' ? 'approved' : 'denied'}`);
  const rest: (readonly [string, string])[] = [
    ['Why', label === '' ? why : `${why} (${label})`],
    ['Reason', reason ?? '-'],
    ...(urgency === undefined ? [] : [['Urgency', urgency] as const]),
    ...messages.map(({ text }) => ['Message', text] as const),
    ['Where', where],
    ['Needs', [...needs, ...given].join('; ')],
    ['Digest', isNarrow(cols) ? digest.slice(0, 23) : digest],
  ];
  return {
    rows: [...what, ...rest.flatMap(([name, text]) => labelled(name, text, cols))],
    mustSee: what.length,
  };
}
