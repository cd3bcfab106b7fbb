/**
 * The panel of one held line, from the first paint to the decision: takes the keys that arrive after it was
 * painted, gives the user's own code to the desk, counts down, and follows what others decide. It decides nothing
 * itself and submits nothing; whatever fails here leaves the line held until it expires or is cancelled.
 */
import type { HeldRequest } from '../../approval/ports.ts';
import { factsInWords } from '../../approval/request-view.ts';
import type { Saying } from '../../approval/requester-says.ts';
import type { Cancel, Clock } from '../../base/clock.ts';
import { withDeadline } from '../../base/deadline.ts';
import type { ApprovalRequest } from '../../model/approval-request.ts';
import type { Principal } from '../../model/principal.ts';
import { nextUrgency } from '../../model/urgency.ts';
import type { KeyToken } from '../../terminal/key-token.ts';
import { drawPanel, type PanelEntry, type PanelFrame, type PanelView } from '../../terminal/panel.ts';
import type { Presence } from '../ports.ts';
import type { GateDesk } from './collaborators.ts';
import { answerToReason, answerToVote } from './desk-answers.ts';
import { type PanelCommand, type Prompt, pressKey } from './panel-keys.ts';
import type { UserScreen } from './user-screen.ts';
import { MOVED_WORDS, messageWords, ownProof, remindedWords, waitedFor } from './words.ts';

/** How long the desk may take to answer, ms. */
const DESK_DEADLINE = 5000;
/** Somebody else's approval within this time of the hold needs no Enter, ms: the user is still there. */
const STILL_THERE = 10_000;
const TICK = 1000;
/** Whoever is writing a message when the line is decided has stopped after this long without a key, ms. */
const QUIET = 700;
/** And is waited for at most so long, ms. */
const LONGEST_CLOSING = 5000;

export type HoldEnd =
  | { readonly kind: 'approved'; readonly request: ApprovalRequest }
  /** `why`: what ended it, when that is known. */
  | { readonly kind: 'over'; readonly request: ApprovalRequest; readonly why: string | null };

export interface HeldLineParts {
  readonly desk: GateDesk;
  readonly screen: UserScreen;
  readonly clock: Clock;
  readonly voter: Principal;
  readonly presence: () => Presence;
  /** For what nobody waits for; told when it failed. */
  readonly background: (work: Promise<unknown>) => void;
}

export class HeldLine {
  readonly #parts: HeldLineParts;
  readonly #view: PanelView;
  /** On the monotonic clock, ms. */
  readonly #deadline: number;
  readonly #ended: Promise<HoldEnd>;
  #end: (end: HoldEnd) => void = () => {};
  #stage: 'opening' | 'shown' | 'closing' | 'over' = 'opening';
  /** When a key last came for the panel, or it was shown: monotonic ms. */
  #lastKey = 0;
  #closing: { readonly end: HoldEnd; readonly by: number } | null = null;
  #request: ApprovalRequest;
  #prompt: Prompt;
  #note: string | null = null;
  #page = 0;
  #pagesSeen = 1;
  #stopWatching: () => void = () => {};
  #cancelTick: Cancel = () => {};

