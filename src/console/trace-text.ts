/** A trace as people and scripts read it. */
import { visible } from '../base/visible.ts';
import type { AuditEvent } from '../model/audit-event.ts';

/** Members of the approval block that every event of a request repeats. */
const REPEATED = new Set(['id', 'uid', 'digest', 'requester', 'expiresAt', 'totpStep']);

/** One step; `ms` counts from the first step. */
export interface TraceStep {
  readonly step: string;
  readonly at: string;
  readonly ms: number;
  readonly seq: number;
  readonly actor: string | null;
  readonly outcome: string | null;
  readonly reason: string | null;
  readonly policy: string | null;
  readonly rule: string | null;
  readonly more: Readonly<Record<string, unknown>>;
}

export function traceSteps(events: readonly AuditEvent[]): readonly TraceStep[] {
  const start = Date.parse(events[0]?.time ?? '');
  return events.map((event) => ({
    step: event.type,
    at: event.time,
    ms: Date.parse(event.time) - start,
    seq: event.seq,
    actor: event.actor?.user ?? null,
    outcome: event.outcome ?? null,
    reason: event.reason ?? null,
    policy: event.policy?.hash ?? null,
    rule: event.policy?.rule ?? null,
    more: moreOf(event),
  }));
}

/** Lines of a table: time since the first step, clock time, step, who, and what is particular. */
export function traceText(steps: readonly TraceStep[]): string {
  return steps
    .map(({ step, at, ms, actor, outcome, reason, more }) => {
      const facts = Object.entries(more).map(
        ([key, value]) => `${key}=${key === 'signature' ? keyOf(value) : plain(value)}`,
      );
      const told = [
        ...(outcome === null || outcome === 'success' ? [] : [outcome]),
        ...(reason === null ? [] : [`"${reason}"`]),
        ...facts,
      ];
      const time = `${(ms / 1000).toFixed(3).padStart(9)} s  ${at.slice(11, 23)}`;
      return `${time}  ${step.padEnd(24)} ${visible(`${(actor ?? '-').padEnd(10)} ${told.join(' ')}`).trimEnd()}\n`;
    })
    .join('');
}

function moreOf({ approval, command, policy, detail }: AuditEvent): Readonly<Record<string, unknown>> {
  const approvals = Object.entries(approval ?? {}).filter(([key]) => !REPEATED.has(key));
  const confidence = command?.confidence === undefined ? [] : [['confidence', command.confidence]];
  const facts = policy?.facts === undefined ? [] : [['facts', policy.facts]];
  return Object.fromEntries([...approvals, ...confidence, ...facts, ...Object.entries(detail ?? {})]);
}

/** Of a signature, people want the key; the rest is for `--json`. */
function keyOf(signature: unknown): string {
  const isOne = typeof signature === 'object' && signature !== null && 'fingerprint' in signature;
  return isOne ? String(signature.fingerprint) : plain(signature);
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
