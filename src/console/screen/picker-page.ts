/** The target picker: what one may reach, filtered by typing. Decides nothing; its results say what was wanted. */
import { formatDuration } from '../../base/duration.ts';
import type { TerminalSize } from '../../model/session.ts';
import type { VisibleTarget } from '../../target/access-control.ts';
import type { ScreenKey } from './key-reader.ts';
import { around, cell, entryRow, isNarrow, keyRow, titleRow } from './page-text.ts';
import type { Page } from './screen-visit.ts';
import { subsequenceScore } from './subsequence.ts';
import { TextField } from './text-field.ts';

export type PickerResult =
  | { readonly kind: 'connect'; readonly target: string; readonly login: string }
  | { readonly kind: 'ask-access'; readonly target: string; readonly login: string | null }
  | { readonly kind: 'approvals' | 'history' }
  | { readonly kind: 'quit' };

export interface PickerFacts {
  readonly user: string;
  readonly targets: readonly VisibleTarget[];
  /** When the person was last on a target, ms since the epoch. */
  readonly lastUsed: ReadonlyMap<string, number>;
  /** Requests that wait for this person, one line each. */
  readonly waiting: readonly string[];
  /** Said above everything else, such as a lockdown; null for nothing. */
  readonly notice: string | null;
  readonly now: number;
}

/** Lines above the filter. */
const MOST_SAID = 3;

const HELP: readonly string[] = [
  ' Type letters of a name, a label or a description; they need not be together.',
  ' up down      choose            Enter   connect, or ask for access',
  ' Tab          next login        Esc     clear the filter, then quit',
  ' a or Ctrl-A  approvals         h or Ctrl-R  your sessions',
  ' A letter alone is a command only while the filter is empty.',
];

export class PickerPage implements Page<PickerResult> {
  readonly ticks = false;
  readonly #filter = new TextField();
  readonly #logins = new Map<string, number>();
  #facts: PickerFacts;
  #chosen = 0;
  #helps = false;

  constructor(facts: PickerFacts) {
    this.#facts = facts;
  }