  constructor(parts: HeldLineParts, request: ApprovalRequest, view: PanelView) {
    this.#parts = parts;
    this.#view = view;
    this.#request = request;
    this.#prompt = promptFor(request, parts.voter.user);
    this.#deadline = parts.clock.monotonic() + request.statement.expiresAt - parts.clock.now();
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** Whether the panel is on the screen: keys that come now are for it. */
  get listening(): boolean {
    return this.#stage === 'shown' || this.#stage === 'closing';
  }

  /** Shows the panel as soon as the screen allows it and resolves when the line is decided. Never rejects. */
  async run(): Promise<HoldEnd> {
    const { desk, screen } = this.#parts;
    const { uid } = this.#request.statement;
    this.#stopWatching = desk.watch(uid, (request) => this.#changed(request));
    if (this.#stage === 'over') this.#stopWatching();
    await screen.ground();
    if (this.#stage === 'opening') {
      this.#stage = 'shown';
      this.#lastKey = this.#parts.clock.monotonic();
      this.#tick();
    }
    return this.#ended;
  }

  key(token: KeyToken): void {
    if (this.#stage === 'closing') this.#awaitQuiet();
    if (this.#stage !== 'shown') return;
    const now = this.#parts.clock.monotonic();
    const quiet = now - this.#lastKey;
    this.#lastKey = now;
    this.#obey(pressKey(this.#prompt, token, now, quiet));
  }

  /** Drops the line. @param why for the verdict; null when the user did it */
  cancel(why: string | null): void {
    if (this.#stage === 'over') return;
    this.#parts.background(this.#parts.desk.cancel(this.#request.statement.uid, why ?? 'cancelled by the requester'));
    this.#finish({ kind: 'over', request: { ...this.#request, state: 'cancelled' }, why });
  }

  /** After the screen changed its size, or the user came back. */
  redraw(): void {
    if (!this.listening) return;
    const frame = this.#frame();
    this.#pagesSeen = Math.max(this.#pagesSeen, Math.min(this.#page, frame.pages - 1) + 1);
    this.#parts.screen.cover(frame);
  }

  #frame(): PanelFrame {
    const state = { entry: this.#entry(), note: this.#note, page: this.#page, timeLeft: this.#timeLeft() };
    return drawPanel(this.#view, state, this.#parts.screen.size);
  }

  #entry(): PanelEntry {
    const prompt = this.#prompt;
    switch (prompt.kind) {
      case 'code':
        return { kind: 'code', digits: prompt.digits.length };
      case 'waiting':
        return { kind: 'waiting', who: waitedFor(this.#request, this.#parts.voter.user) };
      case 'reason':
      case 'message':
      case 'ready':
      case 'busy':
        return prompt;
    }
  }

  /** ms until the request expires by whichever clock says so first. */
  #timeLeft(): number {
    const { clock } = this.#parts;
    return Math.min(this.#request.statement.expiresAt - clock.now(), this.#deadline - clock.monotonic());
  }

  #tick(): void {
    if (this.#stage !== 'shown') return;
    const left = this.#timeLeft();
    if (left <= 0) {
      this.#close({ kind: 'over', request: { ...this.#request, state: 'expired' }, why: null });
      return;
    }
    this.redraw();
    this.#cancelTick = this.#parts.clock.after(Math.min(TICK, left), () => this.#tick());
  }

  #obey(command: PanelCommand): void {
    switch (command.kind) {
      case 'nothing':
        return;
      case 'edit':
        this.#ask(command.prompt, null);
        return;
      case 'back':
        this.#ask(promptFor(this.#request, this.#parts.voter.user), null);
        return;
      case 'incomplete':
        this.#ask(this.#prompt, 'A code has six digits.');
        return;
      case 'page':
        this.#turnPage();
        return;
      case 'cancel':
        this.cancel(null);
        return;
      case 'urgency':
        this.#setUrgency();
        return;
      case 'remind':
        this.#remind();
        return;
      case 'message':
        this.#sendMessage(command.text);
        return;
      case 'run':
        if (this.#frozen) this.#ask(this.#prompt, MOVED_WORDS);
        else this.#finish({ kind: 'approved', request: this.#request });
        return;
      case 'code':
        this.#giveCode(command.code);
        return;
      case 'reason':
        this.#giveReason(command.reason);
        return;
    }
  }

  #ask(prompt: Prompt, note: string | null): void {
    this.#prompt = prompt;
    this.#note = note;
    this.redraw();
  }

  /** The next part of a long command; of a short one what matched, and the digest that others are shown. */
  #turnPage(): void {
    const { pages } = this.#frame();
    this.#page = (this.#page + 1) % pages;
    const { ids, rule, digest } = this.#request;
    const facts = factsInWords(this.#request);
    const asked = facts === '' ? '' : `; ${facts}`;
    const note = `Rule ${rule ?? 'default'}, matched ${ids.join(', ') || 'nothing'}${asked}; digest ${digest.slice(0, 23)}`;
    this.#ask(this.#prompt, pages > 1 ? null : note);
  }

  /** Whoever moved away from where they signed in may read and cancel, and releases nothing. */
  get #frozen(): boolean {
    return this.#parts.presence() === 'moved';
  }

  #giveCode(code: string): void {
    if (this.#frozen) {
      this.#ask({ kind: 'code', digits: '' }, MOVED_WORDS);
      return;
    }
    if (this.#pagesSeen < this.#frame().pages) {
      this.#ask({ kind: 'code', digits: '' }, 'Read all of it first: ? shows the next part.');
      return;
    }
    const { clock, desk, voter } = this.#parts;
    const { digest, statement } = this.#request;
    const { uid, policyHash } = statement;
    const vote = desk.vote({ uid, voter, verdict: 'approve', digest, policyHash, code, door: 'panel', reason: null });
    this.#await(
      vote.then((outcome) => answerToVote(outcome, clock.now())),
      { kind: 'code', digits: '' },
    );
  }

  #giveReason(reason: string): void {
    this.#say({ kind: 'reason', text: reason }, () => null, { kind: 'reason', text: reason });
  }

  #setUrgency(): void {
    const urgency = nextUrgency(this.#request.urgency);
    this.#say({ kind: 'urgency', urgency }, () => `Urgency: ${urgency}.`);
  }

  #remind(): void {
    this.#say({ kind: 'reminder' }, ({ reminded }) => remindedWords(reminded?.times ?? 1));
  }

  #sendMessage(text: string): void {
    this.#say({ kind: 'message', text }, ({ messages = [] }) => messageWords(messages.length));
  }

