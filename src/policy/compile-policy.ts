/**
 * From the documents of `policy.d` to one immutable policy, or to what is wrong with them. Nothing half-right
 * comes out: one error anywhere and there is no policy.
 */
import { digestOf } from '../base/digest.ts';
import { parseDuration } from '../base/duration.ts';
import { SELF_REQUIREMENT } from '../model/requirement.ts';
import type { Finding, SourceDocument } from '../model/source-document.ts';
import { canonicalJson } from './canonical-json.ts';
import { CORE_PACK } from './catalogue/core.ts';
import { compileAccess, compilePostures, compileRequirements } from './compile-approvals.ts';
import { compileBreakGlass } from './compile-break-glass.ts';
import { type CompiledCatalogue, compileCatalogue } from './compile-catalogue.ts';
import { compileAfter, lintHooks } from './compile-hooks.ts';
import { compileWindows, timeZoneOf, unknownZone } from './compile-windows.ts';
import type { CheckDefinition, CompiledPolicy, PolicyTest } from './compiled-policy.ts';
import { compileCondition } from './conditions/compile-condition.ts';
import { DEFAULT_ZONE, isTimeZone, type Window } from './conditions/window.ts';
import { operandGlobs } from './grant-offer.ts';
import { collectSections, type PolicySections } from './lint/collect.ts';
import { lintContradictions } from './lint/contradiction-lint.ts';
import { FindingList, inside, originOf, type Sourced } from './lint/findings.ts';
import { lintLayering } from './lint/layering-lint.ts';
import { lintRules } from './lint/rules-lint.ts';
import { lintTests } from './lint/tests-lint.ts';
import { lintUnused } from './lint/unused-lint.ts';
import { lintUrgency } from './lint/urgency-lint.ts';
import { compileMatch } from './matching/rule-match.ts';
import { readMoment } from './moment.ts';
import { Policy } from './policy.ts';
import { compileRoaming } from './roaming.ts';
import type { Rule } from './rule.ts';
import type { PolicyFile, RuleFile } from './schema/policy-file.ts';
import type { TestFile } from './schema/section-files.ts';

/** Changes when the same files would decide differently; part of every hash. */
const ENGINE_VERSION = 'policy/1';

export type CompileOutcome =
  | { readonly policy: Policy; readonly findings: readonly Finding[] }
  | { readonly policy: null; readonly findings: readonly Finding[] };

/** Never throws. Findings of severity `warning` do not keep a policy from being made. */
export function compilePolicy(documents: readonly SourceDocument[]): CompileOutcome {
  const findings = new FindingList();
  const sections = collectSections(documents, findings);
  if (findings.hasErrors) return { policy: null, findings: findings.all };
  const compiled = compileSections(sections, findings);
  if (compiled === null) return { policy: null, findings: findings.all };
  return { policy: new Policy(compiled), findings: findings.all };
}

function compileSections(sections: PolicySections, findings: FindingList): CompiledPolicy | null {
  const catalogue = compileCatalogue(sections, findings);
  const requirements = compileRequirements(sections, findings);
  const timeZone = timeZoneOf(sections);
  const windows = compileWindows(sections, timeZone ?? DEFAULT_ZONE, findings);
  const known = { windows: [...sections.windows.keys()], checks: [...sections.checks.keys()], ids: catalogue.ids };
  lintRules(sections, requirements, known, findings);
  lintHooks(sections, findings);
  lintSettings(sections, findings);
  lintLayering(sections, findings);
  lintUnused(sections, findings);
  lintContradictions(sections, findings);
  lintUrgency(sections, findings);
  lintTests(sections, catalogue.ids, timeZone, findings);
  const postures = compilePostures(sections, requirements, findings);
  const access = compileAccess(sections, requirements, findings);
  const breakGlass = compileBreakGlass(sections, findings);
  if (findings.hasErrors) return null;
  const rules = sections.rules.map((rule) => compileRule(rule, windows, sections.hooks));
  const canonicalText = canonicalJson(resolvedForm(sections, catalogue));
  return {
    hash: digestOf(canonicalText),
    canonicalText,
    rules,
    postures,
    access,
    breakGlass,
    roaming: sections.roaming.map(({ value }) => compileRoaming(value)),
    catalogue: catalogue.catalogue,
    windows,
    requirements,
    checks: compileChecks(sections),
    checkNames: [
      ...new Set(rules.flatMap((rule) => [...(rule.when?.checks ?? []), ...(rule.except?.when?.checks ?? [])])),
    ],
    tests: sections.tests.map((test) => compileTest(test, timeZone)),
    timeZone,
    ...settingsOf(sections),
    requirement: (name) => requirements.get(name) ?? SELF_REQUIREMENT,
    severity: (id) => catalogue.severities.get(id) ?? 'critical',
  };
}

