/** The approver's inbox: what waits, the whole of the chosen request, and the questions about it. */
import { stagesAsking } from '../../approval/eligibility.ts';
import { formatCountdown } from '../../base/duration.ts';
import type { TerminalSize } from '../../model/session.ts';
import { InboxQuestion } from './inbox-question.ts';
import type { InboxResult } from './inbox-result.ts';
import type { ScreenKey } from './key-reader.ts';
import { around, cell, entryRow, isNarrow, keyRow, rule, sides, titleRow } from './page-text.ts';
import { requestDetail } from './request-detail.ts';
import type { Page } from './screen-visit.ts';
import { subsequenceScore } from './subsequence.ts';
import { TextField } from './text-field.ts';
import type { WaitingRequest } from './waiting-request.ts';

export interface InboxFacts {
  readonly user: string;
  readonly roles: readonly string[];
  /** Said above everything else, such as a lockdown; null for nothing. */
  readonly notice: string | null;
  /** ms since the epoch, asked at every drawing. */
  readonly now: () => number;
  /** Hears of each request once, when it is on the screen. */
  readonly onSeen?: (waiting: WaitingRequest) => void;
}

type Mode =
  | { readonly kind: 'list' }
  | { readonly kind: 'filter' }
  | { readonly kind: 'help' }
  | { readonly kind: 'question'; readonly question: InboxQuestion };

const HELP: readonly string[] = [
  ' j k up down   choose             space, page keys   read on below',
  ' a             approve with your own one-time code',
  ' g             the same, remembered for what stands under Grant',
  ' d             deny with a reason',
  ' w             watch the session; the user is told',
  ' /             filter             s                  sound on or off',
  ' q Esc         quit',
];

export class InboxPage implements Page<InboxResult> {
  readonly ticks = true;
  readonly #filter = new TextField();
  readonly #seen = new Map<string, { readonly mustSee: number; readonly read: number }>();
  #facts: InboxFacts;
  #waiting: readonly WaitingRequest[] = [];
  #mode: Mode = { kind: 'list' };
  #chosen: string | null = null;
  #scroll = 0;
  #height = 1;
  #sound = true;
  #message = '';

  constructor(facts: InboxFacts) {
    this.#facts = facts;
  }

  get sound(): boolean {
    return this.#sound;
  }

