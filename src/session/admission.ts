/** Whether a channel may be opened on the target at all: commands and transfers are judged before anything is. */
import type { Decision } from '../model/decision.ts';
import { Clearance } from './clearance.ts';
import type { Judge } from './judge.ts';
import { decodeUtf8 } from './line-splitter.ts';
import type { ReleasedCommand } from './outcome/running-commands.ts';
import type { ChannelRequest, TargetOpening } from './ports.ts';
import type { Submission, Submissions } from './submissions.ts';

export interface Admitted {
  readonly kind: 'admitted';
  readonly opening: TargetOpening;
  /** Clears the data that belongs to what was admitted; absent for a shell, whose input is judged line by line. */
  readonly clear: ((bytes: Uint8Array) => Clearance) | null;
  /** The command as text; null when it is not UTF-8 or there is none. */
  readonly command: string | null;
  /** What was held and let through; null when the policy let it pass by itself. */
  readonly released: ReleasedCommand | null;
}

export type AdmissionOutcome = Admitted | { readonly kind: 'refused'; readonly code: number };

/** Judges `request`, and waits for its approval if it is held. Never rejects for a reason of policy. */
export function admit(
  request: ChannelRequest,
  judge: Judge,
  submissions: Submissions,
  gone: AbortSignal,
): Promise<AdmissionOutcome> {
  switch (request.kind) {
    case 'shell':
      return Promise.resolve({ kind: 'admitted', opening: request, clear: null, command: null, released: null });
    case 'exec':
      return admitExec(request, judge, submissions, gone);
    case 'sftp':
      return admitSftp(request, judge, submissions, gone);
  }
}

async function admitExec(
  request: Extract<ChannelRequest, { kind: 'exec' }>,
  judge: Judge,
  submissions: Submissions,
  gone: AbortSignal,
): Promise<AdmissionOutcome> {
  const command = decodeUtf8(request.command);
  const shared = { text: command ?? '', context: 'exec', hidden: false } as const;
  const reason = 'the command is not valid UTF-8';
  const line =
    command === null
      ? ({ ...shared, confidence: 'opaque', reason } as const)
      : ({ ...shared, confidence: 'exact' } as const);
  const decideAgain = (): Promise<Decision> => judge.exec(command);
  const decision = await decideAgain();
  const outcome = await submissions.decide({ line, decision, bytes: request.command, decideAgain }, gone);
  if (outcome.kind === 'refused') return outcome;
  const opening = { ...request, command: outcome.clearance };
  return { kind: 'admitted', opening, clear: clearLike(outcome), command, released: outcome.released };
}

async function admitSftp(
  request: Extract<ChannelRequest, { kind: 'sftp' }>,
  judge: Judge,
  submissions: Submissions,
  gone: AbortSignal,
): Promise<AdmissionOutcome> {
  const decideAgain = (): Promise<Decision> => judge.channel({ request: 'sftp' });
  const line = { text: 'sftp', context: 'exec', hidden: false, confidence: 'exact' } as const;
  const decision = await decideAgain();
  const outcome = await submissions.decide({ line, decision, bytes: new Uint8Array(0), decideAgain }, gone);
  if (outcome.kind === 'refused') return outcome;
  return { kind: 'admitted', opening: request, clear: clearLike(outcome), command: null, released: outcome.released };
}

/** More data on the same basis as the clearance of the command itself. */
function clearLike({ clearance }: Extract<Submission, { kind: 'cleared' }>): (bytes: Uint8Array) => Clearance {
  const { basis } = clearance;
  switch (basis.kind) {
    case 'edit':
      throw new TypeError('a command is never cleared as an edit');
    case 'allowed':
      return (bytes) => Clearance.forAllowed(bytes, basis.decision);
    case 'granted':
      return (bytes) => Clearance.forGrant(bytes, basis.grant);
  }
}
