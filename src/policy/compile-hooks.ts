/** What is to run after commands: `after:` of rules with the `hooks:` that they name. */
import { isAbsolute } from 'node:path';
import { parseDuration } from '../base/duration.ts';
import { didYouMean } from '../base/nearest-word.ts';
import { type AfterHook, HOOK_FACTS } from '../model/after-hook.ts';
import type { PolicySections } from './lint/collect.ts';
import { type FindingList, inside, type Place, type Sourced } from './lint/findings.ts';
import type { RuleFile } from './schema/policy-file.ts';
import type { HookFile } from './schema/section-files.ts';

const DEFAULT_TIMEOUT = 60_000;
const LONGEST_TIMEOUT = 3_600_000;

/** What is wrong with hooks and with the rules that name them. */
export function lintHooks(sections: PolicySections, findings: FindingList): void {
  for (const hook of sections.hooks.values()) lintHook(hook, findings);
  for (const rule of sections.rules) lintAfter(rule, sections, findings);
}

/** The hook of a rule; null when it has none. @param hooks must hold the one that it names */
export function compileAfter(rule: RuleFile, hooks: PolicySections['hooks']): AfterHook | null {
  const { after } = rule;
  const hook = after === undefined ? undefined : hooks.get(after.hook)?.value;
  if (after === undefined || hook === undefined) return null;
  return {
    name: after.hook,
    rule: rule.id,
    on: after.on,
    run: hook.run,
    environment: hook.env ?? [],
    timeout: after.timeout === undefined ? DEFAULT_TIMEOUT : (parseDuration(after.timeout) ?? DEFAULT_TIMEOUT),
    needsApproval: after.needs_approval ?? false,
  };
}

function lintHook({ value, place }: Sourced<HookFile>, findings: FindingList): void {
  const [program = ''] = value.run;
  if (!isAbsolute(program)) {
    findings.error(inside(place, 'run', 0), `"${program}" is looked up nowhere; give the whole path of the program`);
  }
  for (const [index, word] of value.run.entries()) {
    for (const [, name = ''] of word.matchAll(/\{([^{}]*)\}/g)) {
      checkFact(name, HOOK_FACTS, inside(place, 'run', index), findings);
    }
  }
  const variables = HOOK_FACTS.map((fact) => fact.toUpperCase());
  for (const [index, name] of (value.env ?? []).entries()) {
    checkFact(name, variables, inside(place, 'env', index), findings);
  }
}

function checkFact(name: string, known: readonly string[], here: Place, findings: FindingList): void {
  if (known.includes(name)) return;
  findings.error(here, `a hook is not told "${name}"${didYouMean(name, known)}; it can be told ${known.join(', ')}`);
}

function lintAfter({ value, place }: Sourced<RuleFile>, sections: PolicySections, findings: FindingList): void {
  const { after } = value;
  if (after === undefined) return;
  const here = inside(place, 'after');
  findings.known(inside(here, 'hook'), 'hook', after.hook, sections.hooks.keys());
  if (value.effect !== 'approve') {
    findings.error(here, `only what was held has an after; "${value.id}" has the effect ${value.effect}`);
  }
  const timeout = after.timeout === undefined ? DEFAULT_TIMEOUT : (parseDuration(after.timeout) ?? 0);
  if (timeout < 1 || timeout > LONGEST_TIMEOUT) {
    findings.error(inside(here, 'timeout'), 'a hook gets between 1 ms and 1 h');
  }
}
