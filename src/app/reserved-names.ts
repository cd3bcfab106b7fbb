/** Names that no target may have, because a door understands them as something else. */
import { VERBS } from '../console/verbs.ts';

const WORDS = new Set([
  'auto',
  'web',
  'help',
  'local',
  'approvals',
  ...VERBS.flatMap(({ spec }) => spec.path.slice(0, 1)),
]);

export function isReservedName(name: string): boolean {
  return WORDS.has(name) || name.endsWith('.gate');
}