  /** @param done what the panel says when it was said @param before asked again when it was not */
  #say(saying: Saying, done: (request: HeldRequest) => string | null, before: Prompt = { kind: 'waiting' }): void {
    const answer = this.#parts.desk.say(this.#request.statement.uid, saying);
    this.#await(
      answer.then((outcome) => (outcome.kind === 'set' ? done(outcome.request) : answerToReason(outcome))),
      before,
    );
  }

  /** Shows that the desk is asked, then its answer; `before` is asked again unless the request has moved on. */
  #await(answer: Promise<string | null>, before: Prompt): void {
    this.#ask({ kind: 'busy' }, null);
    const settle = (note: string | null): void => {
      if (this.#stage !== 'shown' || this.#prompt.kind !== 'busy') return;
      const next = promptFor(this.#request, this.#parts.voter.user);
      this.#ask(note !== null && next.kind === before.kind ? before : next, note);
    };
    const failed = (failure: unknown): never => {
      settle('That could not be checked just now. Try again.');
      throw failure;
    };
    this.#parts.background(
      withDeadline(answer, DESK_DEADLINE, 'the approval desk', this.#parts.clock).then(settle, failed),
    );
  }

  #changed(request: ApprovalRequest): void {
    if (this.#stage === 'over' || this.#stage === 'closing') return;
    this.#request = request;
    switch (request.state) {
      case 'pending':
        if (this.#prompt.kind === 'waiting' || this.#prompt.kind === 'ready')
          this.#ask(promptFor(request, this.#parts.voter.user), null);
        return;
      case 'approved':
        this.#approved(request);
        return;
      case 'released':
      case 'denied':
      case 'expired':
      case 'cancelled':
      case 'voided':
        this.#close({ kind: 'over', request, why: request.ending ?? null });
        return;
    }
  }

  /** Runs at once after the user's own code; after somebody else's only while the user is sure to be there. */
  #approved(request: ApprovalRequest): void {
    const { clock, presence, screen, voter } = this.#parts;
    const last = request.votes.filter((vote) => vote.verdict === 'approve').at(-1);
    const own = last === undefined || (last.approver === voter.user && last.door === 'panel');
    const soon = clock.now() - request.createdAt <= STILL_THERE;
    // What is still on its way from somebody who writes a message must not become a line of the shell.
    const isWriting = this.#prompt.kind === 'message';
    const immediate = !isWriting && (own || soon || request.requirement.release === 'immediate');
    if (!own) screen.bell();
    if (immediate && presence() === 'attached') {
      this.#finish({ kind: 'approved', request });
      return;
    }
    const by = last?.approver ?? voter.user;
    this.#ask({ kind: 'ready', by, comment: last?.reason ?? null, since: clock.monotonic() }, null);
  }

  /** Ends a line that is not run; whoever is writing a message is waited for, so that its rest goes nowhere else. */
  #close(end: HoldEnd): void {
    if (this.#prompt.kind !== 'message' || this.#stage !== 'shown') {
      this.#finish(end);
      return;
    }
    this.#ask({ kind: 'busy' }, 'This is over. What you type now is dropped.');
    this.#stage = 'closing';
    this.#closing = { end, by: this.#parts.clock.monotonic() + LONGEST_CLOSING };
    this.#awaitQuiet();
  }

  #awaitQuiet(): void {
    if (this.#closing === null) return;
    const { end, by } = this.#closing;
    const { clock } = this.#parts;
    this.#cancelTick();
    this.#cancelTick = clock.after(Math.max(0, Math.min(QUIET, by - clock.monotonic())), () => this.#finish(end));
  }

  #finish(end: HoldEnd): void {
    if (this.#stage === 'over') return;
    this.#stage = 'over';
    this.#stopWatching();
    this.#cancelTick();
    this.#end(end);
  }
}

/** What the user is asked for next. */
function promptFor(request: ApprovalRequest, user: string): Prompt {
  const { requirement, reason, votes } = request;
  if (requirement.reason.required && reason === null) return { kind: 'reason', text: '' };
  const given = votes.some(({ approver, verdict }) => approver === user && verdict === 'approve');
  return ownProof(requirement) === 'code' && !given ? { kind: 'code', digits: '' } : { kind: 'waiting' };
}
