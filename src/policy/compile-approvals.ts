/** Requirements, postures and access rules from what the files say. */
import { parseDuration } from '../base/duration.ts';
import type { AccessRule } from '../model/access-rule.ts';
import type { Factor, ReasonRule, Requirement, Stage } from '../model/requirement.ts';
import { SELF_REQUIREMENT } from '../model/requirement.ts';
import { selectorOf } from './conditions/people.ts';
import type { PolicySections } from './lint/collect.ts';
import { type FindingList, inside, originOf, type Place, type Sourced } from './lint/findings.ts';
import { checkExpression } from './lint/references.ts';
import type { Posture, PostureChoice } from './posture.ts';
import type { AccessFile, ApprovalFile, PostureEffect, PostureFile, StageFile } from './schema/policy-file.ts';

/** ms until a request ends when the requirement does not say. */
const DEFAULT_EXPIRES = 600_000;

/** All requirements by name, with `self` when no file defines it. */
export function compileRequirements(sections: PolicySections, findings: FindingList): ReadonlyMap<string, Requirement> {
  const requirements = new Map<string, Requirement>([['self', SELF_REQUIREMENT]]);
  for (const [name, source] of sections.approvals) {
    lintApproval(source, findings);
    lintOnCall(source, sections.checks, findings);
    requirements.set(name, requirementOf(name, source.value));
  }
  return requirements;
}

function requirementOf(name: string, file: ApprovalFile): Requirement {
  return {
    names: [name],
    stages: file.stages.map(stageOf),
    mode: file.mode ?? 'parallel',
    expires: file.expires === undefined ? defaultExpiry(file) : milliseconds(file.expires),
    reason: reasonOf(file.reason),
    release: file.release ?? 'enter',
  };
}

/** One's own code is typed at once; other people need longer. */
function defaultExpiry(file: ApprovalFile): number {
  return file.stages.every((stage) => stage.who === 'requester') ? SELF_REQUIREMENT.expires : DEFAULT_EXPIRES;
}

function stageOf(file: StageFile): Stage {
  return {
    who: file.who === 'requester' ? 'requester' : selectorOf(file.who),
    count: file.count ?? 1,
    factors: factorsOf(file),
    ...(file.verify === true ? { verify: true } : {}),
    ...(file.timeout === undefined ? {} : { timeout: milliseconds(file.timeout) }),
    ...(file.on_timeout === undefined ? {} : { onTimeout: file.on_timeout }),
    ...(file.only_if === undefined ? {} : { onlyIf: file.only_if }),
    ...(file.on_call === undefined ? {} : { onCall: file.on_call }),
  };
}

function reasonOf(file: ApprovalFile['reason']): ReasonRule {
  if (file === undefined || file === 'optional') return { required: false, minLength: 0 };
  if (file === 'required') return { required: true, minLength: 1 };
  const ticket = file.ticket === undefined ? {} : { ticket: file.ticket };
  return { required: true, minLength: file.min_length ?? 1, ...ticket };
}

function milliseconds(text: string): number {
  return parseDuration(text) ?? 0;
}

function lintApproval({ value, place }: Sourced<ApprovalFile>, findings: FindingList): void {
  const { reason } = value;
  if (typeof reason === 'object' && reason.ticket !== undefined)
    checkExpression(reason.ticket, inside(place, 'reason', 'ticket'), findings);
  if (value.expires !== undefined && milliseconds(value.expires) === 0)
    findings.error(inside(place, 'expires'), 'a requirement that expires at once can never be met');
  for (const [index, stage] of value.stages.entries())
    lintStage(value, stage, index, inside(place, 'stages', index), findings);
}

/** ms; longer, and people who went home are asked. */
const LONGEST_ON_CALL = 3_600_000;

function lintOnCall(
  { value, place }: Sourced<ApprovalFile>,
  checks: PolicySections['checks'],
  findings: FindingList,
): void {
  for (const [index, { on_call: name, who }] of value.stages.entries()) {
    if (name === undefined) continue;
    const here = inside(place, 'stages', index, 'on_call');
    if (who === 'requester') findings.error(here, 'the requester is asked on call or not; name a group in who');
    if (!findings.known(here, 'check', name, checks.keys())) continue;
    const { parse, cache = '0s' } = checks.get(name)?.value ?? {};
    if (parse?.type !== 'names') findings.error(here, `the check "${name}" needs parse: { type: names }`);
    if (milliseconds(cache) > LONGEST_ON_CALL)
      findings.error(here, `the check "${name}" may be cached for 1h at most: people change shifts`);
  }
}

