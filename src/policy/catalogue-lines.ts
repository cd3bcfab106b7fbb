/** The ids that rules can name, as people look them up. */
import type { Severity } from '../model/decision.ts';
import { CORE_ENTRIES } from './catalogue/core.ts';
import type { Example } from './catalogue/entry.ts';
import { META_TEXT } from './decision-text.ts';
import type { Policy } from './policy.ts';

/** One id. The field names are promised to scripts. */
export interface CatalogueLine {
  readonly id: string;
  /** Null for what the line could not tell (`meta.*`): postures decide about it. */
  readonly severity: Severity | null;
  readonly why: string;
  /** What to do instead. */
  readonly alternative: string | null;
  /** Lines that it matches. */
  readonly positive: readonly string[];
  /** Lines alike that it does not match. */
  readonly negative: readonly string[];
}

/** Those of `policy`, with its own severities and without what it switches off; the shipped ones for null. */
export function catalogueLines(policy: Policy | null): readonly CatalogueLine[] {
  const entries = policy?.compiled.catalogue.entries ?? CORE_ENTRIES;
  const lines = entries.map(
    (entry): CatalogueLine => ({
      id: entry.id,
      severity: policy?.compiled.severity(entry.id) ?? entry.severity,
      why: entry.why,
      alternative: entry.alternative ?? null,
      positive: entry.positive.map(exampleText),
      negative: entry.negative.map(exampleText),
    }),
  );
  return [...lines, ...Object.entries(META_TEXT).map(([id, text]) => metaLine(id, text))];
}

function metaLine(id: string, text: string): CatalogueLine {
  return { id, severity: null, why: `${text}.`, alternative: null, positive: [], negative: [] };
}

/** What is typed at a psql prompt says so. */
function exampleText(example: Example): string {
  return typeof example === 'string' ? example : `psql=# ${example.psql}`;
}
