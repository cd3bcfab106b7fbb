/**
 * Tries out the way from hold to release, end to end: a real hold of a real desk on the bastion's own store and audit
 * log, of a command that is no command, for a person who is nobody, on a target that is paper. What must not be
 * released is tried as well. Nothing here can reach a target: no proof of access is made. Nobody is told of it, and
 * the log has it as `selftest.*` only.
 */
import { randomInt } from 'node:crypto';
import type { BreakGlassStore } from '../approval/break-glass-ports.ts';
import { BreakGlasses } from '../approval/break-glasses.ts';
import { CommandGrants } from '../approval/command-grants.ts';
import { ApprovalDesk } from '../approval/desk.ts';
import type { CommandGrantStore } from '../approval/grant-ports.ts';
import type { ApprovalStore, HeldRequest, People, Person } from '../approval/ports.ts';
import type { BastionIdentity } from '../approval/signed-statement.ts';
import type { Clock } from '../base/clock.ts';
import { withDeadline } from '../base/deadline.ts';
import { describeFailure, HeldlineError } from '../base/heldline-error.ts';
import type { AuditDraft, AuditEvent } from '../model/audit-event.ts';
import type { CodeOutcome } from '../model/code-outcome.ts';
import type { Decision } from '../model/decision.ts';
import type { SessionId } from '../model/names.ts';
import type { Principal } from '../model/principal.ts';
import { SELF_REQUIREMENT } from '../model/requirement.ts';
import type { LocalTarget } from '../model/target.ts';
import { Clearance } from './clearance.ts';
import type { HoldFacts } from './session-facts.ts';
import type { SubmissionRequest } from './submission-request.ts';
import { type HoldOutcome, UnattendedHold } from './unattended-hold.ts';

export interface SelfTestParts {
  readonly store: ApprovalStore;
  readonly audit: { append(draft: AuditDraft): Promise<AuditEvent> };
  readonly clock: Clock;
  readonly bastion: BastionIdentity;
  /** This run of the daemon. */
  readonly boot: string;
}

export type SelfTestResult = { readonly kind: 'passed' } | { readonly kind: 'failed'; readonly why: string };

/** No user can have this name. */
const NOBODY = '(self-test)';
const COMMAND = 'heldline-self-test';
/** ms for all of it. */
const DEADLINE = 30_000;
const POLICY = 'self-test';

/** Runs it once. Never rejects. */
export async function selfTest(parts: SelfTestParts): Promise<SelfTestResult> {
  const over = new AbortController();
  const rig = new Rig(parts);
  try {
    await withDeadline(tryOut(rig, over.signal), DEADLINE, 'the self-test', parts.clock);
    return { kind: 'passed' };
  } catch (failure) {
    return { kind: 'failed', why: describeFailure(failure) };
  } finally {
    over.abort();
  }
}

async function tryOut(rig: Rig, signal: AbortSignal): Promise<void> {
  const held = await rig.hold(signal);
  require(rig.received.length === 0, 'something was released before anybody approved');
  const wrong = await rig.vote(held.request, 'approve', '');
  require(wrong === 'wrong-code', `a wrong code was answered with ${wrong}`);
  require(rig.received.length === 0, 'a wrong code released something');
  const right = await rig.vote(held.request, 'approve', rig.code);
  require(right === 'approved', `the right code was answered with ${right}`);
  const outcome = await held.outcome;
  require(outcome.kind === 'granted', 'what was approved was not released');
  require(rig.received.join() === COMMAND, 'the target received something else');
  require(!(await rig.consumeAgain(held.request)), 'an approval was spent twice');
  const denied = await rig.hold(signal);
  await rig.vote(denied.request, 'deny', '');
  require((await denied.outcome).kind === 'refused', 'what was denied was not refused');
  require(rig.received.length === 1, 'what was denied was released');
}

function require(holds: boolean, otherwise: string): void {
  if (!holds) throw new HeldlineError('selftest.failed', otherwise);
}

/** A desk of its own on the real store and log, and a target of paper. */
class Rig {
  /** What the paper target was given. */
  readonly received: string[] = [];
  readonly code: string = String(randomInt(1_000_000)).padStart(6, '0');
  readonly #desk: ApprovalDesk;
  readonly #parts: SelfTestParts;

