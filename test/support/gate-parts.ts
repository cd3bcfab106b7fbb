/** The collaborators of a gate for tests: a session of alice on web2, a policy of two rules, ends made of functions. */
import type { Clock } from '../../src/base/clock.ts';
import { type Logger, silentLogger } from '../../src/base/logger.ts';
import type { CommandLine } from '../../src/model/command-line.ts';
import type { Decision } from '../../src/model/decision.ts';
import type { SessionId } from '../../src/model/names.ts';
import type { Requirement } from '../../src/model/requirement.ts';
import type { SessionRecord } from '../../src/model/session.ts';
import type { LocalTarget } from '../../src/model/target.ts';
import type { Clearance } from '../../src/session/clearance.ts';
import { FlowValve } from '../../src/session/flow-valve.ts';
import type { GateCollaborators, GateRecorder, GateTracker } from '../../src/session/gate/collaborators.ts';
import { RunningCommands } from '../../src/session/outcome/running-commands.ts';
import type { Presence, TargetLeg, UserLeg } from '../../src/session/ports.ts';
import { Access } from '../../src/target/access.ts';
import type { Emulator } from '../../src/terminal/emulator.ts';
import { KeyTokenizer } from '../../src/terminal/keys.ts';
import type { LineCandidate } from '../../src/terminal/line-reading.ts';
import { type MemoryApprovals, principalNamed } from './memory-approvals.ts';

/** What differs from bed to bed. */
export interface GateEnds {
  readonly clock: Clock;
  readonly emulator: Emulator;
  readonly tracker: GateTracker;
  readonly approvals: MemoryApprovals;
  readonly recorder: GateRecorder;
  readonly term: string;
  /** @param line that `text` is one reading of */
  readonly judge: (text: string, line: CommandLine) => Promise<Decision>;
  readonly presence: () => Presence;
  readonly burnCode: (code: string) => Promise<boolean>;
  /** Shows bytes to the user. */
  readonly show: (bytes: Uint8Array) => void;
  /** Gives bytes to the target. */
  readonly send: (clearance: Clearance) => void;
  readonly end: (why: string) => void;
  readonly onOutputPaused: (paused: boolean) => void;
  /** Silent unless told. */
  readonly logger?: Logger;
}

export function gateParts(ends: GateEnds): GateCollaborators {
  const principal = principalNamed('alice');
  const access = Access.proven(principal, TARGET, 'root', null, 'test');
  const { clock, emulator, tracker, approvals, recorder, term, end } = ends;
  const facts = { record: { ...RECORD, address: principal.address }, access, channel: 0, client: 'test' };
  return {
    facts,
    user: userLeg(ends),
    target: targetLeg(ends),
    emulator,
    tracker,
    keys: new KeyTokenizer(emulator),
    term,
    judge: (line, candidates) => strictest(line, candidates, ends.judge),
    desk: approvals.desk,
    commands: new RunningCommands({
      facts,
      clock,
      note: (draft) => void approvals.audit.append(draft),
      onFinished: () => {},
    }),
    audit: approvals.audit,
    recorder,
    clock,
    logger: ends.logger ?? silentLogger,
    burnCode: ends.burnCode,
    phrase: () => Promise.resolve('green teapot'),
    valve: new FlowValve(
      () => ends.onOutputPaused(true),
      () => ends.onOutputPaused(false),
    ),
    end,
  };
}

/** `rm` is held for `requirement`, `mkfs` is denied, everything else is allowed. */
export function decideAbout(text: string, requirement: Requirement, policyHash: string): Decision {
  const [effect, rule, why] = verdictOn(text);
  return {
    effect,
    ids: rule === null ? [] : [`fs.${rule}`],
    opaque: null,
    unparsable: false,
    incomplete: false,
    rule,
    requirement: effect === 'approve' ? requirement : null,
    commands: [],
    reasons: [],
    severity: rule === null ? null : 'high',
    why,
    facts: {},
    policyHash,
  };
}

function verdictOn(text: string): [Decision['effect'], string | null, string] {
  if (text.startsWith('mkfs')) return ['deny', 'disk-wipe', 'writing to a block device is never allowed'];
  // `rm-r` is another word.
  if (/^rm(?!-)/.test(text)) return ['approve', 'rm-recursive', 'Deletes a folder with everything in it.'];
  return ['allow', null, ''];
}

async function strictest(
  line: CommandLine,
  candidates: readonly LineCandidate[],
  judge: GateEnds['judge'],
): Promise<Decision> {
  const texts = candidates.length > 0 ? candidates.map(({ text }) => text) : [line.text ?? ''];
  const decisions = await Promise.all(texts.map((text) => judge(text, line)));
  const rank = ['allow', 'auto-approve', 'approve', 'deny'];
  return decisions.reduce((worst, next) => (rank.indexOf(next.effect) > rank.indexOf(worst.effect) ? next : worst));
}

const TARGET: LocalTarget = {
  kind: 'local',
  name: 'web2',
  labels: {},
  description: '',
  createdAt: 0,
  createdBy: 'root',
  argv: ['/bin/false'],
  environment: {},
};

const RECORD: SessionRecord = {
  id: 'session-1' as SessionId,
  user: 'alice',
  target: 'web2',
  login: 'root',
  door: 'direct',
  kind: 'shell',
  state: 'live',
  startedAt: 0,
  endedAt: null,
  address: '',
};

function userLeg(ends: GateEnds): UserLeg {
  return {
    door: 'direct',
    get presence(): Presence {
      return ends.presence();
    },
    attach: () => {},
    write: (bytes) => {
      ends.show(bytes);
      return true;
    },
    writeError: () => true,
    pauseInput: () => {},
    resumeInput: () => {},
    roundTrip: undefined,
    finish: () => Promise.resolve(),
    close: () => {},
  };
}

function targetLeg(ends: GateEnds): TargetLeg {
  return {
    attach: () => {},
    write: (clearance) => {
      ends.send(clearance);
      return true;
    },
    endInput: () => {},
    resize: () => {},
    signal: () => {},
    pauseOutput: () => {},
    resumeOutput: () => {},
    close: () => {},
  };
}
