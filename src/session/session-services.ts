/** What the composition root hands to every session. */
import type { ApprovalDesk } from '../approval/desk.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Target } from '../model/target.ts';
import type { Recorder } from '../recording/recorder.ts';
import type { JudgeParts } from './judge.ts';
import type { FinishedCommand } from './outcome/running-commands.ts';
import type { TargetDialer } from './ports.ts';
import type { SessionFacts } from './session-facts.ts';
import type { SessionRequest } from './session-request.ts';

/** What every session is given by the composition root. */
export interface SessionServices {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly audit: AuditLog;
  readonly desk: ApprovalDesk;
  /** Hears of every released command that has ended. */
  readonly onFinished: (finished: FinishedCommand) => void;
  readonly judge: JudgeParts;
  readonly openRecorder: (facts: SessionFacts, request: SessionRequest) => Promise<Recorder>;
  readonly dialerFor: (target: Target) => TargetDialer;
  /** The phrase that the person chose, shown on every panel. */
  readonly phraseOf: (user: string) => Promise<string | null>;
  /** Uses a valid code of the person up that was typed where none was asked for; true if it was one. */
  readonly burnCode: (user: string, code: string) => Promise<boolean>;
  /** What people type to reach the bastion. */
  readonly bastion: string;
  readonly limits: SessionLimits;
}

export interface SessionLimits {
  /** Bytes of output without a terminal that are recorded; the rest is counted. */
  readonly plainOutput: number;
  /** ms from the request for a target to its answer. */
  readonly dial: number;
  /** ms that a session whose recording failed waits for the disk. */
  readonly freeze: number;
}
