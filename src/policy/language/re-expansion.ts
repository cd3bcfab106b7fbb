/**
 * Words that a builtin expands a second time: a subscript with a command substitution runs it even when it was
 * quoted. Only the literal text of a word counts; what is not quoted has been walked already.
 */
import type { Word } from '../analysis.ts';
import type { RawWord } from './shell-tree.ts';

const SUBSCRIPT = /\[[^\]]*(?:\$\(|`)/su;
const SUBSTITUTION = /\$\(|`/u;

/** Builtins whose operands name variables. */
const NAMING: ReadonlySet<string> = new Set([
  'let',
  'read',
  'declare',
  'typeset',
  'local',
  'export',
  'readonly',
  'unset',
  'mapfile',
  'readarray',
  'getopts',
  'wait',
]);

export function literalText(word: Word): string {
  if (word.pieces === null) return word.text;
  return word.pieces.map((piece) => (piece.kind === 'literal' ? piece.text : ' ')).join('');
}

function hidesSubscript(text: string): boolean {
  return SUBSCRIPT.test(text);
}

/** The operand that the builtin would expand again; null when there is none. */
export function reExpandedOperand(name: string, args: readonly Word[]): string | null {
  if (NAMING.has(name)) return args.find((word) => hidesSubscript(literalText(word)))?.text ?? null;
  if (name !== 'test' && name !== '[' && name !== 'printf') return null;
  const at = args.findIndex((word) => word.text.startsWith('-v'));
  if (at === -1) return null;
  const operand = args[at]?.text === '-v' ? args[at + 1] : args[at];
  return operand !== undefined && hidesSubscript(literalText(operand)) ? operand.text : null;
}

/** The operand of `[[ … -eq … ]]` or `[[ -v … ]]` that is expanded again. */
export function reExpandedTest(operators: readonly string[], words: readonly RawWord[]): string | null {
  if (!operators.some((operator) => /^-(?:v|eq|ne|lt|le|gt|ge)$/u.test(operator))) return null;
  return words.find((word) => word.quoted && hidesSubscript(word.text))?.source ?? null;
}

const PROMPTS: ReadonlySet<string> = new Set(['PS0', 'PS1', 'PS2', 'PS4', 'PROMPT_COMMAND']);

/** Prompt variables are expanded at every prompt; a value with a subscript runs when it is used in arithmetic. */
export function reExpandedAssignment(name: string, value: string): boolean {
  if (PROMPTS.has(name)) return name === 'PROMPT_COMMAND' ? value !== '' : SUBSTITUTION.test(value);
  return hidesSubscript(value);
}
