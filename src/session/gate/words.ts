/** What the gate says to the user: one place for the wording, so that it is the same each time. */
import { needInWords, whoInWords } from '../../approval/request-view.ts';
import { MOST_MESSAGES, MOST_REMINDERS, REMINDER_REST } from '../../approval/requester-says.ts';
import { formatDuration } from '../../base/duration.ts';
import { HeldlineError } from '../../base/heldline-error.ts';
import { visible, visibleShort } from '../../base/visible.ts';
import type { ApprovalRequest, Vote } from '../../model/approval-request.ts';
import type { CommandLine } from '../../model/command-line.ts';
import type { Decision } from '../../model/decision.ts';
import type { Requirement, Stage } from '../../model/requirement.ts';
import type { Presence } from '../ports.ts';

const LONGEST = 300;

/** After a valid code was typed where no panel of ours asked for it. */
export const STRAY_CODE_WORDS: string =
  'heldline: that was a valid one-time code, and nothing of ours asked for it. It is used up and was not sent. A panel of ours shows your phrase.';

/** While the user's address is another one than they signed in from, and the policy freezes approvals then. */
export const MOVED_WORDS = 'Your address changed: nothing is released before you run mosh again from here.';

/** After those who are asked were told again. @param times including this one */
export function remindedWords(times: number): string {
  return `Reminder ${times} of ${MOST_REMINDERS} went out; the next one can follow in ${formatDuration(REMINDER_REST)}.`;
}

/** After a message went to those who are asked. @param sent including this one */
export function messageWords(sent: number): string {
  return `Message ${sent} of ${MOST_MESSAGES} went to those who are asked.`;
}

/** Why an approved line is not released when the user is not surely there. */
export function absenceWords(presence: Exclude<Presence, 'attached'>): string {
  return presence === 'moved' ? 'the address changed and nobody signed in from there' : 'nobody was at the terminal';
}

/** To keys for a full-screen program in strict line mode that nobody approved. */
export const FULL_SCREEN_WORDS: string =
  'heldline: strict line mode: this full-screen program was not approved, so it gets no keys. Ctrl-C or Ctrl-Z leaves it.';

/** To lines beyond those that may wait for a prompt in strict line mode. */
export const TOO_MANY_LINES_WORDS: string =
  'heldline: strict line mode: too many lines wait for a prompt, so the rest was dropped. Ctrl-C drops them all.';

/** Who said yes, in the order in which they did. */
export function approversOf(request: ApprovalRequest): string[] {
  return approvals(request).map((vote) => vote.approver);
}

/** For markers: the approvers, or what it passes by. */
export function approvedBy(request: ApprovalRequest): string {
  return passedBy(request) ?? approversOf(request).join(', ');
}

/** `by grant 7KQ2`, `by break-glass 7KQ2`; null when people were asked. */
export function passedBy({ byGrant, byBreakGlass }: ApprovalRequest): string | null {
  if (byBreakGlass !== undefined) {
    const lifted = byBreakGlass.lifts.length === 0 ? '' : `, which lifts ${byBreakGlass.lifts.join(', ')}`;
    return `by break-glass ${byBreakGlass.id}${lifted}`;
  }
  return byGrant === undefined ? null : `by grant ${byGrant.id}`;
}

/** `heldline: 7KQ2 approved by bob after 14 s. Running once.` */
export function approvedWords(request: ApprovalRequest, user: string): string {
  const passed = passedBy(request);
  if (passed !== null) return `heldline: ${request.id} passes ${passed}. Running once.`;
  const names = approvals(request).map((vote) => approverWords(vote, user));
  const last = Math.max(...approvals(request).map((vote) => vote.at));
  const others = approversOf(request).some((name) => name !== user);
  const after = others ? ` after ${formatDuration(last - request.createdAt)}` : '';
  return `heldline: ${request.id} approved by ${names.join(', ')}${after}. Running once.`;
}

/** `alice (own code)`, `bob`, `carol (security key)` */
function approverWords({ approver, factor }: Vote, user: string): string {
  const own = approver === user ? 'own ' : '';
  if (factor === 'signature') return `${approver} (${own}signature)`;
  if (factor === 'sk-signature') return `${approver} (${own}security key)`;
  return own === '' ? approver : `${approver} (own code)`;
}

/** The verdict on a line that is not released. @param why what ended it, when no vote and no clock did */
export function endedWords(request: ApprovalRequest, target: string, why: string | null): string {
  return `heldline: ${request.id} ${ending(request, why)}. ${nothingSent(target)}`;
}

/** The answer to a line that a rule forbids. */
export function blockedWords(decision: Decision, target: string): string {
  const rule = visible(decision.rule ?? 'default');
  return `heldline: blocked by rule ${rule}: ${sentence(decision.why)} ${nothingSent(target)}`;
}

