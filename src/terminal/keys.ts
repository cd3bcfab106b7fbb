/**
 * Cuts the user's bytes into keys. What submits a line is found by excluding what is known not to: every control
 * or meta sequence that is not a harmless editing key is a submission. CR and LF submit wherever they stand, even
 * inside an unfinished sequence. Cutting the stream elsewhere never changes the keys; only the caller's clock and
 * the terminal's modes do.
 */
import { scanEscape } from './key-escape.ts';
import type { KeyModes, KeyScan } from './key-scan.ts';
import { controlMeaning, isHarmlessMeta, runsInVi } from './key-tables.ts';
import type { KeyToken } from './key-token.ts';
import { completeUtf8, scanUtf8 } from './utf8.ts';

export type { KeyModes } from './key-scan.ts';
export type { KeyToken } from './key-token.ts';

/** How long an unfinished sequence is waited for, ms. */
export const UNFINISHED_WAIT = 30;

/** A paste is handed on in parts of at most this many bytes. */
const PASTE_PART_BYTES = 64 * 1024;

const PASTE_BEGIN = Uint8Array.from([0x1b, 0x5b, 0x32, 0x30, 0x30, 0x7e]);
const PASTE_END = Buffer.from('\x1b[201~', 'latin1');

/**
 * What the keys before say about the next one. `prefix`: Ctrl-X was just pressed. `quoted`: Ctrl-V was.
 * `escaped`: a lone ESC was, the next key may be a Meta key. `vi`: one was pressed on this line.
 */
type Shift = 'none' | 'prefix' | 'quoted' | 'escaped' | 'vi';

export class KeyTokenizer {
  readonly #terminal: KeyModes;
  #pending: Uint8Array = new Uint8Array(0);
  #since: number | undefined;
  #shift: Shift = 'none';
  /** Delimiter of a paste that has begun and whose bytes belong to the next part; undefined outside of pastes. */
  #pasteHead: Uint8Array | undefined;

  constructor(terminal: KeyModes) {
    this.#terminal = terminal;
  }

  /** When the oldest unfinished byte came, on the caller's clock (ms); undefined when nothing waits. */
  get pendingSince(): number | undefined {
    return this.#since;
  }

  /** The keys that are complete with these bytes. @param now the caller's monotonic clock, ms */
  push(bytes: Uint8Array, now: number): KeyToken[] {
    if (bytes.length === 0) return [];
    this.#pending = this.#pending.length === 0 ? bytes.slice() : Buffer.concat([this.#pending, bytes]);
    this.#since ??= now;
    return this.#cut(false, now);
  }

