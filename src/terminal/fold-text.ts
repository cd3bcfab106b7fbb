/** Breaks text into lines by the width of its cells. */
import stringWidth from 'string-width';

/** Lines of at most `width` cells, broken at blanks where that is possible; lines after the first begin with `indent`. */
export function foldText(text: string, width: number, indent: string = ''): string[] {
  const lines: string[] = [];
  let line = '';
  const words = text.split(' ').flatMap((word) => cutText(word, Math.max(1, width - stringWidth(indent))));
  for (const word of words) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (stringWidth(longer) <= width || line === '') {
      line = longer;
    } else {
      lines.push(line);
      line = indent + word;
    }
  }
  return [...lines, line];
}

/** Lines of at most `width` cells that together are exactly `text`; wide characters stay whole. */
export function cutText(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const character of text) {
    const cells = stringWidth(character);
    if (used + cells > width && line !== '') {
      lines.push(line);
      line = '';
      used = 0;
    }
    line += character;
    used += cells;
  }
  return [...lines, line];
}
