/** Names that conditions and matches refer to: windows, checks, contexts, catalogue ids, severities, expressions. */
import { REQUEST_KINDS } from '../channel-requests.ts';
import { CONTEXTS } from '../conditions/context.ts';
import { listOf } from '../conditions/people.ts';
import { matchesWildcard } from '../language/arguments.ts';
import { isSeverityBound } from '../matching/rule-match.ts';
import type { MatchFile } from '../schema/match-file.ts';
import type { ConditionFile } from '../schema/selector-file.ts';
import { type FindingList, inside, type Place } from './findings.ts';

/** What names may refer to. */
export interface KnownNames {
  readonly windows: Iterable<string>;
  readonly checks: Iterable<string>;
  /** Catalogue and `meta.*` ids. */
  readonly ids: readonly string[];
}

export function checkCondition(file: ConditionFile, place: Place, known: KnownNames, findings: FindingList): void {
  for (const [key, value] of Object.entries(file)) checkConditionKey(key, value, inside(place, key), known, findings);
}

function checkConditionKey(key: string, value: unknown, here: Place, known: KnownNames, findings: FindingList): void {
  if (key === 'not') checkCondition(value as ConditionFile, here, known, findings);
  if (key === 'any' || key === 'all')
    eachPart(value, here, (part, at) => checkCondition(part as ConditionFile, at, known, findings));
  if (key === 'window') eachName(value, (name) => findings.known(here, 'window', name, known.windows));
  if (key === 'context') eachName(value, (name) => findings.known(here, 'context', name, CONTEXTS));
  if (key.startsWith('check.')) findings.known(here, 'check', key.slice('check.'.length), known.checks);
}

function eachPart(value: unknown, here: Place, check: (part: unknown, at: Place) => void): void {
  if (Array.isArray(value)) for (const [index, part] of value.entries()) check(part, inside(here, index));
}

function eachName(value: unknown, check: (name: string) => void): void {
  for (const name of listOf(value)) check(name);
}

export function checkMatch(file: MatchFile, place: Place, known: KnownNames, findings: FindingList): void {
  for (const [key, value] of Object.entries(file)) checkMember(key, value, inside(place, key), known, findings);
}

function checkMember(key: string, value: unknown, here: Place, known: KnownNames, findings: FindingList): void {
  switch (key) {
    case 'any':
    case 'all':
      return eachPart(value, here, (part, at) => checkMatch(part as MatchFile, at, known, findings));
    case 'not':
      return checkMatch(value as MatchFile, here, known, findings);
    case 'catalogue':
      return eachName(value, (pattern) => checkIdPattern(pattern, here, known, findings));
    case 'severity':
      return eachName(value, (bound) => checkBound(bound, here, findings));
    case 'regex':
      return checkExpression(String(value), here, findings);
    case 'request':
      return eachName(value, (request) => checkRequest(request, here, findings));
    case 'sha256':
      return eachName(value, (digest) => checkDigest(digest, here, findings));
    default:
      return undefined;
  }
}

function checkRequest(request: string, here: Place, findings: FindingList): void {
  if (REQUEST_KINDS.some((kind) => matchesWildcard(kind, request)) || request.startsWith('subsystem:')) return;
  findings.known(here, 'request', request, [...REQUEST_KINDS, 'subsystem:NAME']);
}

function checkIdPattern(pattern: string, here: Place, known: KnownNames, findings: FindingList): void {
  if (known.ids.some((id) => matchesWildcard(id, pattern))) return;
  if (pattern.includes('*')) findings.error(here, `no catalogue id matches "${pattern}"`);
  else findings.known(here, 'catalogue id', pattern, known.ids);
}

function checkBound(bound: string, here: Place, findings: FindingList): void {
  if (isSeverityBound(bound)) return;
  findings.known(here, 'severity', bound.replace(/^[<>=]+/, ''), ['info', 'low', 'medium', 'high', 'critical']);
}

/** A pattern that is not valid must never silently match nothing. */
export function checkExpression(source: string, here: Place, findings: FindingList): void {
  try {
    new RegExp(source, 'u');
  } catch (failure) {
    findings.error(
      here,
      `"${source}" is not a valid regular expression: ${failure instanceof Error ? failure.message.replace(/^.*: /, '') : ''}`,
    );
  }
}

function checkDigest(digest: string, here: Place, findings: FindingList): void {
  if (!/^(?:sha256:)?[0-9a-fA-F]{64}$/.test(digest))
    findings.error(here, 'expected the SHA-256 of the text: 64 hexadecimal digits');
}
