/** `stats`: how long people wait for approvals, what becomes of them, and which rules and approvers stand out. */
import { readAudit } from '../../audit/read.ts';
import { formatDuration } from '../../base/duration.ts';
import { ApprovalCounter, type ApprovalStats } from '../approval-stats.ts';
import { BreakGlassCounter, type BreakGlassStats } from '../break-glass-stats.ts';
import { columns } from '../columns.ts';
import { HABIT_SPAN, HabitCounter, type Unusual } from '../habit-stats.ts';
import { parseMoment } from '../moment.ts';
import type { EvidenceServices } from '../services.ts';
import { type EvidenceVerb, EXIT, type VerbContext } from '../verb.ts';
import { printJson, text } from '../verb-values.ts';
import { WaitingCounter, type WaitingGroup, type WaitingStats } from '../waiting-stats.ts';

type EvidenceContext = VerbContext<EvidenceServices>;

export const stats: EvidenceVerb = {
  spec: {
    path: ['stats'],
    summary: 'waiting times by team and hour, shares, rules held most, approvals given in a hurry, unusual days',
    arguments: [],
    options: [
      { name: 'since', value: 'T', help: 'from then on: 7d, yesterday, 2026-11-20 (default 28d)' },
      { name: 'until', value: 'T', help: 'up to then' },
    ],
    examples: ['stats', 'stats --since 7d --json'],
    audience: 'auditor',
  },
  run: async (context) => {
    const { services, io } = context;
    const now = services.clock.now();
    const since = parseMoment(text(context, 'since') ?? '28d', now);
    const until = text(context, 'until');
    const range = until === undefined ? { since } : { since, until: parseMoment(until, now) };
    const counter = new ApprovalCounter();
    const glasses = new BreakGlassCounter();
    const waiting = new WaitingCounter();
    const types = ['approval.*', 'command.auto_approved', 'breakglass.*', 'session.started'];
    for await (const entry of readAudit(services.auditDirectory, { ...range, types })) {
      if (entry.kind === 'event') {
        counter.take(entry.event);
        glasses.take(entry.event);
        waiting.take(entry.event);
      } else io.err(`heldline: line ${entry.line} of ${entry.file} is damaged\n`);
    }
    const result = counter.result();
    const broken = glasses.result(now);
    const end = range.until ?? now;
    const unusual = await unusualUntil(context, end);
    const more = moreJson(waiting.result(), unusual);
    if (io.json) printJson(io, { ...jsonOf(result, since, end), ...more, break_glass: broken });
    else io.out(`${textOf(result)}${breakGlassLine(broken)}${waitingText(waiting.result())}${unusualText(unusual)}`);
    return EXIT.done;
  },
};

/** What was unusual in the day before `until`, whatever range is asked for otherwise. */
async function unusualUntil({ services }: EvidenceContext, until: number): Promise<readonly Unusual[]> {
  const counter = new HabitCounter(until);
  const range = { since: until - HABIT_SPAN, until: until + 1, types: ['session.started', 'approval.requested'] };
  for await (const entry of readAudit(services.auditDirectory, range)) {
    if (entry.kind === 'event') counter.take(entry.event);
  }
  return counter.result();
}

function moreJson({ roles, hours }: WaitingStats, unusual: readonly Unusual[]): Readonly<Record<string, unknown>> {
  return {
    roles: roles.map(({ role, held, wait }) => ({ role, held, wait_ms: wait })),
    hours: hours.map(({ hour, held, wait }) => ({ hour, held, wait_ms: wait })),
    unusual,
  };
}

function waitingText({ roles, hours }: WaitingStats): string {
  const row = (name: string, { held, wait }: WaitingGroup): string[] => [name, String(held), ...spreadText(wait)];
  const roleRows = roles.map((one) => row(one.role, one));
  const hourRows = hours.map((one) => row(`${String(one.hour).padStart(2, '0')}:00`, one));
  if (roleRows.length === 0) return '';
  const byRole = columns(['ROLE', 'HELD', 'P50', 'P95'], roleRows);
  return `\n${byRole}\n${columns(['UTC', 'HELD', 'P50', 'P95'], hourRows)}`;
}

function spreadText(wait: WaitingGroup['wait']): string[] {
  return wait === null ? ['-', '-'] : [formatDuration(wait.p50), formatDuration(wait.p95)];
}

function unusualText(unusual: readonly Unusual[]): string {
  if (unusual.length === 0) return '';
  const rows = unusual.map(({ user, what, value, usual }) => [
    user,
    what === 'hour'
      ? `active at ${String(value).padStart(2, '0')}:00 UTC, as never in four weeks`
      : `${value} held, ${usual ?? 0} on the busiest day in four weeks`,
  ]);
  return `\n${columns(['USER', 'UNUSUAL IN THE LAST DAY'], rows)}`;
}

function jsonOf(result: ApprovalStats, since: number, until: number): Readonly<Record<string, unknown>> {
  const { requests, auto, endings, open, wait, rules, approvers } = result;
  return {
    since: new Date(since).toISOString(),
    until: new Date(until).toISOString(),
    requests,
    auto,
    ...endings,
    open,
    shares: shares(result),
    wait_ms: wait,
    rules,
    approvers: approvers.map(({ approver, approvals, hasty }) => ({ approver, approvals, under_5s: hasty })),
  };
}

/** Of everything that a rule flagged; 0 to 1, with three digits. */
function shares({ requests, auto, endings }: ApprovalStats): Readonly<Record<string, number>> {
  const all = Math.max(1, requests + auto);
  const share = (count: number): number => Math.round((count / all) * 1000) / 1000;
  const { approved, denied, expired } = endings;
  return { approved: share(approved), denied: share(denied), expired: share(expired), auto: share(auto) };
}

function textOf(result: ApprovalStats): string {
  const { requests, auto, endings, open, wait, rules, approvers } = result;
  const percent = shares(result);
  const rows = [
    ['held', String(requests), ''],
    ...Object.entries({ ...endings, auto }).map(([name, count]) => [name, String(count), percentText(percent[name])]),
    ['open', String(open), ''],
  ];
  const waiting = wait === null ? '-' : `p50 ${formatDuration(wait.p50)}, p95 ${formatDuration(wait.p95)}`;
  const ruleRows = rules.map(({ rule, held }) => [rule, String(held)]);
  const people = approvers.map(({ approver, approvals, hasty }) => [approver, String(approvals), String(hasty)]);
  return [
    columns(['', 'COUNT', 'SHARE'], rows),
    `\nWaiting for a decision: ${waiting}\n`,
    ruleRows.length === 0 ? '' : `\n${columns(['RULE', 'HELD'], ruleRows)}`,
    people.length === 0 ? '' : `\n${columns(['APPROVER', 'APPROVALS', 'UNDER 5 S'], people)}`,
  ].join('');
}

/** Empty when nobody broke the glass. */
function breakGlassLine({ started, passed, unreviewed, overdue }: BreakGlassStats): string {
  if (started === 0) return '';
  return `\nBreak-glass: ${started} times, ${passed} commands; ${unreviewed} not reviewed, ${overdue} of them overdue\n`;
}

function percentText(share: number | undefined): string {
  return share === undefined ? '' : `${Math.round(share * 1000) / 10} %`;
}