/** The answer to typed text that the target did not show and that a rule speaks of. */
export function hiddenWords(decision: Decision, target: string): string {
  const rule = visible(decision.rule ?? 'default');
  return `heldline: blocked by rule ${rule}: hidden input matches a rule. ${nothingSent(target)}`;
}

/** The answer to a line that nobody can approve. @param obstacle why it cannot be typed again as approved */
export function unapprovableWords(decision: Decision, line: CommandLine, obstacle: string, target: string): string {
  const unreadable = line.confidence === 'opaque';
  const rule = visible(decision.rule ?? (unreadable ? 'meta.opaque' : 'default'));
  const because = visibleShort(obstacle, LONGEST);
  const what = unreadable
    ? `this line could not be read with certainty (${because}), so it is treated as dangerous.`
    : `this line needs approval, and it cannot be approved as it stands: ${because}.`;
  return `heldline: blocked by rule ${rule}: ${what} Type it out on one line. ${nothingSent(target)}`;
}

/** The answer to a line that may not be submitted whatever the policy says, or that the target shows otherwise. */
export function differsWords(why: string): string {
  return `heldline: this line was not run: ${visibleShort(why, LONGEST)}. It was cleared.`;
}

/** The answer to a line that the gate could not judge at all, or that nobody may be asked about. */
export function failedWords(failure: unknown, target: string): string {
  const known = failure instanceof HeldlineError && failure.kind === 'not-allowed';
  const what = known ? sentence(failure.message) : `${voidedWords(failure)}, so the line was dropped.`;
  return `heldline: ${what} ${nothingSent(target)}`;
}

/** `high, rm-recursive` */
export function labelOf(decision: Decision): string {
  return [decision.severity, decision.rule ?? decision.ids[0]].filter((part) => part != null).join(', ');
}

/** What the line does, and whom it needs besides the user. */
export function whyOf(decision: Decision, requirement: Requirement): string {
  const others = othersAsked(requirement, (stage) => `${stage.count === 1 ? 'one of ' : ''}${needInWords(stage)}`);
  return others === '' ? decision.why : `${sentence(decision.why)} Needs ${others}.`;
}

/** The people other than the user whose approval is asked for. */
function othersAsked({ stages }: Requirement, inWords: (stage: Stage) => string): string {
  const others = stages.filter(({ who, onlyIf }) => who !== 'requester' && onlyIf !== 'escalated');
  return others.map(inWords).join(' and ');
}

/** `one of role sre`, `2 of user ana or bob` */
function peopleInWords({ who, count }: Stage): string {
  return `${count === 1 ? 'one' : String(count)} of ${whoInWords(who)}`;
}

/** Whether the user is asked for their own code, or null when they are not asked at all. */
export function ownProof({ stages }: Requirement): 'code' | 'signature' | null {
  const own = stages.filter(({ who }) => who === 'requester');
  if (own.length === 0) return null;
  return own.some(({ factors }) => factors.includes('totp')) ? 'code' : 'signature';
}

/** Whom the panel waits for: the user's own signature, and others. */
export function waitedFor({ requirement, votes, id }: ApprovalRequest, user: string): string {
  const given = votes.some(({ approver, verdict }) => approver === user && verdict === 'approve');
  const own = ownProof(requirement) === 'signature' && !given ? [`your signature (approve ${id} --sign)`] : [];
  const others = othersAsked(requirement, peopleInWords);
  return [...own, ...(others === '' ? [] : [others])].join(' and ');
}

function ending(request: ApprovalRequest, why: string | null): string {
  const denial = request.votes.find((vote) => vote.verdict === 'deny');
  if (request.state === 'denied' && denial !== undefined) return `denied by ${denial.approver}${quoted(denial)}`;
  if (request.state === 'expired') {
    return `expired after ${formatDuration(request.statement.expiresAt - request.createdAt)} without a decision`;
  }
  const because = why === null ? '' : `: ${visibleShort(why, LONGEST)}`;
  return request.state === 'denied' ? `denied by heldline${because}` : `cancelled${because}`;
}

function quoted(vote: Vote): string {
  return vote.reason === undefined || vote.reason === '' ? '' : `: "${visibleShort(vote.reason, LONGEST)}"`;
}

function approvals(request: ApprovalRequest): Vote[] {
  return request.votes.filter((vote) => vote.verdict === 'approve');
}

function sentence(text: string): string {
  const shown = visibleShort(text.trim(), LONGEST);
  return /[.!?]$/.test(shown) ? shown : `${shown}.`;
}

function nothingSent(target: string): string {
  return `Nothing was sent to ${target}.`;
}

/** Why an approved line was not released, for the verdict; inner failures are for the log only. */
export function voidedWords(failure: unknown): string {
  if (!(failure instanceof HeldlineError)) return 'something failed on the way';
  switch (failure.code) {
    case 'release.voided':
    case 'breakglass.ended':
    case 'gate.cancelled':
      return failure.message;
    case 'deadline':
      return 'it took too long';
    default:
      return 'something failed on the way';
  }
}
