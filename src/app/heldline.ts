/** One daemon: starts what was composed in a safe order, reloads, drains and stops it. */

import type { Cancel, Clock } from '../base/clock.ts';
import { describeFailure } from '../base/heldline-error.ts';
import type { Logger } from '../base/logger.ts';
import { visible } from '../base/visible.ts';
import type { Config } from '../config/config.ts';
import type { ReloadReport } from '../console/services.ts';
import type { Principal } from '../model/principal.ts';
import type { SessionRecord } from '../model/session.ts';
import type { Receiver } from '../notify/receiver.ts';
import type { LiveSessions } from '../session/live-sessions.ts';
import type { AfterHooks } from '../session/outcome/after-hooks.ts';
import type { SshFrontDoor } from '../ssh/server/ssh-front-door.ts';
import type { AdminServer } from './admin/admin-server.ts';
import type { Knowledge } from './knowledge.ts';
import type { Metrics } from './metrics.ts';
import type { Mosh } from './mosh.ts';
import type { Notifications } from './notifications.ts';
import type { State } from './open-state.ts';
import { keepPolicy } from './policy-files.ts';
import type { Recordings } from './recordings.ts';
import { reload } from './reload.ts';
import type { SelfTesting } from './self-testing.ts';
import type { Web } from './web.ts';

export interface HeldlineParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly state: State;
  readonly knowledge: Knowledge;
  readonly recordings: Recordings;
  readonly live: LiveSessions;
  readonly hooks: AfterHooks;
  readonly admin: AdminServer;
  readonly frontDoor: SshFrontDoor;
  /** null when it is switched off. */
  readonly mosh: Mosh | null;
  /** null when it is switched off. */
  readonly web: Web | null;
  /** null when they are switched off. */
  readonly metrics: Metrics | null;
  readonly selfTesting: SelfTesting;
  readonly notifications: Notifications;
  /** Who is told at the start. */
  readonly receivers: readonly Receiver[];
}

/** ms between two looks at overdue requests and at the head of the audit log. */
const TICK = 2000;
/** ms that live sessions have for their last words when the daemon stops at once. */
const LAST_WORDS = 2000;

export class Heldline {
  readonly #parts: HeldlineParts;
  #port = 0;
  #cancelTick: Cancel = () => {};
  #stopping: Promise<void> | undefined;
  #draining = false;

  constructor(parts: HeldlineParts) {
    this.#parts = parts;
    this.#endLostAuthority();
    this.#endTimedSessions();
    this.#announceLockdown();
    this.#tellOfBreakGlass();
  }

  /** Port of the SSH door; 0 before the start. */
  get port(): number {
    return this.#port;
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** Recovers what an earlier run left, then opens the doors: the SSH listener last. @throws HeldlineError */
  async start(): Promise<void> {
    const { state, knowledge, recordings, admin, frontDoor, config, logger, notifications, receivers } = this.#parts;
    await state.audit.append({ type: 'node.started' });
    // What the last run left open expires now: that is news as well.
    notifications.announceTo(receivers);
    await knowledge.desk.recoverAtStart();
    await knowledge.commandGrants.start();
    await knowledge.breakGlasses.start();
    await knowledge.grants.start();
    await recordings.prepare();
    await keepPolicy(state.layout.policies, knowledge.engine.current);
    await state.audit.append({ type: 'policy.loaded', policy: { hash: knowledge.engine.current.hash } });
    await notifications.serve(receivers, config.notify);
    await admin.start();
    this.#tick();
    await this.#parts.mosh?.open();
    await this.#parts.web?.open();
    await this.#parts.metrics?.open();
    this.#parts.selfTesting.start();
    for (const host of config.ssh.listen) {
      this.#port = await frontDoor.start({ host, port: this.#port === 0 ? config.ssh.port : this.#port });
    }
    logger.info('ready', { port: this.#port, listen: config.ssh.listen.join(' ') });
  }

  /** Reads policy and notifications again, swaps them if both are good. Never throws for what is in the files. */
  reload(by: string): Promise<ReloadReport> {
    return reload(this.#parts, by);
  }

  /** `drain` waits for sessions to end, at most as long as configured; `now` ends them. Idempotent, `now` wins. */
  stop(how: 'drain' | 'now'): Promise<void> {
    if (how === 'now') this.#parts.live.endWhere(() => true, 'the bastion is stopping');
    this.#stopping ??= this.#stop(how);
    return this.#stopping;
  }

  /** After a bug: nothing held may be released any more. Ends the process. */
  crash(): never {
    this.#parts.live.dropHoldsWhere(() => true, 'the bastion failed');
    process.exit(1);
  }

  async #stop(how: 'drain' | 'now'): Promise<void> {
    const { config, frontDoor, live, admin, state, knowledge, logger, notifications } = this.#parts;
    this.#draining = true;
    await state.audit.append({ type: 'node.draining' });
    const grace = how === 'now' ? LAST_WORDS : config.drain;
    const closed = frontDoor.stop(grace);
    const force = this.#parts.clock.after(grace, () => live.endWhere(() => true, 'the bastion is stopping'));
    await live.whenEmpty();
    await this.#parts.hooks.stop(grace);
    await this.#parts.mosh?.close();
    await this.#parts.web?.close();
    await this.#parts.metrics?.close();
    await this.#parts.selfTesting.stop();
    force();
    await closed;
    this.#cancelTick();
    knowledge.grants.stop();
    knowledge.commandGrants.stop();
    knowledge.breakGlasses.stop();
    await notifications.stop();
    await admin.stop();
    await state.audit.append({ type: 'node.stopped' });
    await state.close();
    logger.info('stopped');
  }

  /** Overdue requests end, and the store learns how far the audit log goes. */
  #tick(): void {
    const { clock, knowledge, state, logger } = this.#parts;
    this.#cancelTick = clock.after(TICK, () => {
      const work = Promise.all([knowledge.desk.expireOverdue(), state.witness.note()]);
      work
        .catch((failure: unknown) => logger.error('housekeeping failed', { failure: describeFailure(failure) }))
        .finally(() => this.#tick());
    });
  }

  /** Access for a time that ends takes the sessions under it along: their next line has no access, and one without its user ends. */
  #endTimedSessions(): void {
    const { knowledge, live } = this.#parts;
    knowledge.grants.onChange((grant) => {
      if (grant.state === 'active') return;
      const concerned = (record: SessionRecord): boolean =>
        record.user === grant.user && record.target === grant.target;
      const over = `access to ${grant.target} ended`;
      live.dropHoldsWhere(concerned, over);
      live.endWhere((record, presence) => concerned(record) && presence === 'detached', over);
      if (grant.state === 'revoked') live.endWhere(concerned, `access to ${grant.target} was revoked`);
    });
  }