  /** What waits now. A question about a request that is gone is dropped. @returns whether something new came */
  update(waiting: readonly WaitingRequest[], notice: string | null): boolean {
    const known = new Map(this.#waiting.map((one) => [uidOf(one), callsOf(one)]));
    this.#waiting = waiting;
    this.#facts = { ...this.#facts, notice };
    if (this.#mode.kind === 'question') {
      const { waiting: asked } = this.#mode.question;
      if (!waiting.some((one) => uidOf(one) === uidOf(asked))) {
        this.#mode = { kind: 'list' };
        this.say(`${asked.request.id} was decided or ended meanwhile.`);
      }
    }
    return waiting.some((one) => callsOf(one) > (known.get(uidOf(one)) ?? -1));
  }

  /** One line above the keys, until the next key. */
  say(message: string): void {
    this.#message = message;
  }

  rows(size: TerminalSize): readonly string[] {
    const { cols } = size;
    const found = this.#found();
    const chosen = this.#chosenIn(found);
    const foot = this.#foot(cols);
    const head = this.#head(cols);
    const listRows = Math.max(1, Math.min(found.length, Math.floor((size.rows - head.length - foot.length) / 3)));
    const list =
      found.length === 0
        ? [cell(this.#filter.isEmpty ? '   Nothing waits for you.' : '   nothing fits', cols)]
        : around(found, chosen, listRows).map((one) => this.#entry(one, one === found[chosen], cols));
    this.#height = Math.max(1, size.rows - head.length - list.length - foot.length - 1);
    return [...head, ...list, rule(cols), ...this.#detail(found[chosen], cols), ...foot];
  }

  press(key: ScreenKey): InboxResult | null {
    this.#message = '';
    switch (this.#mode.kind) {
      case 'question':
        return this.#answer(this.#mode.question, key);
      case 'filter':
        this.#typeFilter(key);
        return null;
      case 'help':
        this.#mode = { kind: 'list' };
        return null;
      case 'list':
        return this.#command(key);
    }
  }

  #answer(question: InboxQuestion, key: ScreenKey): InboxResult | null {
    const answer = question.press(key);
    if (answer === 'more') return null;
    this.#mode = { kind: 'list' };
    return answer === 'dropped' ? null : answer;
  }

  #typeFilter(key: ScreenKey): void {
    if (key.kind === 'escape') this.#filter.set('');
    if (key.kind === 'escape' || key.kind === 'enter') this.#mode = { kind: 'list' };
    else this.#filter.press(key);
  }

  #command(key: ScreenKey): InboxResult | null {
    if (key.kind === 'escape') return { kind: 'quit' };
    if (key.kind !== 'text') {
      this.#move(key);
      return null;
    }
    if (key.text === 'q') return { kind: 'quit' };
    if (key.text === '?') this.#mode = { kind: 'help' };
    else if (key.text === '/') this.#mode = { kind: 'filter' };
    else if (key.text === 's') this.#sound = !this.#sound;
    else if (key.text === ' ') this.#scroll += this.#height;
    else if (key.text === 'j') this.#step(1);
    else if (key.text === 'k') this.#step(-1);
    else return this.#decide(key.text);
    return null;
  }

  #decide(letter: string): InboxResult | null {
    const found = this.#found();
    const waiting = found[this.#chosenIn(found)];
    if (waiting === undefined) return null;
    if (letter === 'w') return { kind: 'watch', waiting };
    if (letter === 'd') this.#mode = { kind: 'question', question: new InboxQuestion('deny', waiting) };
    if (letter === 'a') this.#askCode(waiting, 'approve');
    if (letter === 'g' && waiting.request.statement.grant === undefined) this.say('This cannot be remembered.');
    else if (letter === 'g') this.#askCode(waiting, 'grant');
    return null;
  }

  /** Only what was read as a whole can be approved. */
  #askCode(waiting: WaitingRequest, verdict: 'approve' | 'grant'): void {
    const seen = this.#seen.get(uidOf(waiting));
    const { user, roles } = this.#facts;
    const asking = stagesAsking(waiting.request, { name: user, roles });
    if (seen === undefined || seen.read < seen.mustSee)
      this.say('Read the whole command first: space shows more of it.');
    else if (!asking.some(({ factors }) => factors.includes('totp')))
      this.say(`Sign it: approve ${waiting.request.id} --sign`);
    else this.#mode = { kind: 'question', question: new InboxQuestion(verdict, waiting) };
  }

  #move(key: ScreenKey): void {
    if (key.kind === 'up') this.#step(-1);
    if (key.kind === 'down') this.#step(1);
    if (key.kind === 'page-down') this.#scroll += this.#height;
    if (key.kind === 'page-up') this.#scroll = Math.max(0, this.#scroll - this.#height);
  }