  /** What waits, as it is, once it has waited for `UNFINISHED_WAIT` ms; call it when that time has come. */
  flush(now: number): KeyToken[] {
    if (this.#since === undefined || now - this.#since < UNFINISHED_WAIT) return [];
    return this.#cut(true, now);
  }

  #cut(final: boolean, now: number): KeyToken[] {
    const tokens: KeyToken[] = [];
    while (this.#pending.length > 0) {
      const scan = this.#pasteHead === undefined ? this.#scanKey(final) : this.#scanPaste(this.#pasteHead, final);
      if (scan === undefined) break;
      this.#pending = this.#pending.subarray(scan.length);
      this.#since = now;
      if (scan.token !== undefined) tokens.push(scan.token);
    }
    if (this.#pending.length === 0) this.#since = undefined;
    return tokens;
  }

  #scanKey(final: boolean): KeyScan | undefined {
    if (this.#beginsPaste()) {
      this.#pasteHead = PASTE_BEGIN;
      this.#shift = 'none';
      return { length: PASTE_BEGIN.length, token: undefined };
    }
    const first = this.#pending[0] ?? 0;
    const scan =
      first === 0x1b
        ? scanEscape(this.#pending, this.#terminal, final)
        : first < 0x20 || first === 0x7f
          ? controlKey(first)
          : scanText(this.#pending, final, this.#shift);
    if (scan?.token === undefined) return scan;
    const token = shifted(scan.token, this.#shift);
    this.#shift = nextShift(token, this.#shift);
    return { length: scan.length, token };
  }

  #beginsPaste(): boolean {
    if (!this.#terminal.modes.bracketedPaste || this.#pending.length < PASTE_BEGIN.length) return false;
    return PASTE_BEGIN.every((byte, index) => this.#pending[index] === byte);
  }

  /** A paste up to its end; or the part that is there, when it is long, late, or pastes were switched off. */
  #scanPaste(head: Uint8Array, final: boolean): KeyScan | undefined {
    const pending = Buffer.from(this.#pending.buffer, this.#pending.byteOffset, this.#pending.length);
    const end = pending.indexOf(PASTE_END);
    if (end >= 0) {
      this.#pasteHead = undefined;
      return pasteScan(head, pending.subarray(0, end), PASTE_END);
    }
    const off = !this.#terminal.modes.bracketedPaste;
    if (!off && !final && pending.length < PASTE_PART_BYTES) return undefined;
    this.#pasteHead = off ? undefined : new Uint8Array(0);
    const safe = off ? pending.length : completeUtf8(pending.subarray(0, pending.length - begunEnd(pending)));
    if (safe === 0 && head.length === 0 && !off) return undefined;
    return pasteScan(head, pending.subarray(0, safe), new Uint8Array(0));
  }
}

function pasteScan(head: Uint8Array, body: Uint8Array, tail: Uint8Array): KeyScan {
  const bytes = new Uint8Array(Buffer.concat([head, body, tail]));
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(body);
  return {
    length: body.length + tail.length,
    token: { kind: 'paste', bytes, text, complete: tail.length > 0 },
  };
}

/** Length of the beginning of an end delimiter that `bytes` ends with. */
function begunEnd(bytes: Buffer): number {
  for (let length = Math.min(PASTE_END.length - 1, bytes.length); length > 0; length -= 1) {
    if (bytes.subarray(bytes.length - length).equals(PASTE_END.subarray(0, length))) return length;
  }
  return 0;
}

function controlKey(code: number): KeyScan {
  return { length: 1, token: { ...controlMeaning(code), bytes: Uint8Array.of(code) } };
}

/** A run of printable characters; one alone if the keys before may change what it does. */
function scanText(bytes: Uint8Array, final: boolean, shift: Shift): KeyScan | undefined {
  const first = printableLength(bytes, 0);
  if (first === 0) return unprintable(bytes, final);
  if (shift === 'prefix' || shift === 'quoted' || shift === 'escaped') return textScan(bytes, first);
  const stops = (at: number): boolean => shift === 'vi' && runsInVi(String.fromCharCode(bytes[at] ?? 0));
  if (stops(0)) return textScan(bytes, first);
  let length = first;
  for (let next = first; next > 0 && !stops(length); length += next) next = printableLength(bytes, length);
  return textScan(bytes, length);
}

/** Bytes of the printable character at `at`; 0 when none stands there. */
function printableLength(bytes: Uint8Array, at: number): number {
  const scan = scanUtf8(bytes, at);
  return scan.kind === 'character' && isPrintable(scan.code) ? scan.length : 0;
}

/** C1 control characters and bytes that are no UTF-8: some editors take them for Meta keys. */
function unprintable(bytes: Uint8Array, final: boolean): KeyScan | undefined {
  const scan = scanUtf8(bytes, 0);
  if (scan.kind === 'incomplete' && !final) return undefined;
  const length = scan.kind === 'character' ? scan.length : 1;
  const name = scan.kind === 'character' ? 'an invisible control character' : 'bytes that are not UTF-8';
  return { length, token: { kind: 'soft-submit', bytes: bytes.slice(0, length), name } };
}

function textScan(bytes: Uint8Array, length: number): KeyScan {
  const part = bytes.slice(0, length);
  return {
    length,
    token: { kind: 'text', bytes: part, text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(part) },
  };
}

function isPrintable(code: number): boolean {
  return code >= 0x20 && (code < 0x7f || code > 0x9f);
}

/** What the key does after the keys before it. */
function shifted(token: KeyToken, shift: Shift): KeyToken {
  if (token.kind === 'submit' || shift === 'none') return token;
  if (shift === 'quoted') return quoted(token);
  if (token.kind === 'interrupt') return token;
  if (shift === 'prefix') return { kind: 'soft-submit', bytes: token.bytes, name: `Ctrl-X ${shownKey(token)}` };
  if (token.kind !== 'text') return token;
  const running = runsInVi(token.text);
  const suspicious = shift === 'vi' ? running : running || !isHarmlessMeta(token.text);
  return suspicious ? { kind: 'soft-submit', bytes: token.bytes, name: `Escape ${token.text}` } : token;
}

/** After Ctrl-V a TAB or a printable character is text, everything else is unknown; the tty may be cooked. */
function quoted(token: KeyToken): KeyToken {
  if (token.kind === 'text') return token;
  if (token.kind === 'edit' && token.key === 'complete') return { kind: 'text', bytes: token.bytes, text: '\t' };
  return { kind: 'soft-submit', bytes: token.bytes, name: `Ctrl-V ${shownKey(token)}` };
}

function shownKey(token: KeyToken): string {
  switch (token.kind) {
    case 'text':
      return token.text;
    case 'edit':
    case 'soft-submit':
      return token.name;
    case 'interrupt':
      return `Ctrl-${token.key}`;
    case 'submit':
    case 'paste':
    case 'reply':
    case 'mouse':
    case 'focus':
      return 'and another key';
    default:
      return token satisfies never;
  }
}

function nextShift(token: KeyToken, before: Shift): Shift {
  if (token.kind === 'submit' || token.kind === 'interrupt') return 'none';
  if (token.kind === 'edit' && token.key === 'escape') return 'escaped';
  if (token.kind === 'edit' && token.key === 'quoted-insert') return 'quoted';
  if (token.kind === 'soft-submit' && token.name === 'Ctrl-X') return 'prefix';
  return before === 'escaped' || before === 'vi' ? 'vi' : 'none';
}
