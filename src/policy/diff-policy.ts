/** What differs between two policies, rule by rule and name by name. */
import { canonicalJson } from './canonical-json.ts';
import type { Policy } from './policy.ts';

export interface PolicyDifference {
  readonly section: string;
  readonly name: string;
  readonly change: 'added' | 'removed' | 'changed';
}

const LISTED = ['rules', 'postures', 'access', 'roaming'] as const;
const NAMED = ['approvals', 'windows', 'checks', 'hooks', 'settings', 'break_glass'] as const;

/** Order of rules does not matter and is not reported; postures and access rules go by their number. */
export function diffPolicies(before: Policy, after: Policy): readonly PolicyDifference[] {
  const old = membersOf(before.canonicalText);
  const fresh = membersOf(after.canonicalText);
  const keys = [...new Set([...old.keys(), ...fresh.keys()])].sort();
  return keys.flatMap((key): readonly PolicyDifference[] => {
    const [section = '', name = ''] = key.split('\0');
    if (!fresh.has(key)) return [{ section, name, change: 'removed' }];
    if (!old.has(key)) return [{ section, name, change: 'added' }];
    return old.get(key) === fresh.get(key) ? [] : [{ section, name, change: 'changed' }];
  });
}

interface ResolvedText {
  readonly catalogue: readonly { readonly id: string }[];
  readonly files: readonly Readonly<Record<string, unknown>>[];
}

function membersOf(canonicalText: string): ReadonlyMap<string, string> {
  const resolved = JSON.parse(canonicalText) as ResolvedText;
  const members = new Map<string, string>();
  for (const entry of resolved.catalogue) members.set(`catalogue\0${entry.id}`, canonicalJson(entry));
  for (const section of LISTED) {
    const items = resolved.files.flatMap(
      (file) => (file[section] ?? []) as readonly Readonly<Record<string, unknown>>[],
    );
    for (const [index, item] of items.entries())
      members.set(`${section}\0${String(item['id'] ?? index + 1)}`, canonicalJson(item));
  }
  for (const section of NAMED) {
    for (const file of resolved.files) {
      for (const [name, item] of Object.entries((file[section] ?? {}) as Record<string, unknown>))
        members.set(`${section}\0${name}`, canonicalJson(item));
    }
  }
  return members;
}