/** @returns what proves an approval of this stage; a code where the file does not say */
export function factorsOf({ factor = 'totp' }: StageFile): readonly Factor[] {
  return typeof factor === 'string' ? [factor] : factor.any_of;
}

type Problem = readonly [key: string, message: string];

function lintStage(file: ApprovalFile, stage: StageFile, index: number, place: Place, findings: FindingList): void {
  for (const [key, message] of [
    ...countProblems(stage),
    ...factorProblems(stage),
    ...timeProblems(file, stage, index),
  ]) {
    findings.error(inside(place, key), message);
  }
}

function countProblems(stage: StageFile): readonly Problem[] {
  const count = stage.count ?? 1;
  if (stage.who === 'requester') return count > 1 ? [['count', 'there is only one requester; count must be 1']] : [];
  const { users } = stage.who;
  const closed = Array.isArray(users) && !users.some((name) => name.includes('*'));
  return closed && users.length < count ? [['count', `${count} of ${users.length} people can never be reached`]] : [];
}

function factorProblems(stage: StageFile): readonly Problem[] {
  if (stage.verify !== true) return [];
  const factors = factorsOf(stage);
  if (!factors.includes('sk-signature')) return [['verify', 'only a security key can verify: add factor sk-signature']];
  if (!factors.includes('signature')) return [];
  return [['verify', 'a key without a PIN can give factor signature; take it out, or verify']];
}

function timeProblems(file: ApprovalFile, stage: StageFile, index: number): readonly Problem[] {
  const problems: Problem[] = [];
  const escalates = file.stages.slice(0, index).some((before) => before.on_timeout === 'escalate');
  if (stage.only_if === 'escalated' && !escalates)
    problems.push(['only_if', 'no stage before this one says on_timeout: escalate']);
  if (stage.on_timeout !== undefined && stage.timeout === undefined)
    problems.push(['on_timeout', 'on_timeout needs a timeout']);
  if (stage.timeout !== undefined && file.mode !== 'sequential')
    problems.push(['timeout', 'a stage can only time out in mode: sequential']);
  return problems;
}

/** @param requirements must hold every name that the postures use; the lint has reported those that it does not */
export function compilePostures(
  sections: PolicySections,
  requirements: ReadonlyMap<string, Requirement>,
  findings: FindingList,
): readonly Posture[] {
  return sections.postures.map(({ value, place }) => {
    const choose = (effect: PostureEffect | undefined, key: ApprovalKey): PostureChoice => {
      const name = value[key] ?? 'self';
      findings.known(inside(place, key), 'approval', name, requirements.keys());
      return { effect: effect ?? 'approve', requirement: requirements.get(name) ?? SELF_REQUIREMENT };
    };
    return {
      when: selectorOf(value.when),
      default: choose(value.default, 'default_approval'),
      onOpaque: choose(value.on_opaque, 'opaque_approval'),
      onUnparsable: choose(value.on_unparsable, 'unparsable_approval'),
      onTooLong: choose(value.on_too_long, 'too_long_approval'),
      dialect: value.dialect ?? 'bash',
      possible: value.possible ?? null,
      lineMode: value.line_mode ?? 'keys',
    };
  });
}

type ApprovalKey = Extract<keyof PostureFile, `${string}_approval`>;

export function compileAccess(
  sections: PolicySections,
  requirements: ReadonlyMap<string, Requirement>,
  findings: FindingList,
): readonly AccessRule[] {
  return sections.access.map(({ value, place }: Sourced<AccessFile>) => ({
    who: selectorOf(value.who),
    targets: selectorOf(value.targets),
    logins: value.logins ?? null,
    request: requestOf(value, place, requirements, findings),
    origin: originOf(place),
  }));
}

function requestOf(
  file: AccessFile,
  place: Sourced<unknown>['place'],
  requirements: ReadonlyMap<string, Requirement>,
  findings: FindingList,
): AccessRule['request'] {
  if (file.request === undefined) return null;
  findings.known(inside(place, 'request', 'approval'), 'approval', file.request.approval, requirements.keys());
  return {
    approval: requirements.get(file.request.approval) ?? SELF_REQUIREMENT,
    longest: file.request.longest === undefined ? null : milliseconds(file.request.longest),
  };
}
