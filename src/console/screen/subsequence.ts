/** Finding by typing: the letters of the query in their order, with anything between them. */

/**
 * How well `query` fits: lower is better, null when it does not. Blanks in the query separate parts that all have
 * to fit; letters in one piece and at the beginning of a word fit best.
 */
export function subsequenceScore(query: string, text: string): number | null {
  let total = 0;
  for (const part of query.toLowerCase().split(/\s+/)) {
    const score = partScore(part, text.toLowerCase());
    if (score === null) return null;
    total += score;
  }
  return total;
}

function partScore(part: string, text: string): number | null {
  const whole = text.indexOf(part);
  if (whole !== -1) return whole === 0 || /[^a-z0-9]/.test(text[whole - 1] ?? '') ? 0 : 1;
  let from = 0;
  let gaps = 2;
  for (const letter of part) {
    const at = text.indexOf(letter, from);
    if (at === -1) return null;
    if (at > from) gaps += 1;
    from = at + 1;
  }
  return gaps;
}
