/** What rules are asked about, one at a time: a command of the line, something the line could not tell, or a channel request. */
import type { RequestKind } from '../model/command-line.ts';
import type { Severity } from '../model/decision.ts';
import type { CommandView } from './matching/command-view.ts';

export interface ItemHit {
  readonly id: string;
  readonly severity: Severity;
  readonly possible: boolean;
}

/** What the analysis could not tell. */
export type MetaId = 'meta.opaque' | 'meta.unparsable' | 'meta.too-long' | 'meta.incomplete' | 'meta.dialect';

/** One simple command and what of the catalogue it matches. */
export interface CommandItem {
  readonly kind: 'command';
  readonly view: CommandView;
  readonly hits: readonly ItemHit[];
}

export type JudgedItem =
  | CommandItem
  | { readonly kind: 'meta'; readonly id: MetaId; readonly detail: string }
  | { readonly kind: 'request'; readonly request: RequestKind; readonly detail: string | null };

/** What is true of the whole submission. */
export interface LineFacts {
  /** Every command only looks; computed when asked. */
  readonly readOnly: () => boolean;
  /** SHA-256 of the exact text in hex; computed when asked. */
  readonly sha256: () => string;
}

/** The ids that stand for an item in decisions. */
export function idsOf(item: JudgedItem): readonly string[] {
  if (item.kind === 'meta') return [item.id];
  return item.kind === 'command' ? item.hits.map((hit) => hit.id) : [];
}
