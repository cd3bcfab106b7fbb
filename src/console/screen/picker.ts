/** Plain `ssh bastion` in a terminal: the target picker and where it leads. */
import { describeFailure, HeldlineError } from '../../base/heldline-error.ts';
import { visible } from '../../base/visible.ts';
import type { Principal } from '../../model/principal.ts';
import { showFailure } from '../run-verb.ts';
import type { VerbCall, VerbContext } from '../verb.ts';
import { accessRequest } from '../verbs/access.ts';
import { playFiles } from '../verbs/session-play.ts';
import { HistoryPage } from './history-page.ts';
import { showInbox } from './inbox.ts';
import { pageNotice } from './page-notice.ts';
import { type PickerFacts, PickerPage, type PickerResult } from './picker-page.ts';
import { recentSessions } from './recent-sessions.ts';
import type { ScreenVisit } from './screen-visit.ts';
import { type WaitingRequest, waitingRequests } from './waiting-request.ts';

/** Where somebody wants to go. */
export interface PickedTarget {
  readonly target: string;
  readonly login: string;
}

/** Until the person has chosen a target, or has seen enough: null. */
export async function showPicker(
  context: VerbContext,
  principal: Principal,
  visit: ScreenVisit,
): Promise<PickedTarget | null> {
  const { desk, lockdown, breakGlasses, grants } = context.services;
  const page = new PickerPage(await pickerFacts(context, principal));
  const refresh = (): void => {
    pickerFacts(context, principal)
      .then((facts) => {
        if (page.update(facts)) return visit.ring();
        return undefined;
      })
      .catch((failure: unknown) => context.io.err(`heldline: ${visible(describeFailure(failure))}\n`))
      .finally(() => visit.redraw());
  };
  const sources = [desk, lockdown, breakGlasses, grants];
  const stops = sources.map((source) => source.onChange(refresh));
  try {
    for (;;) {
      const result = await visit.show(page);
      if (result === null || result.kind === 'quit') return null;
      if (result.kind === 'connect') return { target: result.target, login: result.login };
      if (!(await follow(context, principal, result, visit))) return null;
      page.update(await pickerFacts(context, principal));
    }
  } finally {
    for (const stop of stops) stop();
  }
}

async function pickerFacts(context: VerbContext, { user, ...principal }: Principal): Promise<PickerFacts> {
  const { services } = context;
  const now = services.clock.now();
  const [targets, sessions, waiting, notice] = await Promise.all([
    services.accessControl.visibleTo(user),
    recentSessions(services.recordings, user, now),
    waitingRequests(context, { user, ...principal }),
    pageNotice(services, { user, ...principal }),
  ]);
  const lastUsed = new Map<string, number>();
  for (const { meta } of sessions) {
    lastUsed.set(meta.target, Math.max(lastUsed.get(meta.target) ?? 0, Date.parse(meta.startedAt)));
  }
  return {
    user,
    targets,
    lastUsed,
    waiting: waiting.map(waitingLine),
    notice,
    now,
  };
}

function waitingLine({ request: { id, statement } }: WaitingRequest): string {
  return `${id} ${statement.user} ${statement.login}@${statement.target}: ${statement.command}`;
}

/** @returns false when the person is gone */
async function follow(
  context: VerbContext,
  principal: Principal,
  result: Exclude<PickerResult, { kind: 'quit' | 'connect' }>,
  visit: ScreenVisit,
): Promise<boolean> {
  switch (result.kind) {
    case 'approvals':
      return showInbox(context, principal, visit);
    case 'history':
      return showHistory(context, principal, visit);
    case 'ask-access':
      return visit.suspend(() => askForAccess(context, result.target, result.login));
  }
}

async function showHistory(context: VerbContext, { user }: Principal, visit: ScreenVisit): Promise<boolean> {
  const { recordings, clock } = context.services;
  const page = new HistoryPage(user, await recentSessions(recordings, user, clock.now()));
  for (;;) {
    const result = await visit.show(page);
    if (result === null) return false;
    if (result.kind === 'back') return true;
    await visit.suspend(() => playFiles(withCall(context, { arguments: [], options: {} }), result.files));
  }
}

async function askForAccess(context: VerbContext, target: string, login: string | null): Promise<boolean> {
  const { io } = context;
  io.out(`heldline: you have no access to ${visible(target)} now.\n`);
  const duration = await io.ask('For how long (30m, 1h)? Esc gives up: ');
  if (duration === null) return !io.cancelled.aborted;
  const reason = await io.ask('Why do you need it? ');
  if (reason === null) return !io.cancelled.aborted;
  const options = { for: duration.trim(), ...(reason.trim() === '' ? {} : { reason }) };
  const call = { arguments: [target], options: login === null ? options : { ...options, as: login } };
  try {
    await accessRequest.run(withCall(context, call));
  } catch (failure) {
    if (!(failure instanceof HeldlineError)) throw failure;
    showFailure(failure, io);
  }
  if (io.cancelled.aborted) return false;
  await io.ask('Enter goes back. ');
  return true;
}

function withCall(context: VerbContext, call: VerbCall): VerbContext {
  return { ...context, call };
}
