/**
 * The composition root: from a validated configuration to a daemon that can be started. The only file that
 * names concrete adapters.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { describeFailure } from '../base/heldline-error.ts';
import type { Logger } from '../base/logger.ts';
import { createSignatureChecker } from '../base/signing.ts';
import type { Config } from '../config/config.ts';
import { ConsoleDoor } from '../console/console-door.ts';
import type { BastionAddress, ConsoleServices, ReloadReport } from '../console/services.ts';
import { home } from '../console/verbs/home.ts';
import { VERBS } from '../console/verbs.ts';
import { LocalDialer } from '../local/local-dialer.ts';
import type { Target } from '../model/target.ts';
import type { Receiver } from '../notify/receiver.ts';
import { Broker } from '../session/broker.ts';
import { LiveSessions } from '../session/live-sessions.ts';
import { AfterHooks } from '../session/outcome/after-hooks.ts';
import type { TargetDialer } from '../session/ports.ts';
import type { SessionServices } from '../session/session-services.ts';
import { SshDialer } from '../ssh/client/ssh-dialer.ts';
import { targetHostKey } from '../ssh/ed25519-key-text.ts';
import type { DeniedChannel } from '../ssh/ports.ts';
import { DEFAULT_FRONT_DOOR_LIMITS } from '../ssh/server/front-door-limits.ts';
import { SshFrontDoor } from '../ssh/server/ssh-front-door.ts';
import type { Certificate } from '../web/web-server.ts';
import { AdminServer } from './admin/admin-server.ts';
import { bastionAddress, knownHostsLines } from './bastion-address.ts';
import { requireCertificate } from './certificate.ts';
import { Heldline } from './heldline.ts';
import { HookPrograms } from './hooks/hook-programs.ts';
import { buildKnowledge, type Knowledge } from './knowledge.ts';
import { Metrics } from './metrics.ts';
import { Mosh } from './mosh.ts';
import { Notifications, requireReceivers } from './notifications.ts';
import { openState, type State } from './open-state.ts';
import { requirePolicy } from './policy-files.ts';
import { Recordings } from './recordings.ts';
import { isVerbWord } from './reserved-names.ts';
import { SelfTesting } from './self-testing.ts';
import { SshProbe } from './ssh-probe.ts';
import { Web } from './web.ts';

export interface ComposeOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What the edges are built from. */
interface Ground extends ComposeOptions {
  readonly state: State;
  readonly knowledge: Knowledge;
  readonly recordings: Recordings;
  readonly live: LiveSessions;
  readonly hooks: AfterHooks;
  readonly dialer: SshDialer;
  readonly bastion: BastionAddress;
  readonly notifications: Notifications;
  readonly reload: (by: string) => Promise<ReloadReport>;
  readonly closedBecause: () => string | null;
  readonly moshReport: ConsoleServices['mosh'];
}

/** Bytes of output without a terminal that are recorded; the rest is counted. */
const PLAIN_OUTPUT = 1024 * 1024;
/** ms from the request for a target to its answer. */
const DIAL_DEADLINE = 25_000;

/** What lies in files of its own beside the configuration. */
interface ReadFiles {
  readonly receivers: readonly Receiver[];
  /** Of the HTTP API. */
  readonly certificate: Certificate | null;
}

/** A daemon and what it was built from. */
export interface Composed {
  readonly heldline: Heldline;
  readonly state: State;
  readonly knowledge: Knowledge;
}

/** Builds everything. Takes ownership of the state. @throws HeldlineError when configuration, policy or state forbid a start */
export async function compose(options: ComposeOptions): Promise<Composed> {
  const { config, clock, logger } = options;
  const policy = await requirePolicy(config.paths.policy);
  const files = { receivers: await requireReceivers(config.notify), certificate: await requireCertificate(config.web) };
  await mkdir(config.paths.run, { recursive: true, mode: 0o700 });
  const state = await openState(config.paths.state, clock, logger);
  try {
    const knowledge = buildKnowledge({ config: () => config, state, policy, clock, logger });
    return { heldline: assemble(options, state, knowledge, files), state, knowledge };
  } catch (failure) {
    await state.close();
    throw failure;
  }
}

