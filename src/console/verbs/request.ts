/** Held commands: `requests`, `requests show`, `approve`, `deny`. */

import { noteSeen } from '../../approval/note-seen.ts';
import type { HeldRequest } from '../../approval/ports.ts';
import { requestView } from '../../approval/request-view.ts';
import type { VoteOutcome } from '../../approval/vote.ts';
import { formatCountdown } from '../../base/duration.ts';
import { HeldlineError } from '../../base/heldline-error.ts';
import { visibleShort } from '../../base/visible.ts';
import type { ApprovalRequest } from '../../model/approval-request.ts';
import type { Principal } from '../../model/principal.ts';
import { refuseUnlessCodesDo, signatureOf, statementFor, wantsToSign } from '../approval-signature.ts';
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
    options: [
      { name: 'trace', help: 'every step with its time, from the audit log, and the policy' },
      { name: 'to-sign', help: 'only the bytes that you sign to approve it, for ssh-keygen -Y sign' },
      { name: 'grant', help: 'with --to-sign: to approve it and have it remembered' },
      AS,
    ],
    examples: ['requests show 7KQ2', 'requests show 7KQ2 --trace', 'requests show 7KQ2 --to-sign > statement'],
    audience: 'everybody',
  },
  async run(context) {
    if (flag(context, 'trace')) return showTrace(context);
    const request = await namedRequest(context);
    refuseGrantAlone(context);
    if (flag(context, 'to-sign')) context.io.out(await textToSign(context, request));
    else if (context.io.json) context.io.out(`${JSON.stringify(requestView(request))}\n`);
    else context.io.out(statementText(request, context.services.clock.now()));
    return EXIT.done;
  },
};

export const approve: Verb = {
  spec: {
    path: ['approve'],
    summary: 'approve a held command with your own one-time code, or by signing it',
    arguments: [ID],
    options: [
      { name: 'digest', value: 'D', help: 'digest of the request, at least 16 hex digits; needed without a terminal' },
      { name: 'code-file', value: 'F', file: 'line', help: 'file with your code, "-" for standard input' },
      { name: 'grant', help: 'remember it for what the statement says under Grant' },
      { name: 'sign', help: 'sign with an SSH key, or a security key (FIDO2), in place of a code' },
      { name: 'key-file', value: 'F', signs: true, help: 'the key that signs; local command line only' },
      {
        name: 'signature-file',
        value: 'F',
        file: 'text',
        help: 'signature of "requests show ID --to-sign", "-" for standard input',
      },
      REASON,
      AS,
    ],
    examples: [
      'approve 7KQ2',
      'approve 7KQ2 --grant',
      'approve 7KQ2 --digest 9f86d081884c7d65 --code-file - < code',
      'approve 7KQ2 --sign',
      'approve 7KQ2 --sign --grant',
      'approve 7KQ2 --digest 9f86d081884c7d65 --signature-file - < statement.sig',
    ],
    audience: 'everybody',
  },
  async run(context) {
    const request = await namedRequest(context);
    refuseDecided(request);
    refuseGrant(context, request);
    context.io.err(statementText(request, context.services.clock.now()));
    markSeen(context, request);
    const digest = digestShown(context, request);
    return wantsToSign(context)
      ? approveBySignature(context, request, digest)
      : approveByCode(context, request, digest);
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

function refuseGrantAlone(context: VerbContext): void {
  if (!flag(context, 'grant') || flag(context, 'to-sign')) return;
  throw new HeldlineError('usage', '--grant goes with --to-sign; to approve: approve ID --grant', { kind: 'usage' });
}

/** @throws HeldlineError as `refuseGrant` and `statementFor` */
async function textToSign(context: VerbContext, request: HeldRequest): Promise<string> {
  refuseGrant(context, request);
  return statementFor(context, request);
}

/** Nobody waits for it, and nothing depends on it. */
function markSeen({ caller, io, services }: VerbContext, request: HeldRequest): void {
  if (caller.kind !== 'person') return;
  noteSeen(services.audit, request, caller.principal, 'ssh').catch(() => {
    io.err('heldline: that you saw it could not be written down\n');
  });
}

async function approveByCode(context: VerbContext, request: HeldRequest, digest: string): Promise<number> {
  refuseUnlessCodesDo(context, request);
  const code = await codeFor(context, request);
  if (code === null) return EXIT.interrupted;
  const voter = await voterOf(context, { request, code });
  return vote(context, { request, voter, verdict: 'approve', digest, code });
}

async function approveBySignature(context: VerbContext, request: HeldRequest, digest: string): Promise<number> {
  const voter = await voterOf(context, { request, code: null });
  const signature = await signatureOf(context, request, voter);
  if (signature === null) return EXIT.interrupted;
  return vote(context, { request, voter, verdict: 'approve', digest, code: null, signature });
}

interface Ballot {
  readonly request: ApprovalRequest;
  readonly voter: Principal;
  readonly verdict: 'approve' | 'deny';
  readonly digest: string;
  readonly code: string | null;
  readonly signature?: string;
}

async function vote(context: VerbContext, ballot: Ballot): Promise<number> {
  const { request, ...rest } = ballot;
  const { uid, policyHash } = request.statement;
  const reason = text(context, 'reason') ?? null;
  const door = context.caller.kind === 'local' ? 'cli' : 'ssh';
  const grant = ballot.verdict === 'approve' && flag(context, 'grant');
  const outcome = await context.services.desk.vote({ ...rest, uid, policyHash, door, reason, grant });
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
  const { io } = context;
  if (file !== undefined && io.allInput === undefined) return file.split('\n', 1)[0]?.trim() ?? '';
  if (file !== undefined && file !== '-')
    throw new HeldlineError('usage', 'over ssh, a code comes on standard input: --code-file -', { kind: 'usage' });
  if (!io.interactive) return (await io.firstLine()) ?? '';
  const { user, target } = request.statement;
  return io.ask(`Your code to approve ${request.id} for ${user} on ${target}: `, { hidden: true });
}

/** Before anybody signs or types a code in vain. @throws HeldlineError `vote.grant-not-offered` */
function refuseGrant(context: VerbContext, request: ApprovalRequest): void {
  if (!flag(context, 'grant') || request.statement.grant !== undefined) return;
  throw voteRefusal({ kind: 'grant-not-offered' }, request);
}

function refuseDecided(request: ApprovalRequest): void {
  if (request.state === 'pending') return;
  throw new HeldlineError('request.decided', `${request.id} is ${request.state} already`, { kind: 'conflict' });
}

function rowOf(request: ApprovalRequest, now: number): string[] {
  const { user, login, target, command, expiresAt } = request.statement;
  const left = request.state === 'pending' ? formatCountdown(expiresAt - now) : '-';
  const urgency = request.state === 'pending' && request.urgency !== undefined ? ` (${request.urgency})` : '';
  return [request.id, `${request.state}${urgency}`, left, user, `${login}@${target}`, visibleShort(command, 60)];
}
