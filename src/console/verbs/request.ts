/** Held commands: `requests`, `requests show`, `approve`, `deny`. */

import { requestView } from '../../approval/request-view.ts';
import type { VoteOutcome } from '../../approval/vote.ts';
import { formatCountdown } from '../../base/duration.ts';
import { HeldlineError } from '../../base/heldline-error.ts';
import { visibleShort } from '../../base/visible.ts';
import type { ApprovalRequest } from '../../model/approval-request.ts';
import type { Principal } from '../../model/principal.ts';
import { columns } from '../columns.ts';
import { namedRequest, visibleRequests } from '../request-lookup.ts';
import { statementText } from '../statement-text.ts';
import { EXIT, type Verb, type VerbContext } from '../verb.ts';
import { flag, printJson, text } from '../verb-values.ts';
import { voteRefusal } from '../vote-refusal.ts';
import { voterOf } from '../voter.ts';
import { lockdownWords } from './lockdown.ts';
import { showTrace } from './request-trace.ts';

const ID = { name: 'ID', help: 'the four characters of the request', required: true } as const;
const REASON = { name: 'reason', short: 'r', value: 'TEXT', help: 'words for the requester and the log' } as const;
const AS = { name: 'user', value: 'NAME', help: 'who you are, on the local command line' } as const;

export const requests: Verb = {
  spec: {
    path: ['requests'],
    summary: 'list held commands: open ones and those of the last 24 hours',
    arguments: [],
    options: [],
    examples: ['requests', 'requests --json'],
    audience: 'everybody',
  },
  async run(context) {
    const found = await visibleRequests(context);
    if (context.io.json) {
      for (const request of found) context.io.out(`${JSON.stringify(requestView(request))}\n`);
      return EXIT.done;
    }
    const { current } = context.services.lockdown;
    if (current !== null) context.io.err(lockdownWords(current));
    const now = context.services.clock.now();
    context.io.out(
      columns(
        ['ID', 'STATE', 'LEFT', 'WHO', 'WHERE', 'COMMAND'],
        found.map((request) => rowOf(request, now)),
      ),
    );
    return EXIT.done;
  },
};

export const requestsShow: Verb = {
  spec: {
    path: ['requests', 'show'],
    summary: 'show one request with its votes',
    arguments: [ID],
    options: [{ name: 'trace', help: 'every step with its time, from the audit log, and the policy' }],
    examples: ['requests show 7KQ2', 'requests show 7KQ2 --trace'],
    audience: 'everybody',
  },
  async run(context) {
    if (flag(context, 'trace')) return showTrace(context);
    const request = await namedRequest(context);
    if (context.io.json) context.io.out(`${JSON.stringify(requestView(request))}\n`);
    else context.io.out(statementText(request, context.services.clock.now()));
    return EXIT.done;
  },
};

export const approve: Verb = {
  spec: {
    path: ['approve'],
    summary: 'approve a held command with your own one-time code',
    arguments: [ID],
    options: [
      { name: 'digest', value: 'D', help: 'digest of the request, at least 16 hex digits; needed without a terminal' },
      { name: 'code-file', value: 'F', file: 'line', help: 'file with your code, "-" for standard input' },
      { name: 'grant', help: 'remember it for what the statement says under Grant' },
      REASON,
      AS,
    ],
    examples: ['approve 7KQ2', 'approve 7KQ2 --grant', 'approve 7KQ2 --digest 9f86d081884c7d65 --code-file - < code'],
    audience: 'everybody',
  },
  async run(context) {
    const request = await namedRequest(context);
    refuseDecided(request);
    refuseGrant(context, request);
    context.io.err(statementText(request, context.services.clock.now()));
    const digest = digestShown(context, request);
    const given = await codeFor(context, request);
    if (given === null) return EXIT.interrupted;
    const voter = await voterOf(context, { request, code: given });
    return vote(context, { request, voter, verdict: 'approve', digest, code: given });
  },
};

