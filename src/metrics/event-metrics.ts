/**
 * Counts what the audit log says while this daemon runs: the log is the one place where everything passes, and what is
 * counted here can be found there. Knows nothing of what is waiting now.
 */
import type { AuditEvent } from '../model/audit-event.ts';
import { Histogram } from './histogram.ts';
import type { MetricFamily } from './metric-text.ts';

/** Seconds that people take to decide. */
const DECISION_BUCKETS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];
/** Seconds from an approval to the release. */
const RELEASE_BUCKETS = [0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 1, 2.5, 10];
/** Seconds under which an approval was hardly read. */
const HASTY = 5;
/** Requests that are remembered for their times; the oldest are forgotten beyond it. */
const MOST_OPEN = 10_000;

const ENDINGS = ['approved', 'denied', 'expired', 'cancelled', 'voided'] as const;

interface Times {
  readonly requested: number;
  readonly requester: string;
  approved: number | null;
}

export class EventMetrics {
  readonly #decision = new Histogram(DECISION_BUCKETS);
  readonly #release = new Histogram(RELEASE_BUCKETS);
  readonly #endings = new Map<string, number>(ENDINGS.map((ending) => [ending, 0]));
  readonly #rules = new Map<string, number>();
  readonly #counts = new Map<string, number>();
  readonly #open = new Map<string, Times>();
  #events = 0;
  #hasty = 0;

  /** Takes the events in order. */
  take(event: AuditEvent): void {
    this.#events += 1;
    this.#counts.set(event.type, (this.#counts.get(event.type) ?? 0) + 1);
    const uid = String(event.approval?.['uid'] ?? '');
    const at = Date.parse(event.time) / 1000;
    if (event.type === 'approval.requested') this.#requested(uid, at, event);
    if (event.type === 'approval.vote') this.#voted(uid, at, event);
    if (event.type === 'command.released') this.#released(uid, at);
    const ending = ENDINGS.find((one) => event.type === `approval.${one}`);
    if (ending !== undefined) this.#ended(uid, at, ending);
  }

  families(): readonly MetricFamily[] {
    return [
      counter('heldline_audit_events_total', 'Events in the audit log since the start.', this.#events),
      {
        name: 'heldline_requests_total',
        help: 'Held requests that ended, by how.',
        type: 'counter',
        samples: [...this.#endings].map(([outcome, value]) => ({ labels: { outcome }, value })),
      },
      {
        name: 'heldline_held_total',
        help: 'Requests that were held, by the rule of the policy.',
        type: 'counter',
        samples: [...this.#rules].map(([rule, value]) => ({ labels: { rule }, value })),
      },
      {
        name: 'heldline_hold_decision_seconds',
        help: 'From being asked to somebody deciding.',
        type: 'histogram',
        samples: this.#decision.samples(),
      },
      {
        name: 'heldline_release_latency_seconds',
        help: 'From the last approval to the release, as the audit log has them.',
        type: 'histogram',
        samples: this.#release.samples(),
      },
      counter('heldline_hasty_approvals_total', `Approvals of others given in under ${HASTY} seconds.`, this.#hasty),
      ...PLAIN.map(([name, help, type]) => counter(name, help, this.#counts.get(type) ?? 0)),
    ];
  }

  #requested(uid: string, at: number, event: AuditEvent): void {
    const requester = String(event.approval?.['requester'] ?? '');
    this.#open.set(uid, { requested: at, requester, approved: null });
    const [oldest] = this.#open.keys();
    if (this.#open.size > MOST_OPEN && oldest !== undefined) this.#open.delete(oldest);
    const rule = event.policy?.rule ?? 'default';
    this.#rules.set(rule, (this.#rules.get(rule) ?? 0) + 1);
  }

  #voted(uid: string, at: number, event: AuditEvent): void {
    const times = this.#open.get(uid);
    if (times === undefined || event.approval?.['verdict'] !== 'approve') return;
    if (event.actor?.user !== times.requester && at - times.requested < HASTY) this.#hasty += 1;
  }

  /** A request that was approved may still be voided: it counts as both. */
  #ended(uid: string, at: number, ending: (typeof ENDINGS)[number]): void {
    const times = this.#open.get(uid);
    if (times === undefined) return;
    this.#endings.set(ending, (this.#endings.get(ending) ?? 0) + 1);
    if (ending === 'approved' || ending === 'denied') this.#decision.observe(at - times.requested);
    if (ending === 'approved') times.approved = at;
    else this.#open.delete(uid);
  }

  #released(uid: string, at: number): void {
    const times = this.#open.get(uid);
    if (times?.approved != null) this.#release.observe(at - times.approved);
    this.#open.delete(uid);
  }
}

/** One event type each. */
const PLAIN: readonly (readonly [string, string, string])[] = [
  ['heldline_commands_total', 'Lines that were submitted.', 'command.submitted'],
  ['heldline_commands_blocked_total', 'Lines that were refused.', 'command.blocked'],
  ['heldline_commands_auto_approved_total', 'Lines that a rule let pass without asking.', 'command.auto_approved'],
  ['heldline_codes_rejected_total', 'Wrong one-time codes.', 'approval.code_rejected'],
  ['heldline_auth_failures_total', 'Sign-ins that failed.', 'auth.failure'],
  ['heldline_recorder_failures_total', 'Recordings that failed.', 'recording.failed'],
  ['heldline_not_released_total', 'Approvals that were spent without a release.', 'approval.consumed_not_released'],
];

function counter(name: string, help: string, value: number): MetricFamily {
  return { name, help, type: 'counter', samples: [{ value }] };
}
