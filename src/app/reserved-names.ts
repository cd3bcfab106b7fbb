/** Names that no target may have, because a door understands them as something else. */
import { VERBS } from '../console/verbs.ts';

const VERB_WORDS = new Set(['help', ...VERBS.flatMap(({ spec }) => spec.path.slice(0, 1))]);
const OTHER_WORDS = new Set(['auto', 'web', 'local']);

/** Whether `word` begins a command of the console. */
export function isVerbWord(word: string): boolean {
  return VERB_WORDS.has(word);
}

export function isReservedName(name: string): boolean {
  return VERB_WORDS.has(name) || OTHER_WORDS.has(name) || name.endsWith('.gate');
}
