/**
 * How long the gate takes at Enter when keys and screen agree: the gate of the product with its line tracker, the
 * policy of `heldline init` and an audit log on the disk, between a user and a shell that are functions. In this
 * process, without a network. The clock runs from the key's arrival to its way to the target; what of that was the
 * wait for the disk is told apart, and beside it stands what the disk takes by itself for as many bytes.
 */
import { generateKeyPairSync } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { AuditLog } from '../../src/audit/audit-log.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { createSigner } from '../../src/base/signing.ts';
import { initialPolicyText } from '../../src/config/initial-config.ts';
import { parseYamlDocument } from '../../src/config/yaml-document.ts';
import type { AuditDraft, AuditEvent } from '../../src/model/audit-event.ts';
import { compilePolicy } from '../../src/policy/compile-policy.ts';
import { PolicyEngine } from '../../src/policy/engine.ts';
import { prepareSql } from '../../src/policy/language/postgres-parser.ts';
import type { Policy } from '../../src/policy/policy.ts';
import type { GateAudit, GateCollaborators, GateRecorder } from '../../src/session/gate/collaborators.ts';
import { Gate } from '../../src/session/gate/gate.ts';
import { Judge } from '../../src/session/judge.ts';
import { AccessControl } from '../../src/target/access-control.ts';
import { Emulator } from '../../src/terminal/emulator.ts';
import { LineTracker } from '../../src/terminal/line-tracker.ts';
import { gateParts } from '../support/gate-parts.ts';
import { MemoryApprovals } from '../support/memory-approvals.ts';
import { tempDir } from '../support/temp-dir.ts';

export interface EnterTimes {
  /** ms from Enter until the line is read and judged, one a line: what the prototypes of the spec measured. */
  readonly verdict: readonly number[];
  /** ms from Enter to the target without the wait for the disk, one a line: read, judged, put into words for the log. */
  readonly gate: readonly number[];
  /** ms from Enter to the target, the event on the disk. */
  readonly whole: readonly number[];
  /** ms that the disk takes for a line of the log by itself: written and synced, nothing else. */
  readonly disk: readonly number[];
}

const PROMPT = 'user@host:~$ ';
/** Lines before the first that counts: a daemon has judged some since its start, and a program runs slower at first. */
const BEFORE = 200;
/** Bytes of a `command.submitted`, about. */
const EVENT_BYTES = 900;

export async function enterTimes(lines: number): Promise<EnterTimes> {
  await using folder = await tempDir({ name: 'bench-audit' });
  await using plain = await open(folder.at('plain'), 'a');
  const log = await openAudit(folder.at('audit'));
  const bench = new EnterBench(log, await defaultPolicy());
  const times = { verdict: [] as number[], gate: [] as number[], whole: [] as number[], disk: [] as number[] };
  for (let line = -BEFORE; line < lines; line += 1) {
    const { verdict, gate, whole } = await bench.line(`systemctl status unit-${line} --no-pager | head -n ${line}`);
    const disk = await timeOfDisk(plain);
    if (line < 0) continue;
    times.verdict.push(verdict);
    times.gate.push(gate);
    times.whole.push(whole);
    times.disk.push(disk);
  }
  bench.close();
  await log.close();
  return times;
}

/** A user who types, the gate, and a shell that echoes as readline does and runs everything in no time. */
class EnterBench {
  readonly #emulator = new Emulator({ cols: 80, rows: 24, scrollback: 100 });
  readonly #gate: Gate;
  readonly #log: AuditLog;
  /** What the shell has got and not answered. */
  #received = '';
  #forwarded: () => void = () => {};
  #failed: (failure: Error) => void = () => {};
  #waitedForDisk = 0;
  #judged = 0;

  constructor(log: AuditLog, policy: Policy) {
    this.#log = log;
    this.#gate = new Gate(this.#parts(policy));
    this.#output(PROMPT);
  }

