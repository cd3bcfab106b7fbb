/**
 * Cuts what begins with ESC: CSI and SS3 keys, Meta keys, reports, mouse and focus. A control character ends an
 * unfinished sequence at once; what was there before it becomes a key of its own.
 */

import type { KeyModes, KeyScan } from './key-scan.ts';
import { keypadMeaning, metaMeaning, sequenceMeaning } from './key-tables.ts';
import type { KeyToken } from './key-token.ts';
import type { QueryKind } from './query-ledger.ts';
import { commandReply, deviceStringReply, LONGEST_REPLY, sequenceReply } from './reply-grammar.ts';

const ESC = 0x1b;
const BEL = 0x07;

/** Cuts one key from the front; `bytes[0]` is ESC. Undefined: more bytes are needed. @param final do not wait */
export function scanEscape(bytes: Uint8Array, terminal: KeyModes, final: boolean): KeyScan | undefined {
  const next = bytes[1];
  if (next === undefined) return final ? loneEscape(bytes) : undefined;
  if (next === 13 || next === 10) return key(bytes, 2, { kind: 'submit', key: 'escape-enter' });
  if (next < 0x20 || next === 0x7f || next >= 0x80) return metaControl(bytes, next);
  switch (String.fromCharCode(next)) {
    case '[':
      return scanSequence(bytes, terminal, final);
    case 'O':
      return scanKeypad(bytes, final);
    case 'P':
    case ']':
    case 'X':
    case '^':
    case '_':
      return scanString(bytes, terminal, final);
    default:
      return key(bytes, 2, metaMeaning(String.fromCharCode(next)));
  }
}

function loneEscape(bytes: Uint8Array): KeyScan {
  return key(bytes, 1, { kind: 'edit', key: 'escape', name: 'Escape' });
}

/** Alt-Backspace and Alt-Tab are one key; before any other control character, ESC stands alone. */
function metaControl(bytes: Uint8Array, next: number): KeyScan {
  const together = next === 8 || next === 9 || next === 0x7f;
  return together ? key(bytes, 2, metaMeaning(String.fromCharCode(next))) : loneEscape(bytes);
}

/** CSI: parameters 0x30-0x3f, intermediates 0x20-0x2f, final 0x40-0x7e (ECMA-48 §5.4). */
function scanSequence(bytes: Uint8Array, terminal: KeyModes, final: boolean): KeyScan | undefined {
  let at = 2;
  while (at < bytes.length && inRange(bytes[at], 0x20, 0x3f) && at < LONGEST_REPLY) at += 1;
  const last = bytes[at];
  if (last === undefined && at < LONGEST_REPLY) {
    return final ? unfinished(bytes, at) : undefined;
  }
  if (!inRange(last, 0x40, 0x7e)) return unfinished(bytes, at);
  const body = ascii(bytes, 2, at + 1);
  if (body === '[') return consoleKey(bytes, final);
  if (body === 'M') return scanOldMouse(bytes, terminal, final);
  return key(bytes, at + 1, ofSequence(body, terminal));
}

type Meaning<T> = T extends { readonly bytes: Uint8Array } ? Omit<T, 'bytes'> : never;

function ofSequence(body: string, terminal: KeyModes): Meaning<KeyToken> {
  const { modes } = terminal;
  if ((body === 'I' || body === 'O') && modes.focusReports) return { kind: 'focus' };
  if (/^<\d+;\d+;\d+[Mm]$/.test(body) && modes.mouse !== 'none' && modes.mouseEncoding !== 'DEFAULT') {
    return { kind: 'mouse' };
  }
  const asked = sequenceReply(body);
  return asked === undefined ? sequenceMeaning(body) : reply(asked, terminal, body);
}

/** X10 mouse: three more bytes, none of them a control character. */
function scanOldMouse(bytes: Uint8Array, terminal: KeyModes, final: boolean): KeyScan | undefined {
  const { mouse, mouseEncoding } = terminal.modes;
  if (mouse === 'none' || mouseEncoding !== 'DEFAULT') return unfinished(bytes, 3);
  for (let at = 3; at < 6; at += 1) {
    const byte = bytes[at];
    if (byte === undefined) return final ? unfinished(bytes, 3) : undefined;
    if (byte < 0x20) return unfinished(bytes, 3);
  }
  return key(bytes, 6, { kind: 'mouse' });
}

/** The Linux console writes its function keys as ESC [ [ A. */
function consoleKey(bytes: Uint8Array, final: boolean): KeyScan | undefined {
  if (bytes[3] === undefined && !final) return undefined;
  return unfinished(bytes, inRange(bytes[3], 0x40, 0x7e) ? 4 : 3);
}

/** SS3: keypad and cursor keys, with modifiers as digits in some terminals. */
function scanKeypad(bytes: Uint8Array, final: boolean): KeyScan | undefined {
  let at = 2;
  while (at < 6 && (inRange(bytes[at], 0x30, 0x39) || bytes[at] === 0x3b)) at += 1;
  const last = bytes[at];
  if (last === undefined && at < 6) return final ? unfinished(bytes, at) : undefined;
  if (!inRange(last, 0x40, 0x7e)) return unfinished(bytes, 2);
  return key(bytes, at + 1, keypadMeaning(ascii(bytes, 2, at + 1)));
}

/**
 * DCS and OSC: a report only if it ends properly, has no control character and fits a grammar exactly. Otherwise
 * the introducer was a Meta key and the rest is typed text.
 */
function scanString(bytes: Uint8Array, terminal: KeyModes, final: boolean): KeyScan | undefined {
  const introducer = String.fromCharCode(bytes[1] ?? 0);
  const asMeta = key(bytes, 2, { kind: 'soft-submit', name: `Alt-${introducer}` });
  let at = 2;
  while (at < LONGEST_REPLY && inRange(bytes[at], 0x20, 0x7e)) at += 1;
  if (at >= LONGEST_REPLY) return asMeta;
  const length = terminatedLength(bytes, at, introducer);
  if (length === undefined) return final ? asMeta : undefined;
  if (length === 0) return asMeta;
  const body = ascii(bytes, 2, at);
  const asked = introducer === 'P' ? deviceStringReply(body) : introducer === ']' ? commandReply(body) : undefined;
  return asked === undefined ? asMeta : key(bytes, length, reply(asked, terminal, body));
}

/** Length with the terminator at `at`; 0 when another byte stands there, undefined when it may still come. */
function terminatedLength(bytes: Uint8Array, at: number, introducer: string): number | undefined {
  const byte = bytes[at];
  if (byte === undefined) return undefined;
  if (byte === BEL && introducer === ']') return at + 1;
  if (byte !== ESC) return 0;
  const end = bytes[at + 1];
  if (end === undefined) return undefined;
  return end === 0x5c ? at + 2 : 0;
}

/** vi command mode would run the line on these characters of a report's free text. */
function reply(asked: QueryKind, terminal: KeyModes, body: string): Meaning<KeyToken> {
  return { kind: 'reply', asked: terminal.queries.answer(asked), harmless: !/[#v@.]/.test(body) };
}

function unfinished(bytes: Uint8Array, length: number): KeyScan {
  const shown = ascii(bytes, 1, length);
  return key(bytes, length, { kind: 'soft-submit', name: `the key sequence ESC ${shown}` });
}

function key(bytes: Uint8Array, length: number, meaning: Meaning<KeyToken>): KeyScan {
  return { length, token: { ...meaning, bytes: bytes.slice(0, length) } };
}

function ascii(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}

function inRange(byte: number | undefined, low: number, high: number): boolean {
  return byte !== undefined && byte >= low && byte <= high;
}