  /** @returns whether something new waits */
  update(facts: PickerFacts): boolean {
    const isNew = facts.waiting.some((line) => !this.#facts.waiting.includes(line));
    this.#facts = facts;
    return isNew;
  }

  rows(size: TerminalSize): readonly string[] {
    const { cols } = size;
    const { user, waiting, notice } = this.#facts;
    const found = this.#found();
    this.#chosen = Math.max(0, Math.min(this.#chosen, found.length - 1));
    const said = notice === null ? waiting : [notice, ...waiting];
    const above = said.slice(0, MOST_SAID).map((line) => cell(` ${line}`, cols));
    const below = this.#helps ? HELP.map((line) => cell(line, cols)) : [];
    const height = Math.max(1, size.rows - 3 - above.length - below.length);
    const entries = found.map((one, index) => entryRow(this.#line(one, index, cols), index === this.#chosen, cols));
    const list = entries.length === 0 ? [cell('   nothing fits', cols)] : around(entries, this.#chosen, height);
    const counts = `${countOf(this.#facts.targets.length, 'target')}, ${waiting.length} waiting for you`;
    return [
      titleRow(` heldline   ${user}`, counts, cols),
      ...above,
      cell(` > ${this.#filter.shown}`, cols),
      ...list,
      ...Array.from({ length: Math.max(0, height - list.length) }, () => ''),
      ...below,
      this.#keys(cols),
    ];
  }

  press(key: ScreenKey): PickerResult | null {
    const command = this.#command(key);
    if (command !== null) return command;
    if (key.kind === 'escape') {
      if (this.#filter.isEmpty) return { kind: 'quit' };
      this.#filter.set('');
    } else if (key.kind === 'enter') return this.#enter();
    else if (key.kind === 'tab') this.#nextLogin();
    else if (key.kind === 'text' && key.text === '?') this.#helps = !this.#helps;
    else if (this.#filter.press(key)) this.#chosen = 0;
    else this.#move(key);
    return null;
  }

  #command(key: ScreenKey): PickerResult | null {
    const letter = key.kind === 'text' && this.#filter.isEmpty ? key.text : null;
    const control = key.kind === 'ctrl' ? key.letter : null;
    if (letter === 'a' || control === 'a') return { kind: 'approvals' };
    if (letter === 'h' || control === 'r') return { kind: 'history' };
    return control === 'd' && this.#filter.isEmpty ? { kind: 'quit' } : null;
  }

  #move(key: ScreenKey): void {
    const last = this.#found().length - 1;
    const steps: Readonly<Record<string, number>> = { up: -1, down: 1, 'page-up': -10, 'page-down': 10 };
    if (key.kind === 'home') this.#chosen = 0;
    else if (key.kind === 'end') this.#chosen = last;
    else this.#chosen = Math.max(0, Math.min(last, this.#chosen + (steps[key.kind] ?? controlStep(key))));
  }

  #enter(): PickerResult | null {
    const found = this.#found()[this.#chosen];
    if (found === undefined) return null;
    const login = this.#loginOf(found);
    const target = found.target.name;
    if (login !== null && found.logins.includes(login)) return { kind: 'connect', target, login };
    return { kind: 'ask-access', target, login };
  }

  #nextLogin(): void {
    const found = this.#found()[this.#chosen];
    if (found === undefined) return;
    const all = loginsOf(found);
    if (all.length > 0)
      this.#logins.set(found.target.name, ((this.#logins.get(found.target.name) ?? 0) + 1) % all.length);
  }

  #loginOf(one: VisibleTarget): string | null {
    return loginsOf(one)[this.#logins.get(one.target.name) ?? 0] ?? null;
  }

  /** What fits the filter: the best first, then the latest used, then by name. */
  #found(): readonly VisibleTarget[] {
    const { targets, lastUsed } = this.#facts;
    const scored = targets.flatMap((one) => {
      const score = this.#filter.isEmpty ? 0 : subsequenceScore(this.#filter.text.trim(), searchText(one));
      return score === null ? [] : [{ one, score, used: lastUsed.get(one.target.name) ?? 0 }];
    });
    scored.sort((a, b) => a.score - b.score || b.used - a.used || (a.one.target.name < b.one.target.name ? -1 : 1));
    return scored.map(({ one }) => one);
  }

  #line(one: VisibleTarget, index: number, cols: number): string {
    const { target } = one;
    const mark = index === this.#chosen ? ' * ' : '   ';
    const login = this.#loginOf(one);
    const shown = login !== null && one.logins.includes(login) ? login : '-';
    if (isNarrow(cols)) return `${mark}${cell(target.name, 14)} ${cell(shown, 9)} ${this.#note(one)}`;
    const widest = Math.max(8, ...this.#facts.targets.map(({ target: { name } }) => name.length));
    const name = cell(target.name, Math.min(widest, 24));
    const left = `${mark}${name}  ${cell(shown, 9)} ${cell(zoneOf(one), 7)} `;
    const note = this.#note(one);
    const room = cols - left.length - note.length - 2;
    return `${left}${cell(target.description, Math.max(0, room))} ${note}`;
  }

  #note(one: VisibleTarget): string {
    const { lastUsed, now } = this.#facts;
    const login = this.#loginOf(one);
    if (login === null || !one.logins.includes(login)) return 'no access: Enter asks for it';
    if (one.until !== null) return `until ${new Date(one.until).toISOString().slice(11, 16)} UTC`;
    const used = lastUsed.get(one.target.name);
    return used === undefined ? '' : `last used ${agoWords(now - used)}`;
  }

  #keys(cols: number): string {
    const empty = this.#filter.isEmpty;
    const commands = empty ? ['a approvals', 'h history'] : ['^A approvals', '^R history'];
    const rest = ['? help', empty ? 'Esc quit' : 'Esc clear'];
    return keyRow(['type to filter', 'up/down', 'Enter connect', 'Tab login', ...commands, ...rest], cols);
  }
}

function loginsOf(one: VisibleTarget): readonly string[] {
  return [...new Set([...one.logins, ...(one.request?.logins ?? [])])];
}

function zoneOf({ target }: VisibleTarget): string {
  return target.labels['env'] ?? Object.values(target.labels)[0] ?? '-';
}

function searchText({ target }: VisibleTarget): string {
  const labels = Object.entries(target.labels).map(([key, value]) => `${key}=${value}`);
  return [target.name, ...labels, target.description].join(' ');
}

function controlStep(key: ScreenKey): number {
  if (key.kind !== 'ctrl') return 0;
  return key.letter === 'n' ? 1 : key.letter === 'p' ? -1 : 0;
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `2 h ago`, in its largest unit. */
function agoWords(ms: number): string {
  if (ms < 60_000) return 'now';
  const unit = ms < 3_600_000 ? 60_000 : ms < 86_400_000 ? 3_600_000 : 86_400_000;
  return `${formatDuration(Math.floor(ms / unit) * unit)} ago`;
}
