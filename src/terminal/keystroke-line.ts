/**
 * The line as the keys that were sent make it (the first of the two witnesses). Exact only for keys that every
 * editor treats alike; after any other key it keeps just the text typed since then, as proof that the screen has
 * caught up. It knows nothing of what was on the line before the first key.
 */
import type { EditKey, KeyToken } from './key-token.ts';

/** More is no line that anybody types; what was kept so far stays, the model is lost. Characters. */
const LONGEST_LINE = 256 * 1024;

/** What the screen says that the model must know: text stands right of the cursor that an editor might take over. */
export interface KeySurroundings {
  readonly suggestion: boolean;
}

export class KeystrokeLine {
  #before: string[] = [];
  #after: string[] = [];
  #doubt: string | undefined;
  #suffix: string[] = [];
  /** Everything that was typed, as if the keys that cannot be followed did nothing. */
  #typed: string[] = [];
  #plain = true;
  #pasted = false;
  #touched = false;
  #commanding = false;
  readonly #controls = new Set<string>();

  /** Text left of the cursor, as far as the keys tell. */
  get before(): string {
    return this.#before.join('');
  }

  get after(): string {
    return this.#after.join('');
  }

  get text(): string {
    return this.before + this.after;
  }

  /** The key that made the model inexact, for people; undefined while it is exact. */
  get doubt(): string | undefined {
    return this.#doubt;
  }

  get exact(): boolean {
    return this.#doubt === undefined;
  }

  /** Text typed since the last key that could not be modelled: what the screen must show left of the cursor. */
  get suffix(): string {
    return this.#suffix.join('');
  }

  /** Characters on the line, as far as the keys tell. */
  get length(): number {
    return this.#before.length + this.#after.length;
  }

  /** Only text was typed, no editing key. */
  get plain(): boolean {
    return this.#plain;
  }

  /** All text that was typed, as if the keys that cannot be followed did nothing. */
  get typed(): string {
    return this.#typed.join('');
  }

  /** A paste of more than one line is in it. */
  get multiline(): boolean {
    return this.#pasted;
  }

  /** Any key at all was sent for this line. */
  get touched(): boolean {
    return this.#touched;
  }

  /** Escape was pressed: characters may be commands of a vi mode and need not appear. */
  get commanding(): boolean {
    return this.#commanding;
  }

  /** Control characters that were sent as keys of the editor, as `^X`: what a screen shows of one that it took for text. */
  get controls(): readonly string[] {
    return [...this.#controls];
  }

  reset(): void {
    this.#controls.clear();
    this.#commanding = false;
    this.#before = [];
    this.#after = [];
    this.#doubt = undefined;
    this.#suffix = [];
    this.#typed = [];
    this.#plain = true;
    this.#pasted = false;
    this.#touched = false;
  }

  /** The model no longer knows the line. @param reason names the key or event */
  lose(reason: string): void {
    this.#doubt ??= reason;
    this.#suffix = [];
    this.#plain = false;
    this.#touched = true;
  }

  apply(token: KeyToken, around: KeySurroundings): void {
    switch (token.kind) {
      case 'text':
        this.#insert(token.text);
        break;
      case 'paste':
        this.#paste(token.text);
        break;
      case 'edit':
        this.#noteControl(token.bytes);
        this.#edit(token.key, token.name, around);
        break;
      case 'soft-submit':
        this.lose(token.name);
        break;
      case 'interrupt':
        if (this.#touched) this.lose(`Ctrl-${token.key}`);
        break;
      case 'reply':
        if (!token.asked) this.lose('a report that nothing had asked for');
        break;
      case 'submit':
      case 'mouse':
      case 'focus':
        break;
      default:
        token satisfies never;
    }
  }

  #insert(text: string): void {
    this.#touched = true;
    const characters = [...text];
    if (this.#typed.length + characters.length > LONGEST_LINE) {
      this.lose('more text than a line can hold');
      return;
    }
    if (this.exact) this.#before.push(...characters);
    this.#typed.push(...characters);
    if (!this.#commanding) this.#suffix.push(...characters);
  }

  #paste(text: string): void {
    const lines = text.replace(/\r\n?/g, '\n');
    if (lines.includes('\n')) this.#pasted = true;
    if (/[^\P{Cc}\n\t]|\ufffd/u.test(lines)) this.lose('a paste with control characters');
    else this.#insert(lines);
  }

  #noteControl([control = 0x20, more]: Uint8Array): void {
    if (control < 0x20 && more === undefined) this.#controls.add(`^${String.fromCharCode(control + 0x40)}`);
  }

  #edit(key: EditKey, name: string, around: KeySurroundings): void {
    this.#touched = true;
    if (key === 'redraw' || key === 'quoted-insert') return;
    this.#plain = false;
    if (key === 'escape') this.#commanding = true;
    if (key === 'backspace') this.#backspace(name);
    else if (!this.exact) this.#suffix = [];
    else if (!this.#modelled(key, around)) this.lose(name);
    else if (key === 'home' || key === 'left') this.#suffix = [];
  }

  #modelled(key: EditKey, around: KeySurroundings): boolean {
    switch (key) {
      case 'left':
        return this.#move(this.#before, this.#after, 1, 'left');
      case 'home':
        return this.#move(this.#before, this.#after, this.#before.length, 'left');
      case 'right':
      case 'end':
        return this.#rightward(key, around);
      case 'delete':
        return this.#delete();
      case 'kill-end':
        this.#after = [];
        return true;
      case 'kill-start':
        // In mid-line zsh kills the whole line and readline what is left of the cursor.
        if (this.#after.length > 0) return false;
        this.#before = [];
        this.#suffix = [];
        return true;
      case 'backspace':
      case 'redraw':
      case 'quoted-insert':
      case 'complete':
      case 'history':
      case 'search':
      case 'escape':
      case 'other':
        return false;
      default:
        return key satisfies never;
    }
  }

  #rightward(key: 'right' | 'end', around: KeySurroundings): boolean {
    const count = key === 'right' ? Math.min(1, this.#after.length) : this.#after.length;
    const atEnd = this.#after.length === 0 || key === 'end';
    if (atEnd && around.suggestion) return false;
    return this.#move(this.#before, this.#after, count, 'right');
  }

  /** False when a character is met that editors count differently. */
  #move(before: string[], after: string[], count: number, direction: 'left' | 'right'): boolean {
    for (let step = 0; step < count; step += 1) {
      const moved = direction === 'left' ? before.pop() : after.shift();
      if (moved === undefined) return true;
      if (isComposite(moved) || isMark(after[0]) || isMark(before.at(-1))) return false;
      if (direction === 'left') after.unshift(moved);
      else before.push(moved);
    }
    return true;
  }

  #delete(): boolean {
    if (isComposite(this.#after[0]) || isMark(this.#after[1])) return false;
    this.#after.shift();
    return true;
  }

  #backspace(name: string): void {
    const last = this.#before.at(-1);
    if (this.exact && isComposite(last)) {
      this.lose(name);
      return;
    }
    if (this.exact) this.#before.pop();
    this.#suffix.pop();
    this.#typed.pop();
  }
}

/** Combining marks, joiners, variation selectors, modifiers: parts of what people see as one character. */
function isMark(character: string | undefined): boolean {
  return character !== undefined && /^(?:\p{M}|\p{Cf}|\p{Emoji_Modifier}|\p{Regional_Indicator})/u.test(character);
}

/** A character that editors may delete or step over together with its neighbour, or not at all. */
function isComposite(character: string | undefined): boolean {
  return isMark(character) || (character !== undefined && /^[\n\t]/.test(character));
}
