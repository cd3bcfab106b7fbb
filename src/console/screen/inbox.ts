/** Runs the approver's inbox: keeps it current, carries out what is decided there, rings for what is new. */
import { noteSeen } from '../../approval/note-seen.ts';
import type { VoteOutcome } from '../../approval/vote.ts';
import { visible } from '../../base/visible.ts';
import type { Principal } from '../../model/principal.ts';
import { findRecording } from '../../recording/catalogue.ts';
import { mayRead } from '../session-view.ts';
import type { VerbContext } from '../verb.ts';
import { watchSession } from '../verbs/session-watch.ts';
import { voteRefusal } from '../vote-refusal.ts';
import { InboxPage } from './inbox-page.ts';
import type { InboxResult } from './inbox-result.ts';
import { pageNotice } from './page-notice.ts';
import type { ScreenVisit } from './screen-visit.ts';
import { type WaitingRequest, waitingRequests } from './waiting-request.ts';

/** Until the person has seen enough. @returns false when they are gone or pressed Ctrl-C */
export async function showInbox(context: VerbContext, principal: Principal, visit: ScreenVisit): Promise<boolean> {
  const { desk, lockdown, breakGlasses, clock } = context.services;
  const { user, roles } = principal;
  const onSeen = ({ request }: WaitingRequest): void => {
    noteSeen(context.services.audit, request, principal, 'console').catch(() => {
      page.say('That you saw it could not be written down.');
    });
  };
  const page: InboxPage = new InboxPage({ user, roles, notice: null, now: () => clock.now(), onSeen });
  const refresh = refresher(context, principal, page, visit);
  page.update(await waitingRequests(context, principal), await pageNotice(context.services, principal));
  const stops = [desk.onChange(refresh), lockdown.onChange(refresh), breakGlasses.onChange(refresh)];
  try {
    for (;;) {
      const result = await visit.show(page);
      if (result === null) return false;
      if (result.kind === 'quit') return true;
      page.say(await carryOut(context, principal, result, visit));
      page.update(await waitingRequests(context, principal), await pageNotice(context.services, principal));
    }
  } finally {
    for (const stop of stops) stop();
  }
}

function refresher(context: VerbContext, principal: Principal, page: InboxPage, visit: ScreenVisit): () => void {
  const refresh = async (): Promise<void> => {
    const waiting = await waitingRequests(context, principal);
    const isNew = page.update(waiting, await pageNotice(context.services, principal));
    if (isNew && page.sound) await visit.ring();
  };
  return () => {
    refresh()
      .catch(() => page.say('The list could not be read; it may be old.'))
      .finally(() => visit.redraw());
  };
}

async function carryOut(
  context: VerbContext,
  principal: Principal,
  result: Exclude<InboxResult, { kind: 'quit' }>,
  visit: ScreenVisit,
): Promise<string> {
  switch (result.kind) {
    case 'approve':
      return vote(context, principal, result.waiting, { ...result, verdict: 'approve', reason: null });
    case 'deny': {
      const reason = result.reason === '' ? null : result.reason;
      return vote(context, principal, result.waiting, { verdict: 'deny', code: null, reason, grant: false });
    }
    case 'watch':
      return watch(context, principal, result.waiting, visit);
  }
}

interface Choice {
  readonly verdict: 'approve' | 'deny';
  readonly code: string | null;
  readonly reason: string | null;
  readonly grant: boolean;
}

async function vote(
  { services }: VerbContext,
  voter: Principal,
  { request }: WaitingRequest,
  { verdict, code, reason, grant }: Choice,
): Promise<string> {
  const { uid, policyHash } = request.statement;
  const outcome = await services.desk.vote({
    uid,
    voter,
    digest: request.digest,
    policyHash,
    door: 'console',
    verdict,
    code,
    reason,
    grant,
  });
  return `${request.id}: ${outcomeWords(outcome, request)}`;
}

function outcomeWords(outcome: VoteOutcome, request: WaitingRequest['request']): string {
  const { kind } = outcome;
  if (kind === 'counted') return 'approved by you; others are still needed.';
  if (kind === 'approved' || kind === 'denied' || kind === 'cancelled') return `${kind}.`;
  return voteRefusal(outcome, request).message;
}

async function watch(
  context: VerbContext,
  principal: Principal,
  { request }: WaitingRequest,
  visit: ScreenVisit,
): Promise<string> {
  const { services } = context;
  const session = services.live.find(request.statement.session);
  const found = await findRecording(services.recordings, request.statement.session);
  if (session === undefined || found.kind !== 'found') return `${request.id}: there is no live session to watch.`;
  const mayKill = mayRead(context, session.record.user);
  await visit.suspend(() => watchSession(context, session, found.entry.files, mayKill));
  return `You watched ${visible(session.record.user)} on ${visible(session.record.target)}, as ${principal.user}.`;
}