  #step(by: number): void {
    const found = this.#found();
    const next = found[Math.max(0, Math.min(found.length - 1, this.#chosenIn(found) + by))];
    this.#chosen = next === undefined ? null : uidOf(next);
    this.#scroll = 0;
  }

  #found(): readonly WaitingRequest[] {
    if (this.#filter.isEmpty) return this.#waiting;
    return this.#waiting.filter(({ request: { id, statement } }) => {
      const text = [id, statement.user, statement.target, statement.login, statement.command].join(' ');
      return subsequenceScore(this.#filter.text.trim(), text) !== null;
    });
  }

  #chosenIn(found: readonly WaitingRequest[]): number {
    const index = found.findIndex((one) => uidOf(one) === this.#chosen);
    const chosen = Math.max(0, index);
    const one = found[chosen];
    this.#chosen = one === undefined ? null : uidOf(one);
    return chosen;
  }

  #head(cols: number): string[] {
    const { user, roles, notice } = this.#facts;
    const left = ` heldline   ${[user, ...roles].join(', ')}`;
    const right = `${this.#waiting.length} waiting${isNarrow(cols) ? '' : `   sound ${this.#sound ? 'on' : 'off'}`}`;
    return [titleRow(left, right, cols), ...(notice === null ? [] : [cell(` ${notice}`, cols)])];
  }

  #entry({ request }: WaitingRequest, chosen: boolean, cols: number): string {
    const { statement, severity, subject, urgency, id } = request;
    const mark = chosen ? ' > ' : '   ';
    const left = formatCountdown(statement.expiresAt - this.#facts.now());
    if (isNarrow(cols)) {
      const text = `${mark}${id} ${left.padEnd(5)} ${statement.user}@${statement.target}  ${statement.command}`;
      return entryRow(cell(text, cols), chosen, cols);
    }
    const zone = request.labels['env'] ?? '-';
    const who = subject === 'access' ? statement.user : `${statement.user} ${statement.login}@${statement.target}`;
    const text = `${mark}${id} ${left.padEnd(5)} ${cell(who, 22)} ${cell(zone, 6)} `;
    const haste = urgency === undefined || urgency === 'normal' ? '' : urgency === 'high' ? 'URGENT ' : 'no hurry ';
    const label = `${haste}${subject ?? severity ?? ''}`.trimEnd();
    const room = Math.max(0, cols - text.length - label.length - 2);
    return entryRow(sides(`${text}${cell(statement.command, room)}`, label, cols), chosen, cols);
  }

  /** The part of the statement that is scrolled to; remembers what was on the screen. */
  #detail(waiting: WaitingRequest | undefined, cols: number): string[] {
    if (waiting === undefined) return Array.from({ length: this.#height }, () => '');
    const { rows, mustSee } = requestDetail(waiting, cols);
    this.#scroll = Math.max(0, Math.min(this.#scroll, rows.length - this.#height));
    const end = this.#scroll + this.#height;
    this.#remember(waiting, end, mustSee);
    const shown = rows.slice(this.#scroll, end);
    return [...shown, ...Array.from({ length: this.#height - shown.length }, () => '')];
  }

  /** Rows count as read when all before them were; after a resize reading begins anew. */
  #remember(waiting: WaitingRequest, end: number, mustSee: number): void {
    const before = this.#seen.get(uidOf(waiting));
    if (before === undefined) this.#facts.onSeen?.(waiting);
    const read = before?.mustSee === mustSee ? before.read : 0;
    if (this.#scroll <= read) this.#seen.set(uidOf(waiting), { mustSee, read: Math.max(read, end) });
  }

  #foot(cols: number): string[] {
    const said = this.#message === '' ? [] : [cell(` ${this.#message}`, cols)];
    switch (this.#mode.kind) {
      case 'question':
        return [rule(cols), ...said, ...this.#mode.question.rows(cols)];
      case 'filter':
        return [rule(cols), cell(` / ${this.#filter.shown}`, cols)];
      case 'help':
        return [rule(cols), ...HELP.map((line) => cell(line, cols))];
      case 'list': {
        const keys = isNarrow(cols)
          ? ['a approve', 'd deny', '? help', 'q quit']
          : ['a approve', 'd deny', 'w watch', '/ filter', '? help', 'q quit'];
        return [rule(cols), ...said, keyRow(keys, cols)];
      }
    }
  }
}

/** How often people were called to it: it rings for each time. */
function callsOf({ request }: WaitingRequest): number {
  return (request.reminded?.times ?? 0) + (request.messages ?? []).length;
}

function uidOf({ request }: WaitingRequest): string {
  return request.statement.uid;
}