function assemble(
  options: ComposeOptions,
  state: State,
  knowledge: Knowledge,
  { receivers, certificate }: ReadFiles,
): Heldline {
  const { config, clock, logger } = options;
  // The verbs and the broker speak to the daemon that is built from them.
  const built: { heldline?: Heldline; mosh?: Mosh | null } = {};
  const reload = async (by: string): Promise<ReloadReport> =>
    built.heldline?.reload(by) ?? { ok: false, lines: ['The daemon has not started yet.'] };
  const closedBecause = (): string | null =>
    built.heldline?.draining === true ? 'the bastion is stopping; try again later' : null;
  const moshReport = async (): ReturnType<ConsoleServices['mosh']> => (await built.mosh?.report()) ?? null;
  const live = new LiveSessions();
  const hooks = buildHooks(options, state, knowledge);
  const recordings = buildRecordings(options, state, knowledge);
  const dialer = new SshDialer({ credentialFor: credentials(state, knowledge), clock, logger });
  const bastion = bastionAddress(config);
  const onChange = (listener: () => void): void => {
    knowledge.desk.onChange(listener);
    knowledge.breakGlasses.onEndStored(listener);
  };
  const alarmed = (): readonly string[] => knowledge.engine.current.compiled.breakGlass?.notify ?? [];
  const url = config.web?.url ?? null;
  const notifications = new Notifications({ state, clock, logger, words: bastion.words, url, onChange, alarmed });
  const shared = { state, knowledge, recordings, live, hooks, dialer, bastion, notifications };
  const ground = { ...options, ...shared, reload, closedBecause, moshReport };
  const services = consoleServices(ground);
  const admin = new AdminServer({ socketPath: join(config.paths.run, 'admin.sock'), verbs: VERBS, services, logger });
  const sessions = buildBroker(ground);
  const consoleDoor = buildConsole(ground, services, sessions);
  const mosh = buildMosh(ground, sessions, consoleDoor);
  built.mosh = mosh;
  const web = buildWeb(ground, certificate);
  const frontDoor = buildFrontDoor(ground, consoleDoor, sessions, mosh, web);
  const selfTesting = new SelfTesting({ state, knowledge, clock, logger });
  const metrics = buildMetrics(ground, selfTesting);
  built.heldline = new Heldline({ ...ground, admin, frontDoor, mosh, web, metrics, selfTesting, receivers });
  return built.heldline;
}

/** null when the configuration wants none. */
function buildMetrics({ config, ...ground }: Ground, selfTesting: SelfTesting): Metrics | null {
  return config.metrics === null ? null : new Metrics({ ...ground, metrics: config.metrics, selfTesting });
}

function buildHooks({ clock, logger }: ComposeOptions, state: State, { desk, lockdown }: Knowledge): AfterHooks {
  return new AfterHooks({ runner: new HookPrograms(), desk, audit: state.audit, lockdown, clock, logger });
}

function buildRecordings({ config, clock, logger }: ComposeOptions, state: State, knowledge: Knowledge): Recordings {
  const { minFree, maxPerUserHour } = config.recording;
  const policyHash = (): string => knowledge.engine.current.hash;
  return new Recordings({ state, clock, logger, minFree, perUserHour: maxPerUserHour, policyHash });
}

function credentials(state: State, knowledge: Knowledge): ConstructorParameters<typeof SshDialer>[0]['credentialFor'] {
  return (target) => {
    const credential = knowledge.targets.openCredential(target);
    return Promise.resolve(credential.kind === 'egress' ? { kind: 'key', privateKey: state.keys.egress } : credential);
  };
}

function consoleServices(ground: Ground): ConsoleServices {
  const { state, knowledge, live, clock, config, bastion, reload, dialer, notifications } = ground;
  return {
    ...knowledge,
    live,
    clock,
    bastion,
    longestAccess: config.approval.longestAccess,
    audit: state.audit,
    auditDirectory: state.layout.audit,
    auditHead: () => Promise.resolve(state.audit.head),
    onAudit: (listener) => state.audit.subscribe(listener),
    recordings: state.layout.recordings,
    checkSignature: createSignatureChecker([state.keys.signingPublic]),
    probe: new SshProbe(dialer, knowledge.targets, clock),
    egressKey: state.keys.egressPublic,
    notifications,
    reload,
    mosh: ground.moshReport,
    knownHosts: (targets) => knownHostsLines(config, state.keys, targets),
  };
}

function buildConsole({ logger, bastion }: Ground, services: ConsoleServices, sessions: Broker): ConsoleDoor {
  return new ConsoleDoor({ sessions, verbs: VERBS, services, logger, home, bastion: bastion.words });
}