  /** Types a line and Enter. */
  async line(text: string): Promise<{ readonly verdict: number; readonly gate: number; readonly whole: number }> {
    for (const key of text) {
      this.#gate.input(Buffer.from(key));
      this.#output(this.#taken());
    }
    this.#waitedForDisk = 0;
    const started = performance.now();
    const ended = new Promise<number>((resolve, reject) => {
      this.#forwarded = () => resolve(performance.now());
      this.#failed = reject;
    });
    this.#gate.input(Buffer.from('\r'));
    const whole = (await ended) - started;
    if (this.#taken() !== '\r') throw new Error(`${text}: the shell got something else`);
    this.#output(`\r\nit is running\r\n${PROMPT}`);
    while (this.#gate.taking !== 'keys') await new Promise((resolve) => setImmediate(resolve));
    return { verdict: this.#judged - started, gate: whole - this.#waitedForDisk, whole };
  }

  close(): void {
    this.#gate.close('the bench is over');
    this.#emulator.dispose();
  }

  #output(text: string): void {
    this.#gate.output(Buffer.from(text));
  }

  #taken(): string {
    const taken = this.#received;
    this.#received = '';
    return taken;
  }

  /** The log, with what of an `append` is waiting for the disk: all that comes after the call. */
  #audit(): GateAudit {
    return {
      append: async (draft: AuditDraft): Promise<AuditEvent> => {
        this.#judged = performance.now();
        if (draft.type !== 'command.submitted') this.#failed(new Error(`the line did not pass: ${draft.type}`));
        const written = this.#log.append(draft);
        const called = performance.now();
        const event = await written;
        this.#waitedForDisk += performance.now() - called;
        return event;
      },
    };
  }

  #parts(policy: Policy): GateCollaborators {
    const clock = systemClock;
    const emulator = this.#emulator;
    const parts = gateParts({
      clock,
      emulator,
      tracker: new LineTracker({ emulator, clock, roundTrip: () => undefined }),
      approvals: new MemoryApprovals(clock, ['alice']),
      recorder: RECORDER,
      term: 'xterm-256color',
      judge: () => Promise.reject(new TypeError('the policy of init judges')),
      presence: () => 'attached',
      burnCode: () => Promise.resolve(false),
      show: () => {},
      send: ({ bytes, basis }) => {
        this.#received += Buffer.from(bytes).toString();
        if (basis.kind === 'allowed') this.#forwarded();
      },
      end: (why) => {
        throw new Error(why);
      },
      onOutputPaused: () => {},
    });
    const judge = judgeOf(policy, parts);
    return { ...parts, audit: this.#audit(), judge: (line, candidates) => judge.line(line, candidates, 'keys') };
  }
}

const RECORDER: GateRecorder = {
  output: () => {},
  marker: () => {},
  critical: () => Promise.resolve(),
  failure: null,
  onRecovered: () => () => {},
};

/** The judge of a session, who asks for the access of the moment at every line. */
function judgeOf(policy: Policy, { facts, clock }: GateCollaborators): Judge {
  const { access } = facts;
  const target = { ...access.target, login: access.login };
  const refuse = (): Promise<never> => Promise.reject(new TypeError('nothing is stored here'));
  const targets = { find: () => Promise.resolve(target), list: () => Promise.resolve([target]) };
  const accessControl = new AccessControl({
    targets: { ...targets, add: refuse, replace: refuse, remove: refuse },
    people: { rolesOf: () => Promise.resolve(['admin']) },
    timed: { held: () => Promise.resolve([]) },
    rules: () => policy.access,
  });
  const engine = new PolicyEngine({ policy, checks: { run: () => Promise.resolve(undefined) }, clock });
  const lockdown = { current: null, onChange: () => () => {} };
  const calm = { lockdown, breakGlasses: { isOpen: () => false } };
  return new Judge({ engine, accessControl, ...calm, clock, logger: silentLogger }, access);
}

async function timeOfDisk(file: FileHandle): Promise<number> {
  const bytes = Buffer.alloc(EVENT_BYTES, 'x');
  const started = performance.now();
  await file.write(bytes);
  await file.datasync();
  return performance.now() - started;
}

function openAudit(directory: string): Promise<AuditLog> {
  return AuditLog.open({
    directory,
    node: { id: 'n1', boot: 'b1', version: '0' },
    clock: systemClock,
    signer: createSigner(generateKeyPairSync('ed25519').privateKey),
    onListenerFailure: (failure) => process.stderr.write(`${String(failure)}\n`),
  });
}

async function defaultPolicy(): Promise<Policy> {
  await prepareSql();
  const { document } = parseYamlDocument('10-defaults.yaml', initialPolicyText());
  const compiled = document === null ? null : compilePolicy([document]).policy;
  if (compiled === null) throw new TypeError('the default policy does not compile');
  return compiled;
}
