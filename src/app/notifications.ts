/** Builds the notifications, starts them with the daemon, and puts new settings in force. */
import type { Clock } from '../base/clock.ts';
import { describeFailure, HeldlineError } from '../base/heldline-error.ts';
import type { Logger } from '../base/logger.ts';
import { Serial } from '../base/serial.ts';
import type { NotifyConfig } from '../config/notify-config.ts';
import type { NotificationTrials, TrialReport } from '../console/services.ts';
import { httpCarrier } from '../notify/carriers/http-carrier.ts';
import { mailCarrier } from '../notify/carriers/mail-carrier.ts';
import { Dispatcher } from '../notify/dispatcher.ts';
import type { Receiver } from '../notify/receiver.ts';
import type { State } from './open-state.ts';
import { readReceivers } from './receivers.ts';

/** ms that a receiver has for one attempt. */
const ATTEMPT = 10_000;
/** News that may wait for one receiver. */
const WAITING = 1000;

export interface NotificationsParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly state: State;
  /** What people type behind `ssh` to reach the bastion. */
  readonly words: string;
  /** How people reach the HTTP API; null: nothing is linked. */
  readonly url: string | null;
  /** Tells of everything that may be told, after it was stored. */
  readonly onChange: (listener: () => void) => void;
  /** Names of the receivers that are told of every break-glass, at this moment. */
  readonly alarmed: () => readonly string[];
}

export class Notifications implements NotificationTrials {
  readonly #dispatcher: Dispatcher;
  readonly #serving = new Serial();
  #receivers: readonly Receiver[] = [];

  constructor({ state, clock, logger, words, url, onChange, alarmed }: NotificationsParts) {
    const { store, audit } = state;
    this.#dispatcher = new Dispatcher({
      store: store.outbox,
      findRequest: (uid) => store.approvals.find(uid),
      findBreakGlass: (uid) => store.breakGlasses.find(uid),
      carrierFor: ({ way }) => (way.kind === 'http' ? httpCarrier(way, clock) : mailCarrier(way)),
      sender: { words, url, logHead: () => audit.head },
      audit,
      clock,
      random: Math.random,
      alarmed,
      limits: { attempt: ATTEMPT, waiting: WAITING },
      onFailure: (what, failure) => logger.error('notifications', { what, failure: describeFailure(failure) }),
    });
    onChange(() => this.#dispatcher.wake());
  }

  /** Who is told from the next change on. Nothing is sent before `serve`. */
  announceTo(receivers: readonly Receiver[]): void {
    this.#dispatcher.announceTo(receivers);
  }

  /** Sends what waits and what comes, to these from now on. */
  serve(receivers: readonly Receiver[], { giveUp }: NotifyConfig): Promise<void> {
    return this.#serving.run(async () => {
      this.#receivers = receivers;
      await this.#dispatcher.serve(receivers, giveUp);
    });
  }

  /** What is not delivered yet is kept for the next start. */
  stop(): Promise<void> {
    return this.#serving.run(() => this.#dispatcher.stop());
  }

  async tryOut(by: string, name: string | null): Promise<readonly TrialReport[]> {
    const chosen = this.#receivers.filter((one) => name === null || one.name === name);
    if (chosen.length === 0) throw nobody(name, this.#receivers);
    const waiting = await this.#dispatcher.report();
    return Promise.all(
      chosen.map(async (receiver) => {
        const attempt = await this.#dispatcher.tryOut(receiver, by);
        const { name: own, way } = receiver;
        return {
          receiver: own,
          form: way.kind === 'mail' ? 'mail' : way.form,
          problem: attempt.kind === 'delivered' ? null : attempt.why,
          waiting: waiting.find((one) => one.name === own)?.waiting ?? 0,
        };
      }),
    );
  }
}

/** The receivers of a configuration. @throws HeldlineError `notify.invalid` with every finding in its message */
export async function requireReceivers(notify: NotifyConfig): Promise<readonly Receiver[]> {
  const { receivers, findings } = await readReceivers(notify);
  if (receivers !== null) return receivers;
  const lines = findings.map(({ file, message }) => `${file}: ${message}`).join('\n          ');
  throw new HeldlineError('notify.invalid', `the receivers of notifications are not usable\n          ${lines}`, {
    kind: 'check-failed',
  });
}

function nobody(name: string | null, receivers: readonly Receiver[]): HeldlineError {
  const known = receivers.map((one) => one.name).join(', ');
  if (name === null || known === '') {
    return new HeldlineError('notify.none', 'nobody is told: heldline.yaml has no notify.receivers', {
      kind: 'not-found',
      hint: 'docs/notifications.md shows how; then run: heldline config reload',
    });
  }
  return new HeldlineError('notify.unknown', `there is no receiver ${name}; there are: ${known}`, {
    kind: 'not-found',
  });
}
