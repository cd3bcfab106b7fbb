/** The catalogue of one policy: shipped packs, own entries, what is switched off, changed severities. */
import type { Severity } from '../model/decision.ts';
import type { Truth } from '../model/selector.ts';
import type { Match } from './analysis.ts';
import { Catalogue } from './catalogue/catalogue.ts';
import { CORE_ENTRIES, CORE_PACK } from './catalogue/core.ts';
import type { CatalogueEntry } from './catalogue/entry.ts';
import { matchesWildcard } from './language/arguments.ts';
import type { PolicySections } from './lint/collect.ts';
import { refuseDuplicates } from './lint/collect.ts';
import { type FindingList, inside, originOf, type Place, type Sourced } from './lint/findings.ts';
import { checkMatch } from './lint/references.ts';
import { compileMatch } from './matching/rule-match.ts';
import type { EntryFile } from './schema/entry-file.ts';
import type { MatchFile } from './schema/match-file.ts';

const META_IDS: readonly string[] = [
  'meta.opaque',
  'meta.unparsable',
  'meta.too-long',
  'meta.incomplete',
  'meta.dialect',
];

export interface CompiledCatalogue {
  readonly catalogue: Catalogue;
  readonly severities: ReadonlyMap<string, Severity>;
  /** Every id that rules may name, `meta.*` and switched-off ones included. */
  readonly ids: readonly string[];
}

const NOT_IN_ENTRIES: readonly string[] = ['catalogue', 'severity', 'readonly', 'request', 'sha256'];

export function compileCatalogue(sections: PolicySections, findings: FindingList): CompiledCatalogue {
  refuseDuplicates(sections.entries, 'catalogue entry', findings);
  const shipped = new Map(CORE_ENTRIES.map((entry) => [entry.id, entry]));
  for (const { value, place } of sections.entries) {
    if (shipped.has(value.id))
      findings.error(inside(place, 'id'), `"${value.id}" is a shipped entry; choose another id`);
  }
  const own = sections.entries.flatMap((source) => compileEntry(source, findings));
  const all = [...CORE_ENTRIES, ...own];
  const ids = [...all.map((entry) => entry.id), ...META_IDS];
  const disabled = disabledIds(sections, ids, findings);
  lintPacks(sections, findings);
  return {
    catalogue: new Catalogue(all.filter((entry) => !disabled.has(entry.id))),
    severities: severitiesOf(sections, all, findings),
    ids,
  };
}

function compileEntry({ value, place }: Sourced<EntryFile>, findings: FindingList): readonly CatalogueEntry[] {
  const here = inside(place, 'match');
  const before = findings.all.length;
  checkMatch(value.match, here, { windows: [], checks: [], ids: [] }, findings);
  for (const key of membersOf(value.match)) {
    if (NOT_IN_ENTRIES.includes(key))
      findings.error(inside(here, key), `an entry cannot use "${key}": it says what a command looks like`);
  }
  if (findings.all.length > before) return [];
  const match = compileMatch(value.match);
  const line = { readOnly: () => false, sha256: () => '' };
  return [
    {
      id: value.id,
      severity: value.severity,
      why: value.why,
      ...(value.alternative === undefined ? {} : { alternative: value.alternative }),
      cases: [{ ...namesOf(value.match), test: (view) => asMatch(match({ kind: 'command', view, hits: [] }, line)) }],
      positive: value.positive ?? [],
      negative: value.negative ?? [],
    },
  ];
}

function asMatch(truth: Truth): Match {
  if (truth === 'unknown') return 'possible';
  return truth ? 'yes' : 'no';
}

/** Names to index by, when the match gives plain ones. */
function namesOf(match: MatchFile): { readonly commands?: readonly string[] } {
  const names = typeof match.command === 'string' ? [match.command] : match.command;
  return names === undefined || names.some((name) => name.includes('*')) ? {} : { commands: names };
}

function membersOf(match: MatchFile): readonly string[] {
  const nested = [match.any, match.all, match.not].flatMap((part) => (part === undefined || part === true ? [] : part));
  return [...Object.keys(match), ...nested.flatMap((part) => membersOf(part as MatchFile))];
}

function disabledIds(sections: PolicySections, ids: readonly string[], findings: FindingList): ReadonlySet<string> {
  const entries = ids.filter((id) => !META_IDS.includes(id));
  const disabled = sections.files.flatMap(({ value, place }) =>
    (value.catalogue?.disable ?? []).flatMap((pattern, index) => {
      const hit = entries.filter((id) => matchesWildcard(id, pattern));
      reportDisabled(pattern, hit.length, inside(place, 'catalogue', 'disable', index), entries, findings);
      return hit;
    }),
  );
  return new Set(disabled);
}

function reportDisabled(
  pattern: string,
  count: number,
  here: Place,
  entries: readonly string[],
  findings: FindingList,
): void {
  if (count === 0) findings.known(here, 'catalogue id', pattern, entries);
  else if (count === 1) findings.warning(here, `the entry "${pattern}" is switched off for every rule`);
  else findings.warning(here, `${count} entries matching "${pattern}" are switched off for every rule`);
}

function lintPacks(sections: PolicySections, findings: FindingList): void {
  for (const { value, place } of sections.files) {
    for (const [index, pack] of (value.catalogue?.packs ?? []).entries()) {
      findings.known(inside(place, 'catalogue', 'packs', index), 'catalogue pack', pack, [CORE_PACK]);
    }
  }
}

function severitiesOf(
  sections: PolicySections,
  entries: readonly CatalogueEntry[],
  findings: FindingList,
): ReadonlyMap<string, Severity> {
  const severities = new Map(entries.map((entry) => [entry.id, entry.severity]));
  const changed = new Map<string, string>();
  for (const { value, place } of sections.files) {
    for (const [id, severity] of Object.entries(value.catalogue?.severity ?? {})) {
      const here = inside(place, 'catalogue', 'severity', id);
      if (
        !findings.known(
          here,
          'catalogue id',
          id,
          entries.map((entry) => entry.id),
        )
      )
        continue;
      const first = changed.get(id);
      if (first !== undefined) findings.error(here, `the severity of "${id}" is set twice; the first time at ${first}`);
      changed.set(id, originOf(here));
      severities.set(id, severity);
    }
  }
  return severities;
}
