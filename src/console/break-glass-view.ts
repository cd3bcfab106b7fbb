/** A break-glass as scripts and people see it, and who may see it. */
import { mayReview } from '../approval/break-glass-people.ts';
import type { BreakGlass } from '../approval/break-glass-ports.ts';
import { formatDuration } from '../base/duration.ts';
import { visible } from '../base/visible.ts';
import { AUDITOR } from '../model/roles.ts';
import type { VerbContext } from './verb.ts';

type Asker = Pick<VerbContext, 'caller'>;

/** Whoever it is of, whoever may review it, and the local command line. */
export function maySee({ caller }: Asker, one: BreakGlass): boolean {
  if (caller.kind === 'local') return true;
  const { user, roles } = caller.principal;
  return user === one.user || mayReview({ roles }, one);
}

/** Whoever it is of, auditors, and the local command line. */
export function mayEnd({ caller }: Asker, one: BreakGlass): boolean {
  return caller.kind === 'local' || caller.principal.user === one.user || caller.principal.roles.includes(AUDITOR);
}

/** Members for scripts, without `v`. */
export function breakGlassJson(one: BreakGlass): Readonly<Record<string, unknown>> {
  const { id, uid, user, reason, state, uses, commands, ending, policyHash, review } = one;
  return {
    id,
    uid,
    user,
    reason,
    state,
    from: time(one.from),
    until: time(one.until),
    ended_at: one.endedAt === null ? null : time(one.endedAt),
    ending,
    uses,
    commands: commands.map(({ at, ...use }) => ({ ...use, at: time(at) })),
    review_by: time(one.reviewBy),
    review: review === null ? null : { ...review, at: time(review.at) },
    policy_hash: policyHash,
  };
}

/** `open, 12 min left`, `reviewed by bob`, `to be reviewed within 3 h`, `REVIEW OVERDUE` @param now ms since the epoch */
export function standing({ state, until, reviewBy, review }: BreakGlass, now: number): string {
  if (state === 'open') return `open, ${formatDuration(Math.max(0, until - now))} left`;
  if (review !== null) return `reviewed by ${review.by}`;
  return now >= reviewBy ? 'REVIEW OVERDUE' : `to be reviewed within ${formatDuration(reviewBy - now)}`;
}

/** Lines for a terminal: whose and why, then every command that passed. */
export function breakGlassText(one: BreakGlass, now: number): string {
  const { id, user, reason, from, until, endedAt, ending, uses, commands, review } = one;
  const rows: readonly (readonly [string, string])[] = [
    ['Id', `${id}   ${standing(one, now)}`],
    ['Who', user],
    ['Why', reason],
    ['From', time(from)],
    ['To', endedAt === null ? time(until) : `${time(endedAt)} (${ending ?? ''})`],
    ['Passed', String(uses)],
    ...commands.map((use): [string, string] => [
      '',
      `${time(use.at)} ${use.id} ${use.login}@${use.target}: ${use.command} (rule ${use.rule ?? 'default'}, session ${use.session})`,
    ]),
    ...(uses > commands.length ? [['', `and ${uses - commands.length} more; see the audit log`] as const] : []),
    ...(review === null ? [] : [['Review', `${review.by}, ${time(review.at)}: ${review.note ?? '-'}`] as const]),
  ];
  return rows.map(([name, value]) => `${name.padEnd(9)}${visible(value)}\n`).join('');
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
