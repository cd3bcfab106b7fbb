/** Builds what knows: people, codes, targets, access, policy, approvals. Opens nothing to the outside. */
import { AccessGrants } from '../approval/access-grants.ts';
import { BreakGlassStart, type BreakGlassStartParts } from '../approval/break-glass-start.ts';
import { BreakGlasses } from '../approval/break-glasses.ts';
import { CommandGrants } from '../approval/command-grants.ts';
import { ApprovalDesk } from '../approval/desk.ts';
import { LockdownSwitch } from '../approval/lockdown.ts';
import type { BastionIdentity } from '../approval/signed-statement.ts';
import type { Clock } from '../base/clock.ts';
import { describeFailure } from '../base/heldline-error.ts';
import type { Logger } from '../base/logger.ts';
import type { Config } from '../config/config.ts';
import { ApiTokens } from '../identity/api-tokens.ts';
import { Authenticator } from '../identity/authenticator.ts';
import { SignatureService } from '../identity/signature-service.ts';
import { TotpEnrolment } from '../identity/totp-enrolment.ts';
import { TotpService } from '../identity/totp-service.ts';
import { UserDirectory } from '../identity/user-directory.ts';
import type { User } from '../model/user.ts';
import { PolicyEngine } from '../policy/engine.ts';
import type { Policy } from '../policy/policy.ts';
import { AccessControl } from '../target/access-control.ts';
import { TargetDirectory } from '../target/target-directory.ts';
import { bastionIdentity } from './bastion-address.ts';
import { CheckPrograms } from './checks/check-programs.ts';
import type { State } from './open-state.ts';
import { StoredPeople } from './people.ts';
import { releasedSince } from './released-since.ts';
import { isReservedName } from './reserved-names.ts';

export interface KnowledgeParts {
  /** The configuration of now; reloads change it. */
  readonly config: () => Config;
  readonly state: State;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Knowledge {
  readonly users: UserDirectory;
  readonly codes: TotpService;
  readonly enrolment: TotpEnrolment;
  /** Of the HTTP API. */
  readonly tokens: ApiTokens;
  readonly authenticator: Authenticator;
  readonly targets: TargetDirectory;
  readonly accessControl: AccessControl;
  readonly engine: PolicyEngine;
  readonly desk: ApprovalDesk;
  /** Approvals that are remembered. */
  readonly commandGrants: CommandGrants;
  readonly breakGlasses: BreakGlasses;
  readonly breakGlassStart: BreakGlassStart;
  /** Access for a time. */
  readonly grants: AccessGrants;
  readonly lockdown: LockdownSwitch;
  /** What signed approvals name. */
  readonly bastionIdentity: BastionIdentity;
}

export function buildKnowledge(parts: KnowledgeParts): Knowledge {
  const { state, clock, logger, config } = parts;
  const { store, sealing, audit } = state;
  const onListenerFailure = (failure: unknown): void =>
    logger.error('a listener failed', { failure: describeFailure(failure) });
  const users = new UserDirectory({ store: store.users, audit, clock, onListenerFailure });
  const codes = new TotpService({ store: store.factors, sealing, audit, clock, onListenerFailure });
  const issuer = config().ssh.hostName.split('.')[0]?.slice(0, 20) ?? 'heldline';
  const enrolmentParts = { store: store.factors, users: store.users, codes, sealing, audit, clock, issuer };
  const enrolment = new TotpEnrolment({ ...enrolmentParts, onListenerFailure });
  const tokens = new ApiTokens({ store: store.tokens, users: store.users, audit, clock, onListenerFailure });
  const needsSecondFactor = (user: User): boolean => asksForCode(config(), user);
  const authenticator = new Authenticator({ users: store.users, codes, audit, needsSecondFactor });
  const targetParts = { store: store.targets, sealer: sealing, audit, clock, isReserved: isReservedName };
  const targets = new TargetDirectory({ ...targetParts, onListenerFailure });
  const engine = new PolicyEngine({ policy: parts.policy, checks: new CheckPrograms(), clock });
  const onFailure = (what: string, failure: unknown): void =>
    logger.error('an approval failed', { what, failure: describeFailure(failure) });
  const stored = new StoredPeople(store);
  const lockdown = new LockdownSwitch({ store: store.lockdown, audit, clock, onListenerFailure });
  const isInForce = (hash: string): boolean => engine.current.hash === hash && lockdown.current === null;
  const { boot } = state.node;
  const remembered = { store: store.commandGrants, audit, people: stored, clock, boot, isInForce, onFailure };
  const commandGrants = new CommandGrants(remembered);
  const breakGlasses = new BreakGlasses({ ...remembered, store: store.breakGlasses });
  const identity = bastionIdentity(config(), state.keys);
  const desk = new ApprovalDesk({
    store: store.approvals,
    codes,
    signatures: new SignatureService({ store: store.users, audit }),
    bastion: identity,
    people: stored,
    audit,
    grants: commandGrants,
    breakGlasses,
    onCall: engine,
    clock,
    boot,
    limits: { quota: config().limits.holdsPerUser },
    releasedSince: (since) => releasedSince(state.layout.audit, since),
    onFailure,
  });
  const grants = new AccessGrants({ desk, store: store.accessGrants, audit, clock, onFailure });
  const inForce = (): ReturnType<BreakGlassStartParts['inForce']> => {
    const { hash, compiled } = engine.current;
    return { rule: compiled.breakGlass, policyHash: hash };
  };
  const breakGlassStart = new BreakGlassStart({ desk, breakGlasses, inForce, clock, onFailure });
  const accessControl = new AccessControl({
    targets: store.targets,
    people: authenticator,
    timed: grants,
    rules: () => engine.current.access,
  });
  const people = { users, codes, enrolment, tokens, authenticator };
  const approvals = { desk, commandGrants, breakGlasses, breakGlassStart, grants, lockdown };
  return { ...people, targets, accessControl, engine, ...approvals, bastionIdentity: identity };
}

function asksForCode({ signIn }: Config, user: User): boolean {
  switch (signIn.secondFactor.kind) {
    case 'nobody':
      return false;
    case 'everybody':
      return true;
    case 'roles':
      return signIn.secondFactor.roles.some((role) => user.roles.includes(role));
  }
}
