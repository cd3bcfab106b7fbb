/** From an analysis to the items that rules judge. */
import type { EvaluationContext } from '../model/decision.ts';
import type { Analysis } from './analysis.ts';
import type { CompiledPolicy } from './compiled-policy.ts';
import type { ItemHit, JudgedItem, MetaId } from './judged-item.ts';
import { CommandView } from './matching/command-view.ts';

/** @param possible whether matches that depend on text known at run time are kept */
export function commandItems(
  policy: CompiledPolicy,
  analysis: Analysis,
  possible: 'match' | 'ignore',
): readonly JudgedItem[] {
  return analysis.commands.map((command) => {
    const view = new CommandView(command);
    const hits = policy.catalogue
      .match(view)
      .filter((hit) => !hit.possible || possible === 'match')
      .map((hit): ItemHit => ({ ...hit, severity: policy.severity(hit.id) }));
    return { kind: 'command', view, hits };
  });
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
