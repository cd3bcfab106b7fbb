/** Counts what became of held commands, from the events of the audit log. Pure; knows no files. */
import type { AuditEvent } from '../model/audit-event.ts';
import { type Spread, spreadOf } from './spread.ts';

const ENDINGS = ['approved', 'denied', 'expired', 'cancelled', 'voided'] as const;
type Ending = (typeof ENDINGS)[number];

/** Approvals given sooner were hardly read, ms. */
const HASTY = 5000;
const TOP_RULES = 10;

export interface ApprovalStats {
  readonly requests: number;
  /** Let pass by a rule without asking. */
  readonly auto: number;
  readonly endings: Readonly<Record<Ending, number>>;
  readonly open: number;
  /** From being asked to somebody's yes or no, ms; null when nobody decided anything. */
  readonly wait: Spread | null;
  /** Most held first. */
  readonly rules: readonly { readonly rule: string; readonly held: number }[];
  /** Approvals of other people's requests, and how many of them came within five seconds. */
  readonly approvers: readonly { readonly approver: string; readonly approvals: number; readonly hasty: number }[];
}

interface Asked {
  readonly at: number;
  readonly requester: string;
  ending: Ending | null;
}

export class ApprovalCounter {
  readonly #asked = new Map<string, Asked>();
  readonly #rules = new Map<string, number>();
  readonly #waits: number[] = [];
  readonly #approvers = new Map<string, { approvals: number; hasty: number }>();
  #auto = 0;

  /** Takes the events in order. */
  take(event: AuditEvent): void {
    if (event.type === 'command.auto_approved') this.#auto += 1;
    if (event.type === 'approval.requested') this.#begin(event);
    if (event.type === 'approval.vote') this.#vote(event);
    const ending = ENDINGS.find((one) => event.type === `approval.${one}`);
    if (ending !== undefined) this.#end(event, ending);
  }

  result(): ApprovalStats {
    const all = [...this.#asked.values()];
    const count = (ending: Ending | null): number => all.filter((one) => one.ending === ending).length;
    const [approved, denied, expired, cancelled, voided] = [
      count('approved'),
      count('denied'),
      count('expired'),
      count('cancelled'),
      count('voided'),
    ];
    const rules = [...this.#rules].map(([rule, held]) => ({ rule, held })).sort((a, b) => b.held - a.held);
    const approvers = [...this.#approvers].map(([approver, counts]) => ({ approver, ...counts }));
    return {
      requests: all.length,
      auto: this.#auto,
      endings: { approved, denied, expired, cancelled, voided },
      open: count(null),
      wait: spreadOf(this.#waits),
      rules: rules.slice(0, TOP_RULES),
      approvers: approvers.sort((a, b) => b.hasty - a.hasty || b.approvals - a.approvals),
    };
  }

  #begin(event: AuditEvent): void {
    const requester = String(event.approval?.['requester'] ?? '');
    this.#asked.set(uidOf(event), { at: Date.parse(event.time), requester, ending: null });
    const rule = event.policy?.rule ?? 'default';
    this.#rules.set(rule, (this.#rules.get(rule) ?? 0) + 1);
  }

  #vote(event: AuditEvent): void {
    const asked = this.#asked.get(uidOf(event));
    const approver = event.actor?.user;
    if (asked === undefined || approver === undefined || approver === asked.requester) return;
    if (event.approval?.['verdict'] !== 'approve') return;
    const counts = this.#approvers.get(approver) ?? { approvals: 0, hasty: 0 };
    counts.approvals += 1;
    if (Date.parse(event.time) - asked.at < HASTY) counts.hasty += 1;
    this.#approvers.set(approver, counts);
  }

  /** A request that was approved may still be voided; how people decided is what counts for the waiting. */
  #end(event: AuditEvent, ending: Ending): void {
    const asked = this.#asked.get(uidOf(event));
    if (asked === undefined) return;
    if (asked.ending === null && (ending === 'approved' || ending === 'denied')) {
      this.#waits.push(Date.parse(event.time) - asked.at);
    }
    asked.ending = ending;
  }
}

function uidOf(event: AuditEvent): string {
  return String(event.approval?.['uid'] ?? '');
}