export const deny: Verb = {
  spec: {
    path: ['deny'],
    summary: 'deny a held command',
    arguments: [ID],
    options: [REASON, AS],
    examples: ['deny 7KQ2 -r "wait for the backup"'],
    audience: 'everybody',
  },
  async run(context) {
    const request = await namedRequest(context);
    refuseDecided(request);
    const voter = await voterOf(context, { request, code: null });
    return vote(context, { request, voter, verdict: 'deny', digest: request.digest, code: null });
  },
};

interface Ballot {
  readonly request: ApprovalRequest;
  readonly voter: Principal;
  readonly verdict: 'approve' | 'deny';
  readonly digest: string;
  readonly code: string | null;
}

async function vote(context: VerbContext, ballot: Ballot): Promise<number> {
  const { request, voter, verdict, digest, code } = ballot;
  const { uid, policyHash } = request.statement;
  const reason = text(context, 'reason') ?? null;
  const door = context.caller.kind === 'local' ? 'cli' : 'ssh';
  const grant = verdict === 'approve' && flag(context, 'grant');
  const outcome = await context.services.desk.vote({
    uid,
    voter,
    verdict,
    digest,
    policyHash,
    code,
    door,
    reason,
    grant,
  });
  return tell(context, outcome, request);
}

function tell(context: VerbContext, outcome: VoteOutcome, request: ApprovalRequest): number {
  const { kind } = outcome;
  if (kind !== 'approved' && kind !== 'counted' && kind !== 'denied' && kind !== 'cancelled') {
    throw voteRefusal(outcome, request);
  }
  if (context.io.json) printJson(context.io, { outcome: kind, ...requestView(outcome.request) });
  else context.io.err(`heldline: ${request.id} ${doneWords(kind)}.\n`);
  return EXIT.done;
}

function doneWords(kind: 'approved' | 'counted' | 'denied' | 'cancelled'): string {
  return kind === 'counted' ? 'approved by you; others are still needed' : kind;
}

/** The digest that the person vouches for. @throws HeldlineError `usage` when there is no terminal and none was given */
function digestShown(context: VerbContext, request: ApprovalRequest): string {
  const given = text(context, 'digest');
  if (given !== undefined) return given;
  if (context.io.interactive) return request.digest;
  const hint = `Read it first: requests show ${request.id}. With a terminal: ssh -t`;
  throw new HeldlineError('approve.digest', 'without a terminal, approve needs --digest', { kind: 'usage', hint });
}

async function codeFor(context: VerbContext, request: ApprovalRequest): Promise<string | null> {
  const file = text(context, 'code-file');
  if (file !== undefined) return file.split('\n', 1)[0]?.trim() ?? '';
  const { io } = context;
  if (!io.interactive) return (await io.firstLine()) ?? '';
  const { user, target } = request.statement;
  return io.ask(`Your code to approve ${request.id} for ${user} on ${target}: `, { hidden: true });
}

/** Nobody is to believe that something is remembered when it is not. */
function refuseGrant(context: VerbContext, { id, statement }: ApprovalRequest): void {
  if (!flag(context, 'grant') || statement.grant !== undefined) return;
  throw new HeldlineError(
    'approve.grant',
    `an approval of ${id} cannot be remembered; its rules or its text forbid it`,
    {
      kind: 'usage',
      hint: 'Approve it without --grant.',
    },
  );
}

function refuseDecided(request: ApprovalRequest): void {
  if (request.state === 'pending') return;
  throw new HeldlineError('request.decided', `${request.id} is ${request.state} already`, { kind: 'conflict' });
}

function rowOf(request: ApprovalRequest, now: number): string[] {
  const { user, login, target, command, expiresAt } = request.statement;
  const left = request.state === 'pending' ? formatCountdown(expiresAt - now) : '-';
  return [request.id, request.state, left, user, `${login}@${target}`, visibleShort(command, 60)];
}
