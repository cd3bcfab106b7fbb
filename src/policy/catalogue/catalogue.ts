/**
 * Finds which entries a command matches. Entries are indexed by command name, so that an everyday command is
 * compared with few of them. Built once per policy; holds no state.
 */

import type { Severity } from '../../model/decision.ts';
import type { SimpleCommand } from '../analysis.ts';
import type { CommandTest } from '../matching/command-test.ts';
import { CommandView } from '../matching/command-view.ts';
import type { CatalogueEntry, EntryCase, Need } from './entry.ts';

/** One entry that a command matched. */
export interface CatalogueHit {
  readonly id: string;
  /** Only text known at run time could make it true. */
  readonly possible: boolean;
}

interface IndexedCase {
  readonly entry: CatalogueEntry;
  readonly test: CommandTest | null;
}

const RANK: readonly Severity[] = ['info', 'low', 'medium', 'high', 'critical'];

/** 0 for info to 4 for critical. */
export function severityRank(severity: Severity): number {
  return RANK.indexOf(severity);
}

export class Catalogue {
  readonly entries: readonly CatalogueEntry[];
  readonly #byId: ReadonlyMap<string, CatalogueEntry>;
  readonly #byName = new Map<string, IndexedCase[]>();
  readonly #byPrefix: { readonly prefix: string; readonly indexed: IndexedCase }[] = [];
  readonly #byNeed = new Map<Need | 'nothing', IndexedCase[]>();
  readonly #byFact = new Map<string, CatalogueEntry>();

  constructor(entries: readonly CatalogueEntry[]) {
    this.entries = entries;
    this.#byId = new Map(entries.map((entry) => [entry.id, entry]));
    for (const entry of entries) {
      if (entry.fact !== undefined) this.#byFact.set(entry.fact, entry);
      for (const one of entry.cases) this.#index(entry, one);
    }
  }

  entry(id: string): CatalogueEntry | undefined {
    return this.#byId.get(id);
  }

  /** What `view` matches, general ids hidden behind specific ones. Order is that of the entries found. */
  match(view: CommandView): readonly CatalogueHit[] {
    const found = new Map<string, boolean>();
    for (const id of view.command.sqlIds) if (this.#byId.has(id)) found.set(id, false);
    for (const fact of view.command.facts) {
      const entry = this.#byFact.get(fact);
      if (entry !== undefined) found.set(entry.id, false);
    }
    if (view.command.kind === 'shell') this.#matchCases(view, found);
    return found.size === 0 ? [] : this.#visible(found);
  }

  /** The same for a bare command; for callers that need no view afterwards. */
  matchCommand(command: SimpleCommand): readonly CatalogueHit[] {
    return this.match(new CommandView(command));
  }

  #matchCases(view: CommandView, found: Map<string, boolean>): void {
    for (const one of this.#byName.get(view.name) ?? []) tryCase(view, one, found);
    for (const { prefix, indexed } of this.#byPrefix) if (view.name.startsWith(prefix)) tryCase(view, indexed, found);
    for (const [need, cases] of this.#byNeed) {
      if (meets(view, need)) for (const one of cases) tryCase(view, one, found);
    }
  }

  #visible(found: ReadonlyMap<string, boolean>): readonly CatalogueHit[] {
    const hidden = new Set<string>();
    for (const [id, possible] of found) {
      if (!possible) for (const general of this.#byId.get(id)?.hides ?? []) hidden.add(general);
    }
    return [...found].filter(([id]) => !hidden.has(id)).map(([id, possible]) => ({ id, possible }));
  }

  #index(entry: CatalogueEntry, one: EntryCase): void {
    const indexed = { entry, test: one.test ?? null };
    if (one.commands === undefined) {
      const need = one.need ?? 'nothing';
      this.#byNeed.set(need, [...(this.#byNeed.get(need) ?? []), indexed]);
      return;
    }
    for (const name of one.commands) {
      if (name.endsWith('*')) this.#byPrefix.push({ prefix: name.slice(0, -1), indexed });
      else this.#byName.set(name, [...(this.#byName.get(name) ?? []), indexed]);
    }
  }
}

function meets(view: CommandView, need: Need | 'nothing'): boolean {
  switch (need) {
    case 'nothing':
      return true;
    case 'reads':
      return view.reads.length > 0;
    case 'writes':
      return view.writes.length > 0;
    case 'removes':
      return view.removes.length > 0;
    case 'assigns':
      return view.command.assigns.length > 0;
    case 'redirects':
      return view.command.redirs.length > 0;
    case 'init-script':
      return view.command.program.includes('/init.d/');
  }
}

/** A sure match replaces a possible one. */
function tryCase(view: CommandView, one: IndexedCase, found: Map<string, boolean>): void {
  if (found.get(one.entry.id) === false) return;
  const answer = one.test === null ? 'yes' : one.test(view);
  if (answer !== 'no') found.set(one.entry.id, answer === 'possible');
}
