/**
 * One spelling for one value, so that it can be signed: members sorted by code unit, no white space,
 * members that are `undefined` left out. For plain data only (no dates, maps, big integers).
 */

type Plain = null | boolean | number | string | readonly Plain[] | { readonly [name: string]: Plain | undefined };

/** The canonical JSON text of plain data. Numbers are spelled as JavaScript spells them. */
export function canonicalJson(value: Plain): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.keys(value)
    .sort()
    .flatMap((name) => member(name, value[name]));
  return `{${members.join(',')}}`;
}

function member(name: string, value: Plain | undefined): string[] {
  return value === undefined ? [] : [`${JSON.stringify(name)}:${canonicalJson(value)}`];
}

function isList(value: object): value is readonly Plain[] {
  return Array.isArray(value);
}
