/** Tells fish by what it prints. A program that prints the same is treated with more care, never with less. */

/** fish ends every colour so on terminals of the xterm family, and no other program known does. */
const COLOUR_END = Buffer.from('\x1b[30m\x1b(B\x1b[m', 'latin1');
/** Its mark of output without a newline at the end, drawn and wiped away before every prompt. */
const NEWLINE_MARK = Buffer.from('\u23ce', 'utf8');

/** Whether output looks like that of fish. */
export function looksLikeFish(output: Uint8Array): boolean {
  const bytes = Buffer.from(output.buffer, output.byteOffset, output.byteLength);
  return bytes.includes(COLOUR_END) || bytes.includes(NEWLINE_MARK);
}
