/** Modes, margins, pen and the like, read from the emulator library as values. */
import type { Terminal } from '@xterm/headless';
import { type CellStyle, styleOf } from './cell-style.ts';
import type { EmulatorCore, GlyphSet } from './emulator-core.ts';

export interface Modes {
  readonly applicationCursor: boolean;
  readonly applicationKeypad: boolean;
  readonly bracketedPaste: boolean;
  readonly focusReports: boolean;
  readonly mouse: 'none' | 'x10' | 'vt200' | 'drag' | 'any';
  readonly mouseEncoding: 'DEFAULT' | 'SGR' | 'SGR_PIXELS';
  readonly insert: boolean;
  readonly origin: boolean;
  readonly wraparound: boolean;
  readonly synchronizedOutput: boolean;
}

/** What a screen restore needs beyond cells and modes. Rows and columns count from 0. */
export interface ScreenState {
  readonly margins: { readonly top: number; readonly bottom: number };
  readonly savedCursor: { readonly row: number; readonly column: number; readonly style: CellStyle };
  readonly pen: CellStyle;
  readonly cursorHidden: boolean;
  /** Which of G0..G3 is in use, and what each holds: `B` ASCII, `0` line drawing, `A` UK. */
  readonly glyphSets: { readonly active: number; readonly designators: readonly string[] };
}

export function modesOf({ modes }: Terminal, core: EmulatorCore): Modes {
  const encoding = core.coreMouseService.activeEncoding;
  return {
    applicationCursor: modes.applicationCursorKeysMode,
    applicationKeypad: modes.applicationKeypadMode,
    bracketedPaste: modes.bracketedPasteMode,
    focusReports: modes.sendFocusMode,
    mouse: modes.mouseTrackingMode,
    mouseEncoding: encoding === 'SGR' || encoding === 'SGR_PIXELS' ? encoding : 'DEFAULT',
    insert: modes.insertMode,
    origin: modes.originMode,
    wraparound: modes.wraparoundMode,
    synchronizedOutput: modes.synchronizedOutputMode,
  };
}

export function screenStateOf(core: EmulatorCore): ScreenState {
  const buffer = core._bufferService.buffer;
  const charsets = core._charsetService;
  return {
    margins: { top: buffer.scrollTop, bottom: buffer.scrollBottom },
    savedCursor: {
      row: Math.max(0, buffer.savedY - buffer.ybase),
      column: buffer.savedX,
      style: styleOf(buffer.savedCurAttrData),
    },
    pen: styleOf(core._inputHandler._curAttrData),
    cursorHidden: core.coreService.isCursorHidden,
    glyphSets: {
      active: charsets.glevel,
      designators: [0, 1, 2, 3].map((slot) => designator(charsets._charsets[slot])),
    },
  };
}

function designator(set: GlyphSet | undefined): string {
  if (set === undefined) return 'B';
  if (set['q'] !== undefined) return '0';
  return set['#'] === undefined ? 'B' : 'A';
}
