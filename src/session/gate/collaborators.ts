/** Whom the gate of a terminal talks to, and what it knows of its session. Everything is passed in. */
import type { ApprovalDesk } from '../../approval/desk.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { AuditDraft, AuditEvent } from '../../model/audit-event.ts';
import type { CommandLine } from '../../model/command-line.ts';
import type { Decision } from '../../model/decision.ts';
import type { Recorder } from '../../recording/recorder.ts';
import type { Emulator } from '../../terminal/emulator.ts';
import type { KeyTokenizer } from '../../terminal/keys.ts';
import type { LineCandidate } from '../../terminal/line-reading.ts';
import type { LineTracker } from '../../terminal/line-tracker.ts';
import type { FlowValve } from '../flow-valve.ts';
import type { RunningCommands } from '../outcome/running-commands.ts';
import type { TargetLeg, UserLeg } from '../ports.ts';
import type { SessionFacts } from '../session-facts.ts';

/** What of the approval desk a held line needs. */
export type GateDesk = Pick<ApprovalDesk, 'open' | 'vote' | 'say' | 'cancel' | 'voidRequest' | 'watch' | 'consume'>;

/** What of the recording the gate writes: its own lines and markers. Input has no way into it. */
export interface GateRecorder extends Pick<Recorder, 'output' | 'marker' | 'failure' | 'onRecovered'> {
  /** Everything up to now is on the disk when it resolves. */
  critical(): Promise<unknown>;
}

/** What of the line tracker the gate asks. */
export type GateTracker = Pick<
  LineTracker,
  | 'submits'
  | 'sent'
  | 'received'
  | 'resolve'
  | 'expandingKeys'
  | 'expanded'
  | 'expansionEnded'
  | 'confirm'
  | 'lineState'
  | 'roundTrip'
  | 'promptNow'
  | 'promptPlace'
  | 'cellsOfLine'
>;

export interface GateAudit {
  /** Durable when it resolves. */
  append(draft: AuditDraft): Promise<AuditEvent>;
}

export interface GateCollaborators {
  readonly facts: SessionFacts;
  readonly user: UserLeg;
  readonly target: TargetLeg;
  readonly emulator: Emulator;
  readonly tracker: GateTracker;
  readonly keys: KeyTokenizer;
  /** The user's TERM. */
  readonly term: string;
  /** The strictest decision about what the line may be, with the authority of this moment. Never rejects. */
  readonly judge: (line: CommandLine, candidates: readonly LineCandidate[]) => Promise<Decision>;
  readonly desk: GateDesk;
  /** Follows what was released to its end. */
  readonly commands: Pick<RunningCommands, 'lineBegan' | 'atPrompt'>;
  readonly audit: GateAudit;
  readonly recorder: GateRecorder;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What the user chose at enrolment; shown on every panel. */
  readonly phrase: () => Promise<string | null>;
  /** Whether `code` is a one-time code of the user that is valid now; it is used up by the question if it is. */
  readonly burnCode?: (code: string) => Promise<boolean>;
  /** Holds the target's output back while the user or a panel cannot take more. */
  readonly valve: FlowValve;
  /** Ends the session. */
  readonly end: (why: string) => void;
}
