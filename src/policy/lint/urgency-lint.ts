/**
 * Rules that ask less of whoever says that it is urgent, or that it is not. Saying so costs nothing and is checked by
 * nobody: a rule that lets pass must not depend on it, and one that holds or denies less because of it is worth a warning.
 */
import { URGENCIES, type Urgency } from '../../model/urgency.ts';
import { listOf } from '../conditions/people.ts';
import type { RuleFile } from '../schema/policy-file.ts';
import type { ConditionFile } from '../schema/selector-file.ts';
import type { PolicySections } from './collect.ts';
import { type FindingList, inside, type Place } from './findings.ts';

/** Other facts of one rule that are tried both ways; beyond them every mention of urgency counts. */
const MOST_FACTS = 10;

/** Which of the other facts hold, by their spelling. */
type Assignment = ReadonlySet<string>;

export function lintUrgency({ rules, postures }: PolicySections, findings: FindingList): void {
  const isOpen = postures.every((posture) => posture.value.default === 'allow');
  for (const { value, place } of rules) {
    if (value.effect === 'approve' && !isOpen) warnOfWayIn(value, inside(place, 'when'), findings);
    tellOfLess(value, place, findings);
  }
}

function tellOfLess(rule: RuleFile, place: Place, findings: FindingList): void {
  const said = URGENCIES.filter((urgency) => urgency !== 'normal' && asksLess(rule, urgency)).join(' or ');
  if (said === '') return;
  const here = inside(place, mentions(rule.when) ? 'when' : 'except');
  if (isStrict(rule)) {
    const less = rule.effect === 'deny' ? 'does not deny' : 'does not hold';
    findings.warning(
      here,
      `rule "${rule.id}" ${less} what people say is of urgency ${said}, and everybody may say so; hold it by another rule then`,
    );
  } else {
    findings.error(
      here,
      `rule "${rule.id}" lets pass what people say is of urgency ${said}, and everybody may say so; leave urgency out, or ask for an approval`,
    );
  }
}

/** Where nothing is let pass by default, a rule that asks for an approval is a way in. */
function warnOfWayIn(rule: RuleFile, place: Place, findings: FindingList): void {
  const said = URGENCIES.filter((urgency) => urgency !== 'normal' && appliesOnly(rule, urgency)).join(' or ');
  if (said === '') return;
  findings.warning(
    place,
    `rule "${rule.id}" asks for its own approval, not for what the default of a posture asks, of what people say is of urgency ${said}, and everybody may say so`,
  );
}

function isStrict({ effect }: RuleFile): boolean {
  return effect === 'deny' || effect === 'approve';
}

/** Whether somebody who says it gets past this rule, or by it, where nobody does who says nothing. */
function asksLess(rule: RuleFile, said: Urgency): boolean {
  return isStrict(rule)
    ? differs(rule, said, (usually, then) => usually && !then)
    : differs(rule, said, (usually, then) => then && !usually);
}

function appliesOnly(rule: RuleFile, said: Urgency): boolean {
  return differs(rule, said, (usually, then) => then && !usually);
}

/** Whether what is said may make `difference` to this rule: whether it applies usually, and then. */
function differs(rule: RuleFile, said: Urgency, difference: (usually: boolean, then: boolean) => boolean): boolean {
  if (!mentions(rule.when) && !mentions(rule.except?.when)) return false;
  const facts = [...new Set([...factsOf(rule.when), ...factsOf(rule.except?.when), ...matchOf(rule)])];
  if (facts.length > MOST_FACTS) return true;
  return assignmentsOf(facts).some((holding) =>
    difference(applies(rule, 'normal', holding), applies(rule, said, holding)),
  );
}

/** Whether the exception also asks for a match, which may hold or not. */
function matchOf({ except }: RuleFile): readonly string[] {
  return except?.match === undefined ? [] : ['match'];
}

function applies({ when, except }: RuleFile, urgency: Urgency, holding: Assignment): boolean {
  if (when !== undefined && !holds(when, urgency, holding)) return false;
  if (except === undefined) return true;
  const isExcepted = except.when === undefined || holds(except.when, urgency, holding);
  return !(isExcepted && (except.match === undefined || holding.has('match')));
}

function holds(condition: ConditionFile, urgency: Urgency, holding: Assignment): boolean {
  return Object.entries(condition).every(([key, value]) => {
    if (key === 'urgency') return listOf(value).includes(urgency);
    if (key === 'not') return !holds(value as ConditionFile, urgency, holding);
    if (key === 'all') return partsOf(value).every((part) => holds(part, urgency, holding));
    if (key === 'any') return value === true || partsOf(value).some((part) => holds(part, urgency, holding));
    return holding.has(factText(key, value));
  });
}

function mentions(condition: ConditionFile | undefined): boolean {
  if (condition === undefined) return false;
  return Object.entries(condition).some(([key, value]) => key === 'urgency' || nestedIn(key, value).some(mentions));
}

/** The facts besides urgency that a condition asks about. */
function factsOf(condition: ConditionFile | undefined): readonly string[] {
  return Object.entries(condition ?? {}).flatMap(([key, value]) => {
    if (['any', 'all', 'not'].includes(key)) return nestedIn(key, value).flatMap(factsOf);
    return key === 'urgency' ? [] : [factText(key, value)];
  });
}

function nestedIn(key: string, value: unknown): readonly ConditionFile[] {
  return key === 'not' ? [value as ConditionFile] : key === 'any' || key === 'all' ? partsOf(value) : [];
}

function partsOf(value: unknown): readonly ConditionFile[] {
  return Array.isArray(value) ? (value as readonly ConditionFile[]) : [];
}

function factText(key: string, value: unknown): string {
  return `${key}: ${JSON.stringify(value)}`;
}

function assignmentsOf(facts: readonly string[]): readonly Assignment[] {
  const choices = Array.from({ length: 2 ** facts.length }, (_, bits) => bits);
  return choices.map((bits) => new Set(facts.filter((_fact, index) => (bits >> index) % 2 === 1)));
}
