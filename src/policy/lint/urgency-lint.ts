/**
 * Rules that ask less of whoever says that it is urgent, or that it is not. Saying so costs nothing and is checked by
 * nobody: a rule that lets pass must not depend on it, and one that holds or denies less because of it is worth a warning.
 */
import { URGENCIES, type Urgency } from '../../model/urgency.ts';
import { listOf } from '../conditions/people.ts';
import type { RuleFile } from '../schema/policy-file.ts';
import type { ConditionFile } from '../schema/selector-file.ts';
import type { PolicySections } from './collect.ts';
import { type FindingList, inside } from './findings.ts';

/** Other facts of one rule that are tried both ways; beyond them every mention of urgency counts. */
const MOST_FACTS = 10;

/** Which of the other facts hold, by their spelling. */
type Assignment = ReadonlySet<string>;

export function lintUrgency({ rules }: PolicySections, findings: FindingList): void {
  for (const { value, place } of rules) {
    const said = URGENCIES.filter((urgency) => urgency !== 'normal' && asksLess(value, urgency)).join(' or ');
    if (said === '') continue;
    const here = inside(place, mentions(value.when) ? 'when' : 'except');
    if (isStrict(value)) {
      const less = value.effect === 'deny' ? 'does not deny' : 'does not hold';
      findings.warning(
        here,
        `rule "${value.id}" ${less} what people say is of urgency ${said}, and everybody may say so; hold it by another rule then`,
      );
    } else {
      findings.error(
        here,
        `rule "${value.id}" lets pass what people say is of urgency ${said}, and everybody may say so; leave urgency out, or ask for an approval`,
      );
    }
  }
}

function isStrict({ effect }: RuleFile): boolean {
  return effect === 'deny' || effect === 'approve';
}

/** Whether somebody who says it gets past this rule, or by it, where nobody does who says nothing. */
function asksLess(rule: RuleFile, said: Urgency): boolean {
  if (!mentions(rule.when) && !mentions(rule.except?.when)) return false;
  const facts = [...new Set([...factsOf(rule.when), ...factsOf(rule.except?.when), ...matchOf(rule)])];
  if (facts.length > MOST_FACTS) return true;
  return assignmentsOf(facts).some((holding) => {
    const usually = applies(rule, 'normal', holding);
    const then = applies(rule, said, holding);
    return isStrict(rule) ? usually && !then : then && !usually;
  });
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
