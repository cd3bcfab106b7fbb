/**
 * Random shell-like text for tests of the analyser: harmless by construction, because it is only ever read as a
 * string. The words that are given to a real shell come from `quotedWord` alone, which knows no expansion.
 */
import fc from 'fast-check';

const PUNCTUATION = [
  '$',
  '`',
  '"',
  "'",
  '\\',
  '(',
  ')',
  '{',
  '}',
  '[',
  ']',
  '<',
  '>',
  '|',
  '&',
  ';',
  '\n',
  ' ',
  '!',
  '#',
  '*',
  '?',
  '~',
  '=',
  '^',
  '@',
  ':',
  ',',
  '-',
  '%',
  '\t',
];
const WORDS = [
  'ls',
  'rm',
  'sudo',
  'sh',
  '-c',
  'if',
  'then',
  'fi',
  'for',
  'do',
  'done',
  'in',
  'case',
  'esac',
  'eval',
  'x=1',
  '$x',
  '${x:-',
  '$((',
  '$(',
  '<<E',
  'E',
  '<<<',
  '[[',
  ']]',
  'psql',
  'xargs',
  'find',
  '-exec',
  'ssh',
  'select',
  'DELETE',
  '\\!',
  'é',
  '{a,b}',
  '{1..3}',
  "$'",
  'function',
  '--',
  '&&',
  '||',
  '>&',
  '|&',
  '((',
  '))',
];

/** Punctuation and shell words in any order, joined with or without blanks. */
export const randomShellLine: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom(...PUNCTUATION), fc.constantFrom(...WORDS), fc.string({ maxLength: 3 })), {
    maxLength: 40,
  })
  .chain((parts) => fc.constantFrom('', ' ').map((blank) => parts.join(blank)));

const LETTERS = fc.stringMatching(/^[a-zA-Z0-9_.,:%+/-]{1,4}$/);

/**
 * A word made of quoting only: plain letters, escapes, single, double and ANSI-C quotes. No `$`, backtick, glob,
 * brace, tilde or operator outside of quotes, so that a shell can do nothing with it but remove the quotes.
 */
export const quotedWord: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      LETTERS,
      fc.constantFrom('\\ ', '\\"', "\\'", '\\\\', '\\a', '\\$', '\\*', '\\;', '\\\n'),
      fc.stringMatching(/^[a-z ;|&*?<>(){}#"]{0,5}$/).map((text) => `'${text}'`),
      fc.stringMatching(/^[a-z ;|&*?<>(){}#']{0,5}$/).map((text) => `"${text}"`),
      fc.constantFrom('"\\""', '"\\\\"', '"\\a"', '"\\\n"', '""', "''", '$"a b"'),
      fc.constantFrom(
        "$'\\x41'",
        "$'\\101'",
        "$'\\n'",
        "$'\\''",
        "$'\\\\'",
        "$'\\u00e9'",
        "$'\\e'",
        "$'\\cA'",
        "$'a\\tb'",
        "$''",
      ),
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((parts) => parts.join(''));