  /** What is held is dropped and everybody is told; what is typed from now on finds the lockdown by itself. */
  #announceLockdown(): void {
    const { knowledge, live, logger } = this.#parts;
    knowledge.lockdown.onChange((lockdown) => {
      if (lockdown === null) {
        logger.info('the lockdown was lifted');
        live.tellAll('the lockdown was lifted.');
        return;
      }
      logger.warn('locked down', { by: lockdown.by, reason: lockdown.reason });
      live.dropHoldsWhere(() => true, 'the bastion is locked down');
      this.#voidPasses(() => true, 'the bastion was locked down');
      live.tellAll(`the bastion is locked down (${visible(lockdown.reason)}). Nothing runs until that is lifted.`);
    });
  }

  /** Disabling somebody or removing a key reaches connections, sessions, holds and votes at once. */
  #endLostAuthority(): void {
    const { knowledge, frontDoor, mosh, live, logger } = this.#parts;
    knowledge.users.onChange((change) => {
      if (change.kind === 'disabled' || change.kind === 'removed') {
        const why = 'your account is not active any more';
        mosh?.disconnectWhere(({ user }) => user === change.user, why);
        live.endWhere((record) => record.user === change.user, why);
        frontDoor.disconnectUser(change.user, why);
      }
      if (change.kind === 'key-removed') {
        const why = 'the key that you signed in with was removed';
        const byKey = ({ user, proof }: Principal): boolean =>
          user === change.user && proof.keyFingerprint === change.fingerprint;
        const signedIn = frontDoor.disconnectWhere(byKey, why);
        mosh?.disconnectWhere(byKey, why);
        logger.info('key removed', { user: change.user, connections: signedIn });
      }
      const { user, kind } = change;
      if (kind === 'disabled' || kind === 'removed' || kind === 'key-removed') {
        this.#voidPasses((holder) => holder === user, `${user} lost an account or a key`);
      }
      this.#reviewVotes();
    });
    knowledge.tokens.onEnded(() => this.#reviewVotes());
  }

  #reviewVotes(): void {
    const { knowledge, logger } = this.#parts;
    const { desk, commandGrants, breakGlasses } = knowledge;
    const reviews = [desk.reviewPeople(), commandGrants.reviewPeople(), breakGlasses.reviewPeople()];
    Promise.all(reviews).catch((failure: unknown) => {
      logger.error('votes could not be reviewed', { failure: describeFailure(failure) });
    });
  }

  /** Nothing passes by the grants and the break-glass of these people from now on; the rest is writing it down. */
  #voidPasses(concerns: (user: string) => boolean, why: string): void {
    const { knowledge, logger } = this.#parts;
    const ends = [
      knowledge.commandGrants.voidWhere(({ given }) => concerns(given.statement.user), why),
      knowledge.breakGlasses.endWhere(({ user }) => concerns(user), why),
    ];
    Promise.all(ends).catch((failure: unknown) => {
      logger.error('the end of grants was not written down', { failure: describeFailure(failure) });
    });
  }

  /** Whoever broke the glass sees in their sessions that it is open, and when it is not any more. */
  #tellOfBreakGlass(): void {
    const { knowledge, live, logger } = this.#parts;
    knowledge.breakGlasses.onChange(({ id, user, until, state, ending, review }) => {
      if (review !== null) return;
      const isOpen = state === 'open';
      const tell = isOpen
        ? `break-glass ${id} is open until ${new Date(until).toISOString()}: what is held passes, and is told to others.`
        : `break-glass ${id} has ended: ${visible(ending ?? '')}. What is held waits for people again.`;
      live.tellWhere((record) => record.user === user, tell);
      logger.warn(isOpen ? 'break-glass' : 'break-glass ended', { id, user });
    });
  }
}
