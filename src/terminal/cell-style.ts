/** How a character cell is drawn. Knows nothing of where the cell is. */

/** A colour as the program chose it; what it looks like is the user's terminal's business. */
export type Colour =
  | { readonly kind: 'default' }
  | { readonly kind: 'palette'; readonly index: number }
  | { readonly kind: 'rgb'; readonly value: number };

export interface CellStyle {
  readonly bold: boolean;
  readonly dim: boolean;
  readonly italic: boolean;
  /** SGR 4:n; 0 is none, 1 single, 2 double, 3 curly, 4 dotted, 5 dashed */
  readonly underline: number;
  readonly blink: boolean;
  readonly inverse: boolean;
  readonly invisible: boolean;
  readonly strikethrough: boolean;
  readonly overline: boolean;
  readonly foreground: Colour;
  readonly background: Colour;
  /** Colour of the underline; default when it follows the foreground. */
  readonly underlineColour: Colour;
}

/** One cell of a row. The right half of a wide character has width 0. */
export interface StyledCell {
  /** Base character with its combining characters; empty when nothing was written there. */
  readonly chars: string;
  readonly width: number;
  readonly style: CellStyle;
}

/** What the emulator's attribute objects answer; its public cells and its private pen alike. */
export interface AttributeReader {
  isBold(): number;
  isDim(): number;
  isItalic(): number;
  isBlink(): number;
  isInverse(): number;
  isInvisible(): number;
  isStrikethrough(): number;
  isOverline(): number;
  isFgPalette(): boolean;
  isFgRGB(): boolean;
  isBgPalette(): boolean;
  isBgRGB(): boolean;
  getFgColor(): number;
  getBgColor(): number;
  getUnderlineStyle(): number;
  getUnderlineColor(): number;
  isUnderlineColorPalette(): boolean;
  isUnderlineColorRGB(): boolean;
}

/** The style that an attribute object describes, as a value that does not change with it. */
export function styleOf(attributes: AttributeReader): CellStyle {
  const underline = attributes.getUnderlineStyle();
  return {
    bold: attributes.isBold() !== 0,
    dim: attributes.isDim() !== 0,
    italic: attributes.isItalic() !== 0,
    underline,
    blink: attributes.isBlink() !== 0,
    inverse: attributes.isInverse() !== 0,
    invisible: attributes.isInvisible() !== 0,
    strikethrough: attributes.isStrikethrough() !== 0,
    overline: attributes.isOverline() !== 0,
    foreground: colour(attributes.isFgPalette(), attributes.isFgRGB(), attributes.getFgColor()),
    background: colour(attributes.isBgPalette(), attributes.isBgRGB(), attributes.getBgColor()),
    underlineColour:
      underline === 0
        ? { kind: 'default' }
        : colour(
            attributes.isUnderlineColorPalette(),
            attributes.isUnderlineColorRGB(),
            attributes.getUnderlineColor(),
          ),
  };
}

/** Whether suggestions are drawn this way: dim, bright black, or a grey of the palette or of RGB. */
export function isFaint(attributes: AttributeReader): boolean {
  if (attributes.isDim() !== 0) return true;
  const colourValue = attributes.getFgColor();
  if (attributes.isFgPalette()) return isGreyOfPalette(colourValue);
  return attributes.isFgRGB() && isGreyOfRgb(colourValue);
}

/** Palette 8 is bright black; 234 to 247 are the darker and middle steps of the grey ramp. */
function isGreyOfPalette(index: number): boolean {
  return index === 8 || (index >= 234 && index <= 247) || index === 59 || index === 102;
}

function isGreyOfRgb(value: number): boolean {
  const channels = [(value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff];
  const least = Math.min(...channels);
  const most = Math.max(...channels);
  return most - least <= 24 && most >= 0x30 && most <= 0xb0;
}

function colour(palette: boolean, rgb: boolean, value: number): Colour {
  if (palette) return { kind: 'palette', index: value };
  if (rgb) return { kind: 'rgb', value };
  return { kind: 'default' };
}
