/** Lines that are nothing but words, and words that stand for a glob: what patterns of grants are made of. */
import { compilePathSet, matchPath } from './language/path-pattern.ts';

/** No quote, expansion, operator, redirection, assignment, comment or line break can be spelled with these. */
const PLAIN = /^[A-Za-z0-9_./:@%+,-]+$/;

/** The words of a line that a shell reads as just these words; null for every other line. */
export function plainWords(text: string): readonly string[] | null {
  const words = text.trim().split(/[ \t]+/);
  return words.every((word) => PLAIN.test(word)) ? words : null;
}

/** Whether `word` may stand where `glob` stands: it fits, is no option, and is spelled without detours. */
export function standsFor(glob: string, word: string): boolean {
  if (!PLAIN.test(word) || word.startsWith('-') || word.includes('//')) return false;
  if (word.split('/').some((part) => part === '.' || part === '..')) return false;
  const plain = { text: word, kind: 'static', pieces: null, quoted: false } as const;
  return matchPath(compilePathSet([glob]), plain, null) === 'yes';
}
