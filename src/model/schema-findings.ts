/** From what zod has to say about a document to findings that point into the file and name what is allowed. */
import type { z } from 'zod';
import { didYouMean } from '../base/nearest-word.ts';
import type { Finding, SourceDocument } from './source-document.ts';

type Issue = z.core.$ZodIssue;

/** The value of `document` as `schema` sees it, or findings of severity `error`; never both. */
export function readAs<T>(
  schema: z.ZodType<T>,
  document: SourceDocument,
):
  | { readonly value: T; readonly findings: readonly [] }
  | { readonly value: null; readonly findings: readonly Finding[] } {
  const result = schema.safeParse(document.value, { reportInput: true });
  if (result.success) return { value: result.data, findings: [] };
  return { value: null, findings: result.error.issues.flatMap((issue) => findingsOf(document, issue, [])) };
}

function findingsOf(document: SourceDocument, issue: Issue, parents: readonly PropertyKey[]): Finding[] {
  const path = [...parents, ...issue.path];
  if (issue.code === 'invalid_union') {
    const branch = closestBranch(issue);
    if (branch !== undefined) return branch.flatMap((part) => findingsOf(document, part, path));
  }
  if (issue.code === 'unrecognized_keys') {
    const position = document.locateKey([...path, issue.keys[0] ?? '']);
    return [{ file: document.file, position, severity: 'error', message: `${prefix(path)}${issue.message}` }];
  }
  const missing = isMissing(issue);
  const position = missing ? document.locateKey(path.slice(0, -1)) : document.locate(path);
  return [{ file: document.file, position, severity: 'error', message: messageOf(issue, path) }];
}

function prefix(path: readonly PropertyKey[]): string {
  return path.length === 0 ? '' : `${path.map(String).join('.')}: `;
}

/** The branch of a union that the writer most likely had in mind; undefined when none fits the kind of value. */
function closestBranch(issue: Extract<Issue, { code: 'invalid_union' }>): readonly Issue[] | undefined {
  const branches = issue.errors.filter((branch) => !branch.some(isOtherKind));
  return branches.length === 1 ? branches[0] : branches.find((branch) => branch.some((part) => part.path.length > 0));
}

/** The value is not even of the kind that the branch wants. */
function isOtherKind(part: Issue): boolean {
  if (part.path.length > 0) return false;
  return part.code === 'invalid_type' || (part.code === 'invalid_value' && typeof part.input !== 'string');
}

/** The key is not there at all. */
function isMissing(issue: Issue): boolean {
  const typed = issue.code === 'invalid_type' || issue.code === 'invalid_value' || issue.code === 'invalid_union';
  return typed && issue.input === undefined;
}

function messageOf(issue: Issue, path: readonly PropertyKey[]): string {
  const name = prefix(path);
  if (isMissing(issue)) return `${prefix(path.slice(0, -1))}"${String(path.at(-1) ?? '')}" is missing`;
  if (isOwnMessage(issue)) return `${name}found ${shown(issue.input)}; ${issue.message}`;
  if (issue.code === 'invalid_type') return `${name}expected ${issue.expected}, found ${shown(issue.input)}`;
  if (issue.code === 'invalid_value') {
    const words = issue.values.map(String);
    const guess = typeof issue.input === 'string' ? didYouMean(issue.input, words) : '';
    return `${name}found ${shown(issue.input)}; allowed: ${words.join(', ')}${guess}`;
  }
  if (issue.code === 'invalid_union' && issue.message === 'Invalid input') {
    return `${name}found ${shown(issue.input)}, which does not fit here`;
  }
  return `${name}${issue.message}`;
}

/** The schema has words of its own for a value of the wrong kind. */
function isOwnMessage({ code, message }: Issue): boolean {
  return (code === 'invalid_type' || code === 'invalid_value') && !message.startsWith('Invalid ');
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}
