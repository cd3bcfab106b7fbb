/** All files of one policy read as one: every section with the place where each of its members stands. */
import { readAs } from '../../model/schema-findings.ts';
import type { SourceDocument } from '../../model/source-document.ts';
import type { EntryFile } from '../schema/entry-file.ts';
import type {
  AccessFile,
  ApprovalFile,
  BreakGlassFile,
  PolicyFile,
  PostureFile,
  RuleFile,
} from '../schema/policy-file.ts';
import { policyFile } from '../schema/policy-file.ts';
import type { RoamingFile } from '../schema/roaming-file.ts';
import type { CheckFile, HookFile, TestFile, WindowFile } from '../schema/section-files.ts';
import { type FindingList, inside, originOf, type Sourced } from './findings.ts';

export interface PolicySections {
  readonly files: readonly Sourced<PolicyFile>[];
  readonly rules: readonly Sourced<RuleFile>[];
  readonly postures: readonly Sourced<PostureFile>[];
  readonly access: readonly Sourced<AccessFile>[];
  readonly roaming: readonly Sourced<RoamingFile>[];
  readonly entries: readonly Sourced<EntryFile>[];
  readonly approvals: ReadonlyMap<string, Sourced<ApprovalFile>>;
  readonly windows: ReadonlyMap<string, Sourced<WindowFile>>;
  readonly checks: ReadonlyMap<string, Sourced<CheckFile>>;
  readonly hooks: ReadonlyMap<string, Sourced<HookFile>>;
  readonly tests: readonly Sourced<TestFile>[];
}

/** Files whose shape is wrong are reported and left out. */
export function collectSections(documents: readonly SourceDocument[], findings: FindingList): PolicySections {
  const files = documents.flatMap((document) => {
    const outcome = readAs(policyFile, document);
    findings.add(outcome.findings);
    return outcome.value === null ? [] : [{ value: outcome.value, place: { document, path: [] } }];
  });
  const rules = listed(files, (file) => file.rules, ['rules']);
  refuseDuplicates(rules, 'rule', findings);
  return {
    files,
    rules,
    postures: listed(files, (file) => file.postures, ['postures']),
    access: listed(files, (file) => file.access, ['access']),
    roaming: listed(files, (file) => file.roaming, ['roaming']),
    entries: listed(files, (file) => file.catalogue?.entries, ['catalogue', 'entries']),
    approvals: named(files, (file) => file.approvals, 'approvals', findings),
    windows: named(files, (file) => file.windows, 'windows', findings),
    checks: named(files, (file) => file.checks, 'checks', findings),
    hooks: named(files, (file) => file.hooks, 'hooks', findings),
    tests: listed(files, (file) => file.tests, ['tests']),
  };
}

/** The sections `break_glass`, each with its place; more than one is an error. */
export function breakGlassSections({ files }: Pick<PolicySections, 'files'>): readonly Sourced<BreakGlassFile>[] {
  return files.flatMap(({ value, place }) =>
    value.break_glass === undefined ? [] : [{ value: value.break_glass, place: inside(place, 'break_glass') }],
  );
}

function listed<T>(
  files: readonly Sourced<PolicyFile>[],
  select: (file: PolicyFile) => readonly T[] | undefined,
  path: readonly string[],
): readonly Sourced<T>[] {
  return files.flatMap(({ value, place }) =>
    (select(value) ?? []).map((item, index) => ({ value: item, place: inside(place, ...path, index) })),
  );
}

function named<T>(
  files: readonly Sourced<PolicyFile>[],
  select: (file: PolicyFile) => Readonly<Record<string, T>> | undefined,
  section: string,
  findings: FindingList,
): ReadonlyMap<string, Sourced<T>> {
  const found = new Map<string, Sourced<T>>();
  for (const { value, place } of files) {
    for (const [name, item] of Object.entries(select(value) ?? {})) {
      const here = inside(place, section, name);
      const first = found.get(name);
      if (first !== undefined)
        findings.error(here, `"${name}" is defined twice in ${section}; the first one is at ${originOf(first.place)}`);
      else found.set(name, { value: item, place: here });
    }
  }
  return found;
}

/** Rule ids and entry ids are unique over all files. */
export function refuseDuplicates(
  items: readonly Sourced<{ readonly id: string }>[],
  what: string,
  findings: FindingList,
): void {
  const seen = new Map<string, Sourced<unknown>>();
  for (const item of items) {
    const first = seen.get(item.value.id);
    if (first === undefined) seen.set(item.value.id, item);
    else
      findings.error(
        inside(item.place, 'id'),
        `${what} "${item.value.id}" is defined twice; the first one is at ${originOf(first.place)}`,
      );
  }
}
