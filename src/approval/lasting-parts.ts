/** What everything needs that lets more than one command pass: remembered approvals and break-glass. */
import type { Clock } from '../base/clock.ts';
import type { AuditSink } from '../model/audit-event.ts';
import type { People } from './ports.ts';

export interface LastingParts {
  readonly audit: AuditSink;
  readonly people: People;
  readonly clock: Clock;
  /** This run of the daemon. */
  readonly boot: string;
  /** Whether it may last under this policy at this moment: it is the one in force, and there is no lockdown. */
  readonly isInForce: (policyHash: string) => boolean;
  readonly onFailure: (what: string, failure: unknown) => void;
}