  constructor(parts: SelfTestParts) {
    this.#parts = parts;
    const { clock, boot, bastion } = parts;
    const shared = { audit: this.#audit, people: PEOPLE, clock, boot, onFailure: ignore };
    const remembered = { ...shared, isInForce: () => false };
    const grants = new CommandGrants({ ...remembered, store: NO_GRANTS });
    const breakGlasses = new BreakGlasses({ ...remembered, store: NO_BREAK_GLASSES });
    this.#desk = new ApprovalDesk({
      ...shared,
      grants,
      breakGlasses,
      bastion,
      store: marked(parts.store),
      codes: { verify: (_user, code) => Promise.resolve(this.#verify(code)) },
      signatures: { verify: () => Promise.resolve({ kind: 'refused', why: 'nobody signs here' }) },
      onCall: { names: () => Promise.resolve(null) },
    });
  }

  /** Resolves once it is held. */
  async hold(signal: AbortSignal): Promise<{ request: HeldRequest; outcome: Promise<HoldOutcome> }> {
    const opened = new Promise<HeldRequest>((resolve) => {
      const stop = this.#desk.onChange((request) => {
        stop();
        this.#parts.store.find(request.statement.uid).then((found) => found !== null && resolve(found), ignore);
      });
    });
    const outcome = this.#ask(signal);
    return { request: await Promise.race([opened, outcome.then(neverHeld)]), outcome };
  }

  async vote(request: HeldRequest, verdict: 'approve' | 'deny', code: string): Promise<string> {
    const { uid, policyHash } = request.statement;
    const { digest } = request;
    const vote = { uid, voter: VOTER, verdict, digest, policyHash, code, door: 'cli', reason: null } as const;
    return (await this.#desk.vote(vote)).kind;
  }

  async consumeAgain({ statement, digest }: HeldRequest): Promise<boolean> {
    const { uid, session, channel } = statement;
    return (await this.#desk.consume(uid, { session, channel, digest })).kind === 'granted';
  }

  async #ask(signal: AbortSignal): Promise<HoldOutcome> {
    const hold = new UnattendedHold({
      facts: FACTS,
      desk: this.#desk,
      audit: this.#audit,
      recorder: { marker: ignore, critical: () => Promise.resolve({ frame: 0, hash: '' }) },
      clock: this.#parts.clock,
      say: ignore,
      bastion: '',
      keyboard: null,
      presence: () => 'attached',
    });
    const outcome = await hold.ask(REQUEST, '', signal);
    if (outcome.kind === 'granted') this.#receive(Clearance.forGrant(REQUEST.bytes, outcome.grant));
    return outcome;
  }

  /** The target of paper: what a real one would have got. */
  #receive({ bytes }: Clearance): void {
    this.received.push(Buffer.from(bytes).toString());
  }

  #verify(code: string): CodeOutcome {
    return code === this.code ? { kind: 'accepted', step: 1 } : { kind: 'wrong' };
  }

  /** Every step is on the disk like any other event, under a name that no reader takes for one. */
  readonly #audit = {
    append: (draft: AuditDraft): Promise<AuditEvent> => {
      const { type, outcome, reason, approval } = draft;
      const told = { ...(outcome === undefined ? {} : { outcome }), ...(reason === undefined ? {} : { reason }) };
      const detail = { step: type, request: approval?.['uid'] ?? null };
      return this.#parts.audit.append({ type: 'selftest.step', ...told, detail });
    },
  };
}

function neverHeld(): never {
  throw new HeldlineError('selftest.failed', 'nothing was held');
}

/** The real store; what comes from here is marked in it. */
function marked(store: ApprovalStore): ApprovalStore {
  return {
    open: (request, limits) => store.open({ ...request, subject: 'self-test' }, limits),
    advance: (next) => store.advance({ ...next, subject: 'self-test' }),
    find: (uid) => store.find(uid),
    findById: (id) => store.findById(id),
    list: () => store.list(),
    consume: (uid, binding, now) => store.consume(uid, binding, now),
    expireUnused: (uid, ending, now) => store.expireUnused(uid, ending, now),
    prune: (before, idsBefore) => store.prune(before, idsBefore),
  };
}

function ignore(): void {
  // Failures show by what does not happen.
}

const PERSON: Person = { name: NOBODY, roles: [], disabled: false, keys: [], touches: [] };

const PEOPLE: People = {
  find: (name) => Promise.resolve(name === NOBODY ? PERSON : null),
  list: () => Promise.resolve([PERSON]),
};

const NO_GRANTS: CommandGrantStore = {
  add: () => Promise.resolve(false),
  find: () => Promise.resolve(null),
  list: () => Promise.resolve([]),
  end: () => Promise.resolve(false),
  prune: () => Promise.resolve(),
};

const NO_BREAK_GLASSES: BreakGlassStore = {
  begin: () => Promise.resolve(false),
  find: () => Promise.resolve(null),
  list: () => Promise.resolve([]),
  end: () => Promise.resolve(false),
  review: () => Promise.resolve(false),
  prune: () => Promise.resolve(),
};

const VOTER: Principal = {
  user: NOBODY,
  roles: [],
  proof: { keyFingerprint: 'local', keyType: 'local', secondFactor: false },
  address: 'local',
};

const TARGET: LocalTarget = {
  kind: 'local',
  name: NOBODY,
  labels: {},
  description: '',
  createdAt: 0,
  createdBy: NOBODY,
  argv: ['/bin/false'],
  environment: {},
};

const FACTS: HoldFacts = {
  record: {
    id: 'self-test' as SessionId,
    user: NOBODY,
    target: NOBODY,
    login: NOBODY,
    door: 'direct',
    kind: 'exec',
    state: 'live',
    startedAt: 0,
    endedAt: null,
    address: 'local',
  },
  access: { principal: VOTER, target: TARGET, login: NOBODY },
  channel: 0,
  client: '',
};

const DECISION: Decision = {
  effect: 'approve',
  ids: [],
  opaque: null,
  unparsable: false,
  incomplete: false,
  rule: null,
  requirement: { ...SELF_REQUIREMENT, expires: DEADLINE },
  commands: [],
  reasons: [],
  severity: null,
  why: 'A self-test.',
  facts: {},
  policyHash: POLICY,
};

const REQUEST: SubmissionRequest = {
  line: { confidence: 'exact', text: COMMAND, context: 'exec', hidden: false },
  decision: DECISION,
  bytes: Buffer.from(COMMAND),
  decideAgain: () => Promise.resolve(DECISION),
};
