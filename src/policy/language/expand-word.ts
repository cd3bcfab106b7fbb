/**
 * From a word as typed to the words a command receives, as far as that is known: quote removal, brace
 * expansion, known variables, word splitting. It never runs anything and never reads the environment.
 */
import type { Word, WordPiece } from '../analysis.ts';
import { expandBraceSource } from './brace-expansion.ts';
import { parseShell } from './parse-shell.ts';
import type { ShellScope } from './shell-scope.ts';
import type { ParameterPart, RawPart, RawWord } from './shell-tree.ts';

/** The path that bash gives to the first process substitution; any would do. */
const PROCESS_PATH = '/dev/fd/63';
const NOT_ASCII = /[^\0-\x7f]/u;

/** Expands words; a word may become several or none. */
export function expandWords(raws: readonly RawWord[], scope: ShellScope): Word[] {
  const words: Word[] = [];
  for (const raw of raws) {
    if (raw.parts === null) words.push(plainWord(raw));
    else expandInto(words, raw, raw.parts, scope);
  }
  return words;
}

/** Expands without splitting or braces: the value of an assignment, the target of a redirect. */
export function expandSingle(raw: RawWord, scope: ShellScope): Word {
  if (raw.parts === null) return plainWord(raw);
  const builder = new FieldBuilder(raw.quoted);
  for (const part of raw.parts) addPart(builder, part, scope, false);
  return builder.finish()[0] ?? emptyWord(raw.quoted);
}

function emptyWord(quoted: boolean): Word {
  return { text: '', kind: 'static', pieces: null, quoted };
}

function normalText(text: string): string {
  return NOT_ASCII.test(text) ? text.normalize('NFC') : text;
}

function plainWord(raw: RawWord): Word {
  const text = normalText(raw.text);
  const tilde = raw.quoted && text.charCodeAt(0) === 126 && raw.source.charCodeAt(0) !== 126;
  return { text: tilde ? `./${text}` : text, kind: 'static', pieces: null, quoted: raw.quoted };
}

function expandInto(words: Word[], raw: RawWord, parts: readonly RawPart[], scope: ShellScope): void {
  if (parts.some((part) => part.kind === 'brace')) {
    words.push(...expandBraces(raw, scope));
    return;
  }
  const builder = new FieldBuilder(raw.quoted);
  for (const part of parts) addPart(builder, part, scope, true);
  words.push(...builder.finish());
}

function expandBraces(raw: RawWord, scope: ShellScope): readonly Word[] {
  const sources = expandBraceSource(raw.source);
  if (sources === null) return [dynamicWord(raw.source)];
  const words: Word[] = [];
  for (const source of sources) {
    if (source === '') continue;
    // `:` first, so that the piece is read as an argument and not as an assignment or keyword.
    const node = parseShell(`: ${source}`).list[0]?.node;
    const parsed = node?.kind === 'command' ? node.words.slice(1) : [];
    for (const word of parsed) {
      if (word.parts?.some((part) => part.kind === 'brace') === true) words.push(dynamicWord(source));
      else words.push(...expandWords([word], scope));
    }
  }
  return words;
}

function dynamicWord(text: string): Word {
  return { text, kind: 'dynamic', pieces: [{ kind: 'dynamic', text }], quoted: false };
}

function addPart(builder: FieldBuilder, part: RawPart, scope: ShellScope, splits: boolean): void {
  switch (part.kind) {
    case 'literal':
      builder.literal(normalText(part.text), part.quoted);
      return;
    case 'glob':
      builder.piece({ kind: 'glob', text: part.text });
      return;
    case 'parameter':
      addParameter(builder, part, scope, splits);
      return;
    case 'substitution':
      if (part.process) builder.literal(PROCESS_PATH, false);
      else builder.piece({ kind: 'dynamic', text: part.source });
      return;
    case 'arithmetic':
    case 'brace':
      builder.piece({ kind: 'dynamic', text: part.source });
      return;
  }
}

function addParameter(builder: FieldBuilder, part: ParameterPart, scope: ShellScope, splits: boolean): void {
  const value = part.plain ? knownValue(part.name, scope, builder.atStart) : null;
  if (value === null) builder.piece({ kind: 'dynamic', text: part.source });
  else if (part.quoted || !splits) builder.literal(value, true);
  else if (scope.get('IFS') === undefined) builder.split(value);
  else builder.piece({ kind: 'dynamic', text: part.source });
}

function knownValue(name: string, scope: ShellScope, atStart: boolean): string | null {
  const value = scope.get(name);
  if (value !== undefined) return value;
  if (name === 'HOME' && atStart) return '~';
  if (name === 'PWD') return scope.cwd;
  return null;
}

/** Collects the pieces of the fields that one typed word becomes. */
class FieldBuilder {
  readonly #fields: Word[] = [];
  readonly #quoted: boolean;
  #pieces: WordPiece[] = [];
  #literalOnly = true;

  constructor(quoted: boolean) {
    this.#quoted = quoted;
  }

  get atStart(): boolean {
    return this.#pieces.length === 0;
  }

  literal(text: string, quoted: boolean): void {
    const shown = quoted && this.atStart && text.startsWith('~') && text !== '~' ? `./${text}` : text;
    this.piece({ kind: 'literal', text: shown });
  }

  piece(piece: WordPiece): void {
    if (piece.kind !== 'literal') this.#literalOnly = false;
    this.#pieces.push(piece);
  }

  /** An unquoted value: blanks separate fields and `*?[` are globs. */
  split(value: string): void {
    const fields = value.split(/([ \t\n]+)/u);
    for (const [index, field] of fields.entries()) {
      if (index % 2 === 1) this.#end();
      else if (field !== '') this.#pieces.push(...this.#unquoted(field));
    }
  }

  #unquoted(field: string): readonly WordPiece[] {
    if (!/[*?[]/u.test(field)) return [{ kind: 'literal', text: field }];
    this.#literalOnly = false;
    return [{ kind: 'glob', text: field }];
  }

  #end(): void {
    if (this.#pieces.length === 0) return;
    this.#fields.push(this.#word());
    this.#pieces = [];
    this.#literalOnly = true;
  }

  #word(): Word {
    const text = this.#pieces.map((piece) => piece.text).join('');
    if (this.#literalOnly) return { text, kind: 'static', pieces: null, quoted: this.#quoted };
    const dynamic = this.#pieces.some((piece) => piece.kind === 'dynamic');
    return { text, kind: dynamic ? 'dynamic' : 'glob', pieces: this.#pieces, quoted: this.#quoted };
  }

  finish(): readonly Word[] {
    if (this.#pieces.length > 0) this.#end();
    else if (this.#quoted && this.#fields.length === 0) this.#fields.push(emptyWord(true));
    return this.#fields;
  }
}
