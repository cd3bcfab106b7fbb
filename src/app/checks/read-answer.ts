/** From a check's answer to its value: a path into JSON, and the type that it must have. */
import { isName } from '../../model/names.ts';
import type { CheckDefinition } from '../../policy/compiled-policy.ts';
import type { CheckValue } from '../../policy/conditions/condition.ts';

const MOST_NAMES = 50;

type Parse = CheckDefinition['parse'];

/** undefined when the answer has no such value of that type. */
export function readAnswer(text: string, parse: Parse): CheckValue | undefined {
  const value = parse.json === undefined ? text.trim() : valueAt(JSON.parse(text), parse.json);
  if (parse.type === 'names') return namesIn(value);
  return typed(value, parse.type ?? 'boolean');
}

/** `$.a.b` and `$.a[0]`. */
function valueAt(root: unknown, path: string): unknown {
  let value = root;
  for (const [, name, index] of path.matchAll(/\.([A-Za-z_][\w-]*)|\[(\d+)\]/g)) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[name ?? index ?? ''];
  }
  return value;
}

function typed(value: unknown, type: string): CheckValue | undefined {
  if (type === 'boolean' && (value === true || value === 'true')) return true;
  if (type === 'boolean' && (value === false || value === 'false')) return false;
  if (type === 'number' && typeof value === 'number') return value;
  if (type === 'number' && typeof value === 'string' && value !== '' && Number.isFinite(Number(value)))
    return Number(value);
  return type === 'string' && typeof value === 'string' ? value : undefined;
}

/** One a line, or a list of them, as `ana bob`. One that cannot be a name makes the whole answer unknown. */
function namesIn(value: unknown): string | undefined {
  const all: readonly unknown[] = Array.isArray(value) ? value : typeof value === 'string' ? value.split('\n') : [null];
  const names = all.map((one) => (typeof one === 'string' ? one.trim() : null)).filter((one) => one !== '');
  const areNames = names.length <= MOST_NAMES && names.every((one) => one !== null && isName(one));
  return areNames ? [...new Set(names)].join(' ') : undefined;
}
