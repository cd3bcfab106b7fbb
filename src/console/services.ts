/** What verbs work with. Types only: the composition root fills it in. */
import type { AccessGrants } from '../approval/access-grants.ts';
import type { BreakGlassStart } from '../approval/break-glass-start.ts';
import type { BreakGlasses } from '../approval/break-glasses.ts';
import type { CommandGrants } from '../approval/command-grants.ts';
import type { ApprovalDesk } from '../approval/desk.ts';
import type { LockdownSwitch } from '../approval/lockdown.ts';
import type { BastionIdentity } from '../approval/signed-statement.ts';
import type { AuditHead, AuditLog } from '../audit/audit-log.ts';
import type { Clock } from '../base/clock.ts';
import type { Unsubscribe } from '../base/signal.ts';
import type { SignatureChecker } from '../base/signing.ts';
import type { ApiTokens } from '../identity/api-tokens.ts';
import type { TotpEnrolment } from '../identity/totp-enrolment.ts';
import type { TotpService } from '../identity/totp-service.ts';
import type { UserDirectory } from '../identity/user-directory.ts';
import type { AuditEvent } from '../model/audit-event.ts';
import type { MoshReport } from '../model/mosh-report.ts';
import type { PolicyEngine } from '../policy/engine.ts';
import type { LiveSessions } from '../session/live-sessions.ts';
import type { AccessControl } from '../target/access-control.ts';
import type { TargetDirectory } from '../target/target-directory.ts';

/** How people reach the bastion, for hints that can be copied. */
export interface BastionAddress {
  readonly hostName: string;
  readonly port: number;
  /** Ending of target names at the jump door, with its dot. */
  readonly suffix: string;
  /** `-p 2222 bastion.example.com`, what stands behind `ssh` for whoever reads it. */
  readonly words: string;
  /** `-p 2222 alice@bastion.example.com`, the same for one person. */
  reach(user: string): string;
}

/** Asks a host for its key, and whether the bastion gets in. Implemented by the SSH edge. */
export interface TargetProbe {
  /** `SHA256:...` of each key type that the host shows. @throws HeldlineError `target.unreachable` */
  hostKeys(host: string, port: number): Promise<readonly string[]>;
  /** Signs in and out. @throws HeldlineError that says what is wrong */
  signIn(target: string, login: string): Promise<void>;
}

/** What became of a test that was sent to a receiver of notifications. */
export interface TrialReport {
  readonly receiver: string;
  readonly form: string;
  /** null: the receiver took it. */
  readonly problem: string | null;
  /** News that wait for this receiver. */
  readonly waiting: number;
}

/** Sends tests to receivers of notifications. Implemented by the composition root. */
export interface NotificationTrials {
  /** @param name null: all of them. @throws HeldlineError `notify.none`, `notify.unknown` */
  tryOut(by: string, name: string | null): Promise<readonly TrialReport[]>;
}

export interface ReloadReport {
  readonly ok: boolean;
  /** Findings, or what has changed. */
  readonly lines: readonly string[];
}

/** What reading evidence needs: recordings and the audit log, from a running daemon or from its files. */
export interface EvidenceServices {
  readonly auditDirectory: string;
  /** The newest event that is known to exist; null when nobody remembers. */
  readonly auditHead: () => Promise<AuditHead | null>;
  /** Hears every new event; does nothing when no daemon runs. */
  readonly onAudit: (listener: (event: AuditEvent) => void) => Unsubscribe;
  readonly recordings: string;
  readonly checkSignature: SignatureChecker;
  readonly clock: Clock;
}

export interface ConsoleServices extends EvidenceServices {
  readonly users: UserDirectory;
  readonly codes: TotpService;
  readonly enrolment: TotpEnrolment;
  readonly tokens: ApiTokens;
  readonly targets: TargetDirectory;
  readonly accessControl: AccessControl;
  readonly probe: TargetProbe;
  readonly desk: ApprovalDesk;
  readonly grants: AccessGrants;
  readonly commandGrants: CommandGrants;
  readonly breakGlasses: BreakGlasses;
  readonly breakGlassStart: BreakGlassStart;
  readonly lockdown: LockdownSwitch;
  readonly engine: PolicyEngine;
  readonly live: LiveSessions;
  readonly audit: AuditLog;
  readonly bastion: BastionAddress;
  /** What signed approvals name. */
  readonly bastionIdentity: BastionIdentity;
  /** ms, of access for a time where the rule says nothing. */
  readonly longestAccess: number;
  /** `ssh-ed25519 AAAA... heldline`, for the targets' authorized_keys. */
  readonly egressKey: string;
  /** What is known of the UDP ports; null when Mosh is switched off. */
  readonly mosh: () => Promise<MoshReport | null>;
  readonly notifications: NotificationTrials;
  readonly reload: (by: string) => Promise<ReloadReport>;
  /** `known_hosts` lines for the bastion and the jump door. */
  readonly knownHosts: (targets: readonly string[]) => readonly string[];
}
