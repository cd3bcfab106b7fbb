/**
 * The smallest broker: allows everything and copies bytes between the legs with their back-pressure. Stands in
 * for the real one where only the SSH edges are under test.
 */

import { describeFailure } from '../../../../src/base/heldline-error.ts';
import type { Decision } from '../../../../src/model/decision.ts';
import type { Target } from '../../../../src/model/target.ts';
import { Clearance } from '../../../../src/session/clearance.ts';
import type { ChannelRequest, TargetDialer, TargetLeg, TargetOpening, UserLeg } from '../../../../src/session/ports.ts';
import type { SessionRequest } from '../../../../src/session/session-request.ts';
import type { SessionDoor } from '../../../../src/ssh/ports.ts';
import { Access } from '../../../../src/target/access.ts';

const ALLOW: Decision = {
  effect: 'allow',
  ids: [],
  opaque: null,
  unparsable: false,
  incomplete: false,
  rule: null,
  requirement: null,
  commands: [],
  reasons: [],
  severity: null,
  why: '',
  facts: {},
  policyHash: 'sha256:0',
};

/** A clearance that asks nobody. */
export function allow(bytes: Uint8Array): Clearance {
  return Clearance.forAllowed(bytes, ALLOW);
}

export interface RelayOptions {
  readonly dialer: TargetDialer;
  readonly targetNamed: (name: string) => Target | undefined;
}

export class Relay implements SessionDoor {
  readonly requests: SessionRequest[] = [];
  /** Output of targets that was taken so far. */
  relayedBytes = 0;
  /** Input of users that was taken so far. */
  takenBytes = 0;
  readonly #options: RelayOptions;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  async open(request: SessionRequest): Promise<void> {
    this.requests.push(request);
    const { leg } = request;
    const target = this.#options.targetNamed(request.target);
    if (target === undefined) {
      leg.writeError(Buffer.from(`heldline: there is no target "${request.target}" for you.\n`));
      await leg.finish({ kind: 'code', code: 69 });
      return;
    }
    const login = request.login ?? (target.kind === 'ssh' ? (target.logins[0] ?? 'root') : 'local');
    const access = Access.proven(request.principal, target, login, null, 'test');
    try {
      const opening = openingOf(request.request);
      const count = (taken: number, relayed: number) => {
        this.takenBytes += taken;
        this.relayedBytes += relayed;
      };
      connect(leg, await this.#options.dialer.dial(access, opening, request.route, request.route.ended), count);
    } catch (failure) {
      leg.writeError(Buffer.from(`heldline: ${describeFailure(failure)}\n`));
      await leg.finish({ kind: 'code', code: 69 });
    }
  }
}

function openingOf(request: ChannelRequest): TargetOpening {
  return request.kind === 'exec' ? { ...request, command: allow(request.command) } : request;
}

/** Copies both ways until the target ends or the user is gone. */
function connect(user: UserLeg, target: TargetLeg, count: (taken: number, relayed: number) => void = () => {}): void {
  user.attach({
    onInput: (bytes) => {
      count(bytes.length, 0);
      if (!target.write(allow(bytes))) user.pauseInput();
    },
    onInputEnd: () => target.endInput(),
    onResize: (size) => target.resize(size),
    onSignal: (name) => target.signal(name),
    onDrain: () => target.resumeOutput(),
    onPresence: () => {},
    onClose: () => target.close(),
  });
  target.attach({
    onOutput: (bytes, stream) => {
      count(0, bytes.length);
      const room = stream === 'stdout' ? user.write(bytes) : user.writeError(bytes);
      if (!room) target.pauseOutput();
    },
    onDrain: () => user.resumeInput(),
    onEnd: (status) => void user.finish(status),
  });
}
