/**
 * Brace expansion on the typed text of one word, as bash does it before anything else. Quotes, escapes and
 * `${…}`, `$(…)` are skipped, never interpreted.
 */

/** More words than this are not worth naming; the word then counts as dynamic. */
const MOST_WORDS = 500;

/** The words that `source` expands to, still quoted; null when there are too many. */
export function expandBraceSource(source: string): readonly string[] | null {
  const open: string[] = [source];
  const done: string[] = [];
  for (let word = open.pop(); word !== undefined; word = open.pop()) {
    const choices = expandFirst(word);
    if (choices === null) done.push(word);
    else for (let i = choices.length - 1; i >= 0; i -= 1) open.push(choices[i] ?? '');
    if (open.length + done.length > MOST_WORDS) return null;
  }
  return done;
}

/** Expands the first brace of the word; null when it has none that expands. */
function expandFirst(word: string): readonly string[] | null {
  for (let start = nextBrace(word, 0); start !== -1; start = nextBrace(word, start + 1)) {
    const group = readGroup(word, start);
    if (group === null) continue;
    const items = group.items.length > 1 ? group.items : sequence(group.items[0] ?? '');
    if (items === null) continue;
    const head = word.slice(0, start);
    const tail = word.slice(group.end);
    return items.map((item) => head + item + tail);
  }
  return null;
}

function nextBrace(word: string, from: number): number {
  for (let i = from; i < word.length; i = skipUnit(word, i)) {
    if (word.charAt(i) === '{') return i;
  }
  return -1;
}

/** Index behind the character, quoted run or `$` expansion at `at`. */
function skipUnit(word: string, at: number): number {
  const char = word.charAt(at);
  if (char === '\\') return at + 2;
  if (char === "'" || char === '"' || char === '`') return closing(word, at + 1, char);
  if (char === '$' && word.charAt(at + 1) === '{') return closing(word, at + 2, '}');
  if (char === '$' && word.charAt(at + 1) === '(') return closing(word, at + 2, ')');
  return at + 1;
}

function closing(word: string, from: number, close: string): number {
  for (let i = from; i < word.length; i += 1) {
    if (word.charAt(i) === '\\' && close !== "'") i += 1;
    else if (word.charAt(i) === close) return i + 1;
  }
  return word.length;
}

interface Group {
  readonly items: readonly string[];
  readonly end: number;
}

function readGroup(word: string, start: number): Group | null {
  const items: string[] = [];
  let depth = 0;
  let from = start + 1;
  for (let i = start; i < word.length; i = skipUnit(word, i)) {
    const char = word.charAt(i);
    if (char === '{') depth += 1;
    else if (char === ',' && depth === 1) {
      items.push(word.slice(from, i));
      from = i + 1;
    } else if (char === '}') {
      depth -= 1;
      if (depth === 0) return { items: [...items, word.slice(from, i)], end: i + 1 };
    }
  }
  return null;
}

const NUMBERS = /^(-?\d{1,15})\.\.(-?\d{1,15})(?:\.\.(-?\d{1,15}))?$/u;
const LETTERS = /^([A-Za-z])\.\.([A-Za-z])(?:\.\.(-?\d{1,9}))?$/u;

function sequence(text: string): readonly string[] | null {
  const numbers = NUMBERS.exec(text);
  if (numbers !== null) {
    const [, first = '', last = '', step] = numbers;
    const width = /^-?0\d/u.test(first) || /^-?0\d/u.test(last) ? Math.max(first.length, last.length) : 0;
    return count(Number(first), Number(last), Number(step ?? 1))?.map((value) => pad(value, width)) ?? null;
  }
  const letters = LETTERS.exec(text);
  if (letters === null) return null;
  const [, first = '', last = '', step] = letters;
  const codes = count(first.charCodeAt(0), last.charCodeAt(0), Number(step ?? 1));
  return codes?.map((code) => String.fromCharCode(code)) ?? null;
}

function pad(value: number, width: number): string {
  const digits = String(Math.abs(value));
  return value < 0 ? `-${digits.padStart(width - 1, '0')}` : digits.padStart(width, '0');
}

/** Stops one past the limit, so that the caller sees that there are too many. */
function count(first: number, last: number, step: number): readonly number[] | null {
  const stride = Math.max(1, Math.abs(step));
  const values: number[] = [];
  const direction = first <= last ? stride : -stride;
  const total = Math.floor(Math.abs(last - first) / stride) + 1;
  for (let i = 0; i < Math.min(total, MOST_WORDS + 1); i += 1) values.push(first + i * direction);
  return values;
}
