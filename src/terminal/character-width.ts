/**
 * Columns of a character as programs of a Linux machine count them (the C library's `wcwidth`): emoji and East
 * Asian wide characters take two, combining ones none. The emulator library's own tables are of Unicode 6.
 */
import stringWidth from 'string-width';

/** The part of the emulator library's interface that takes another width table. */
export interface WidthHooks {
  register(provider: {
    readonly version: string;
    wcwidth(codepoint: number): 0 | 1 | 2;
    charProperties(codepoint: number, preceding: number): number;
  }): void;
  activeVersion: string;
}

type Width = 0 | 1 | 2;

const VERSION = 'system';
const PRINTABLE_END = 0x7f;
/** Where the C library disagrees with the general tables: soft hyphen, Arabic signs, Hangul vowels and finals. */
const SYSTEM: readonly { readonly first: number; readonly last: number; readonly width: Width }[] = [
  { first: 0xad, last: 0xad, width: 1 },
  { first: 0x600, last: 0x605, width: 1 },
  { first: 0x1160, last: 0x11ff, width: 0 },
  { first: 0x2630, last: 0x2637, width: 1 },
  { first: 0x268a, last: 0x268f, width: 1 },
  { first: 0xd7b0, last: 0xd7fb, width: 0 },
];

const known = new Map<number, Width>();

/** Columns of one code point: 0, 1 or 2. */
export function characterWidth(codepoint: number): Width {
  if (codepoint < PRINTABLE_END && codepoint >= 0x20) return 1;
  let width = known.get(codepoint);
  if (width === undefined) {
    width = measure(codepoint);
    known.set(codepoint, width);
  }
  return width;
}

/** Makes an emulator count columns this way. */
export function useSystemWidths(unicode: WidthHooks): void {
  unicode.register({ version: VERSION, wcwidth: characterWidth, charProperties });
  unicode.activeVersion = VERSION;
}

function measure(codepoint: number): Width {
  const system = SYSTEM.find(({ first, last }) => codepoint >= first && codepoint <= last);
  if (system !== undefined) return system.width;
  const width = stringWidth(String.fromCodePoint(codepoint), { countAnsiEscapeCodes: true });
  return width === 0 || width === 1 ? width : 2;
}

/** The library's packed form: width in bits 1 and 2, bit 0 when the character joins the one before it. */
function charProperties(codepoint: number, preceding: number): number {
  const width = characterWidth(codepoint);
  const widthBefore = (preceding >> 1) & 3;
  const joins = width === 0 && preceding !== 0 && widthBefore !== 0;
  return ((joins ? widthBefore : width) << 1) | (joins ? 1 : 0);
}
