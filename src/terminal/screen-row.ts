/** Rows of a screen as values. Cells that look alike are one object: a row is read at every key and costs little. */

/** One cell as the line reader needs it. */
export interface Cell {
  /** Empty when nothing was written there since it was erased. */
  readonly chars: string;
  /** 2 for the left half of a wide character, 0 for its right half */
  readonly width: number;
  /** Drawn as suggestions are: dim, bright black or grey. */
  readonly faint: boolean;
  readonly inverse: boolean;
}

/** One physical row, by cell columns. */
export interface Row {
  readonly cells: readonly Cell[];
  /** It continues the row above. */
  readonly wrapped: boolean;
}

/** Characters whose cells are shared: ASCII and nothing. */
const SHARED_CHARS = 128;
const WIDTHS = 3;
const STYLES = 4;

const shared: readonly Cell[] = Array.from({ length: SHARED_CHARS * WIDTHS * STYLES }, (_, at) => {
  const char = Math.floor(at / (WIDTHS * STYLES));
  return {
    chars: char === 0 ? '' : String.fromCharCode(char),
    width: Math.floor(at / STYLES) % WIDTHS,
    faint: (at & 2) !== 0,
    inverse: (at & 1) !== 0,
  };
});

/** The cell with these properties, which may be the same object as another one. */
export function cellOf(chars: string, width: number, faint: boolean, inverse: boolean): Cell {
  const code = chars.length === 0 ? 0 : chars.charCodeAt(0);
  if (chars.length > 1 || code >= SHARED_CHARS || width >= WIDTHS || (code === 0 && chars !== '')) {
    return { chars, width, faint, inverse };
  }
  const style = (faint ? 2 : 0) + (inverse ? 1 : 0);
  return shared[(code * WIDTHS + width) * STYLES + style] ?? { chars, width, faint, inverse };
}
