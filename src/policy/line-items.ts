/** From an analysis to the items that rules judge. */
import type { EvaluationContext } from '../model/decision.ts';
import type { Analysis } from './analysis.ts';
import type { CompiledPolicy } from './compiled-policy.ts';
import type { CommandItem, ItemHit, JudgedItem, MetaId } from './judged-item.ts';
import { CommandView } from './matching/command-view.ts';

/** What a policy's catalogue needs. */
type Grading = Pick<CompiledPolicy, 'catalogue' | 'severity'>;

/** Every command of the line with what it matches, what depends on text known at run time included. */
export function commandItems(grading: Grading, analysis: Analysis): readonly CommandItem[] {
  return analysis.commands.map((command) => {
    const view = new CommandView(command);
    const hits = grading.catalogue.match(view).map((hit): ItemHit => ({ ...hit, severity: grading.severity(hit.id) }));
    return { kind: 'command', view, hits };
  });
}

/** The same without the matches that depend on text known at run time. */
export function sureItems(items: readonly CommandItem[]): readonly CommandItem[] {
  if (!items.some((item) => item.hits.some((hit) => hit.possible))) return items;
  return items.map((item) => ({ ...item, hits: item.hits.filter((hit) => !hit.possible) }));
}

/** What could not be known, one item each. */
export function metaItems(analysis: Analysis, context: EvaluationContext): readonly JudgedItem[] {
  const items: JudgedItem[] = [];
  const add = (id: MetaId, detail: string): void => {
    items.push({ kind: 'meta', id, detail });
  };
  if (context.unreadable !== undefined) add('meta.opaque', context.unreadable);
  else if (analysis.opaque.length > 0) add('meta.opaque', opaqueText(analysis));
  if (analysis.unparsable !== null) add('meta.unparsable', analysis.unparsable);
  if (analysis.tooLong !== null) add('meta.too-long', analysis.tooLong);
  if (analysis.incomplete !== null) add('meta.incomplete', analysis.incomplete);
  if (analysis.dialectUnsure) add('meta.dialect', 'the shell is not one whose syntax is understood exactly');
  return items;
}

function opaqueText(analysis: Analysis): string {
  const [first, ...rest] = analysis.opaque;
  if (first === undefined) return '';
  const detail = `${first.reason}: ${first.detail}`;
  const hint = first.rewrite === null ? '' : ` (${first.rewrite})`;
  return `${detail}${hint}${rest.length === 0 ? '' : `; and ${rest.length} more`}`;
}