/** null when the configuration wants no Mosh. */
function buildMosh(ground: Ground, sessions: Broker, consoleDoor: ConsoleDoor): Mosh | null {
  const { config, clock, logger, state, knowledge, bastion } = ground;
  if (!config.mosh.enabled) return null;
  const { accessControl, engine, authenticator } = knowledge;
  const behind = { sessions, console: consoleDoor, isVerb: isVerbWord };
  const parts = { config, clock, logger, ...behind, accessControl, engine, authenticator };
  return new Mosh({ ...parts, audit: state.audit, bastion: bastion.words });
}

/** null when the configuration wants no HTTP API. */
function buildWeb(ground: Ground, certificate: Certificate | null): Web | null {
  const { config, state, knowledge, clock, logger, bastion } = ground;
  if (config.web === null) return null;
  const known = { bastion: bastion.words, hostName: bastion.hostName };
  return new Web({ web: config.web, certificate, state, knowledge, clock, logger, ...known });
}

function buildFrontDoor(
  ground: Ground,
  consoleDoor: ConsoleDoor,
  sessions: Broker,
  mosh: Mosh | null,
  web: Web | null,
): SshFrontDoor {
  const { config, clock, logger, state, knowledge } = ground;
  return new SshFrontDoor({
    clock,
    logger,
    limits: {
      ...DEFAULT_FRONT_DOOR_LIMITS,
      signInGrace: config.signIn.graceTime,
      channels: config.limits.channelsPerConnection,
      unauthenticated: { start: Math.ceil(config.limits.preAuth / 2), full: config.limits.preAuth },
      unauthenticatedPerAddress: config.limits.connectionsPerAddress,
    },
    sessions,
    console: { open: async (visit) => (mosh?.tryOpen(visit) === true ? undefined : consoleDoor.open(visit)) },
    web,
    onChannelDenied: (denied) => reportDenied(ground, denied),
    identity: knowledge.authenticator,
    hostKeys: {
      own: [state.keys.host],
      hostKeyFor: (target) => [targetHostKey(state.keys.targetSecret, target).privateKey],
    },
    banner: config.ssh.banner,
    hostName: config.ssh.hostName,
    jumpSuffix: config.ssh.suffix,
    random: Math.random,
  });
}

function buildBroker(ground: Ground): Broker {
  const { config, clock, logger, state, knowledge, live, closedBecause } = ground;
  const { accessControl } = knowledge;
  return new Broker({
    accessControl,
    audit: state.audit,
    clock,
    logger,
    live,
    services: sessionServices(ground),
    sessionsPerUser: () => config.limits.sessionsPerUser,
    closedBecause,
  });
}

function sessionServices(ground: Ground): SessionServices {
  const { config, clock, logger, state, knowledge, recordings, dialer } = ground;
  const { engine, accessControl, desk, users, codes, lockdown, breakGlasses } = knowledge;
  const local = new LocalDialer(clock);
  return {
    clock,
    logger,
    audit: state.audit,
    desk,
    onFinished: (finished) => ground.hooks.finished(finished),
    judge: { engine, accessControl, lockdown, breakGlasses, clock, logger },
    openRecorder: (facts, request) => recordings.open(facts, request),
    dialerFor: (target: Target): TargetDialer => (target.kind === 'ssh' ? dialer : local),
    phraseOf: async (user) => (await users.find(user))?.phrase ?? null,
    burnCode: (user, code) => codes.burnIfValid(user, code),
    bastion: ground.bastion.words,
    limits: {
      plainOutput: PLAIN_OUTPUT,
      dial: DIAL_DEADLINE,
      freeze: config.recording.onFailure === 'end' ? 0 : config.recording.freeze,
    },
  };
}

function reportDenied({ state, logger }: Ground, denied: DeniedChannel): void {
  const { principal, door, target, what, detail, why } = denied;
  state.audit
    .append({
      type: 'channel.denied',
      outcome: 'denied',
      actor: { user: principal.user, address: principal.address, roles: principal.roles },
      ...(target === null ? {} : { target: { name: target } }),
      reason: why,
      detail: { door, what, detail },
    })
    .catch((failure: unknown) =>
      logger.error('a refused channel was not written down', { failure: describeFailure(failure) }),
    );
}
