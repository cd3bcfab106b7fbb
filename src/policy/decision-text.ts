/** One or two sentences for the panel and the approver: what is dangerous, or what could not be known. */
import type { Effect } from '../model/decision.ts';
import { severityRank } from './catalogue/catalogue.ts';
import type { CompiledPolicy } from './compiled-policy.ts';
import type { ItemHit, JudgedItem } from './judged-item.ts';
import type { Rule } from './rule.ts';
import type { Verdict } from './verdict.ts';

/** What each `meta.*` id says, without a full stop. */
export const META_TEXT = {
  'meta.opaque': 'It cannot be known before it runs what this does',
  'meta.unparsable': 'The line cannot be parsed',
  'meta.too-long': 'The line is too long to be judged',
  'meta.incomplete': 'The line is not complete',
  'meta.dialect': 'The shell is not one whose syntax is understood exactly',
} as const;

/** Empty for what is allowed. */
export function explainWhy(
  policy: CompiledPolicy,
  effect: Effect,
  deciding: readonly Verdict[],
  rule: Rule | undefined,
): string {
  if (effect === 'allow') return '';
  const items = deciding.map((verdict) => verdict.item);
  const sentences = [sentence(rule?.message ?? null), dangerText(policy, items), metaText(items), requestText(items)];
  const said = sentences.filter((sentence) => sentence !== null);
  if (said.length > 0) return said.join(' ');
  if (effect === 'auto-approve') return 'Approved by rule.';
  if (effect === 'deny') return 'The policy does not allow this command here.';
  return rule === undefined ? 'Every command needs approval here.' : `Rule ${rule.id} asks for approval.`;
}

/** An administrator's message, ended like a sentence. */
function sentence(message: string | null): string | null {
  return message === null || /[.!?]$/u.test(message) ? message : `${message}.`;
}

/** The most severe entry among the deciding commands. */
function dangerText(policy: CompiledPolicy, items: readonly JudgedItem[]): string | null {
  const hits = items.flatMap((item) => (item.kind === 'command' ? item.hits : []));
  const worst = hits.reduce<ItemHit | null>(
    (best, hit) => (best === null || severityRank(hit.severity) > severityRank(best.severity) ? hit : best),
    null,
  );
  if (worst === null) return null;
  const entry = policy.catalogue.entry(worst.id);
  const others = new Set(hits.map((hit) => hit.id)).size - 1;
  const alternative = entry?.alternative === undefined ? '' : ` ${entry.alternative}`;
  return `${worst.severity} (${worst.id}${others > 0 ? ` and ${others} more` : ''}): ${entry?.why ?? ''}${alternative}`;
}

function metaText(items: readonly JudgedItem[]): string | null {
  const meta = items.find((item) => item.kind === 'meta');
  return meta === undefined || meta.kind !== 'meta' ? null : `${META_TEXT[meta.id]}: ${meta.detail}.`;
}

function requestText(items: readonly JudgedItem[]): string | null {
  const request = items.find((item) => item.kind === 'request');
  return request === undefined || request.kind !== 'request'
    ? null
    : `The policy does not grant ${request.request} here.`;
}
