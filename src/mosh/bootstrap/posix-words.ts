/**
 * A command line as the words a POSIX shell would see, without being a shell: quotes and backslashes are
 * understood, nothing is expanded or run. Semicolons end a command and are words of their own.
 */

/** Blanks, a semicolon, quoted text, an escaped character, plain text; the last one is what fits nowhere. */
const PIECE = /([ \t\n]+)|(;)|'([^']*)'|"((?:\\[\s\S]|[^"\\])*)"|\\([\s\S])|([^ \t\n;'"\\]+)|([\s\S])/g;
const PLAIN = /^[\w@%+=:,./-]+$/;

/** The words of `text`; undefined when a quote is not closed. */
export function posixWords(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  const finish = (): void => {
    if (word !== undefined) words.push(word);
    word = undefined;
  };
  for (const [, blanks, semicolon, single, double, escaped, plain, misfit] of text.matchAll(PIECE)) {
    if (misfit !== undefined) return undefined;
    if (blanks !== undefined || semicolon !== undefined) {
      finish();
      if (semicolon !== undefined) words.push(semicolon);
    } else {
      word = (word ?? '') + (single ?? plain ?? unescaped(double, escaped));
    }
  }
  finish();
  return words;
}

/** `words` as one command line that a POSIX shell takes apart into the same words. */
export function quoteWords(words: readonly string[]): string {
  return words.map((word) => (PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');
}

/** In double quotes a backslash is one unless something special follows; a line may always be continued. */
function unescaped(double: string | undefined, escaped: string | undefined): string {
  const text = double?.replace(/\\([$`"\\\n])/g, '$1') ?? escaped ?? '';
  return text === '\n' ? '' : text;
}