function settingsOf(sections: PolicySections): Pick<CompiledPolicy, 'limits' | 'possible'> {
  const settings = Object.assign({}, ...sections.files.map((file) => file.value.settings ?? {})) as NonNullable<
    PolicyFile['settings']
  >;
  return {
    possible: settings.possible ?? 'ignore',
    limits: {
      maxLineBytes: settings.max_line_bytes ?? 16_384,
      maxExecBytes: settings.max_exec_bytes ?? 262_144,
      maxNesting: settings.max_nesting ?? 64,
    },
  };
}

/** A setting may stand in one file only; else the order of files would matter. */
function lintSettings(sections: PolicySections, findings: FindingList): void {
  const seen = new Map<string, string>();
  for (const { value, place } of sections.files) {
    for (const key of Object.keys(value.settings ?? {})) {
      const here = inside(place, 'settings', key);
      const first = seen.get(key);
      if (first !== undefined)
        findings.error(here, `the setting "${key}" stands in two files; the first one is at ${first}`);
      seen.set(key, originOf(here));
    }
    const zone = value.settings?.time_zone;
    if (zone !== undefined && !isTimeZone(zone))
      findings.error(inside(place, 'settings', 'time_zone'), unknownZone(zone));
  }
}

function compileRule(
  { value, place }: Sourced<RuleFile>,
  windows: ReadonlyMap<string, Window>,
  hooks: PolicySections['hooks'],
): Rule {
  const condition = (file: RuleFile['when']): Rule['when'] =>
    file === undefined ? null : compileCondition(file, windows);
  const match = (file: RuleFile['match']): Rule['match'] => (file === undefined ? null : compileMatch(file));
  const { grant } = value;
  return {
    id: value.id,
    effect: value.effect,
    approval: value.effect === 'approve' ? (value.approval ?? 'self') : null,
    hard: value.hard ?? false,
    when: condition(value.when),
    match: match(value.match),
    matchFile: value.match ?? null,
    except:
      value.except === undefined ? null : { when: condition(value.except.when), match: match(value.except.match) },
    message: value.message ?? null,
    grant:
      grant === undefined || grant === 'none'
        ? null
        : { scope: grant.scope, minutes: grant.minutes, maxUses: grant.max_uses },
    operandGlobs: operandGlobs(value.match),
    after: compileAfter(value, hooks),
    autoApprovable: value.auto_approvable ?? true,
    namesMeta: JSON.stringify(value.match ?? {}).includes('"meta.'),
    file: place.document.file,
    line: place.document.locate(place.path).line,
  };
}

function compileTest({ value, place }: Sourced<TestFile>, timeZone: string | null): PolicyTest {
  const reading = value.at === undefined ? null : readMoment(value.at, timeZone);
  return {
    file: place.document.file,
    line: place.document.locate(place.path).line,
    at: reading?.kind === 'moment' ? reading.at : null,
    test: value,
  };
}

function compileChecks(sections: PolicySections): ReadonlyMap<string, CheckDefinition> {
  return new Map(
    [...sections.checks].map(([name, { value }]) => {
      const source: CheckDefinition['source'] =
        value.http === undefined
          ? { kind: 'exec', argv: value.exec ?? [] }
          : { kind: 'http', url: value.http.url, method: value.http.method ?? 'GET' };
      const timeout = parseDuration(value.timeout ?? '500ms') ?? 500;
      return [
        name,
        { name, source, timeout, cache: parseDuration(value.cache ?? '0s') ?? 0, parse: value.parse ?? {} },
      ];
    }),
  );
}

/** What the files say, together, without places and tests, and what they mean by reference. */
function resolvedForm(sections: PolicySections, catalogue: CompiledCatalogue): unknown {
  return {
    engine: ENGINE_VERSION,
    packs: [CORE_PACK],
    catalogue: catalogue.catalogue.entries.map((entry) => ({
      id: entry.id,
      severity: catalogue.severities.get(entry.id),
    })),
    files: sections.files.map(({ value }) => ({ ...value, tests: undefined, metadata: undefined })),
  };
}
