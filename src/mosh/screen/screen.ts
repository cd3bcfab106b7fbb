/** A picture of the whole screen as a Mosh client can show it: a value, cheap to compare and to keep. */

export interface ScreenCell {
  /** What is printed; a blank is a space. Empty for the right half of a wide character. */
  readonly text: string;
  /** 0 for the right half of a wide character */
  readonly width: 0 | 1 | 2;
  /** SGR parameters that draw it, starting from a reset; empty for the default. */
  readonly style: string;
}

export interface ScreenRow {
  /** Equal for rows that look the same and end the same; so rows are compared by this alone. */
  readonly key: string;
  readonly cells: readonly ScreenCell[];
  /** Its line goes on in the next row. */
  readonly wraps: boolean;
}

export interface ClientModes {
  readonly cursorVisible: boolean;
  readonly reverseVideo: boolean;
  readonly bracketedPaste: boolean;
  readonly focusReports: boolean;
  /** DEC private mode of the mouse tracking in force; 0 for none. */
  readonly mouse: 0 | 9 | 1000 | 1002 | 1003;
  /** DEC private mode of the mouse report's form; 0 for the default. */
  readonly mouseEncoding: 0 | 1005 | 1006 | 1015;
}

export interface Screen {
  /** 0 before the client has said how large it is. */
  readonly cols: number;
  readonly rows: readonly ScreenRow[];
  /** Row and column from 0, within the screen. */
  readonly cursor: { readonly row: number; readonly column: number };
  readonly modes: ClientModes;
  readonly title: string;
  readonly iconName: string;
  /** Base64 of the last text that the target put on the clipboard. */
  readonly clipboard: string;
  /** Rises when the bell rings. */
  readonly bells: number;
  /** Newest state of the client whose keys this screen reflects. */
  readonly echoAck: number;
}

export const DEFAULT_MODES: ClientModes = {
  cursorVisible: true,
  reverseVideo: false,
  bracketedPaste: false,
  focusReports: false,
  mouse: 0,
  mouseEncoding: 0,
};

/** What a client shows before anything was sent. */
export const INITIAL_SCREEN: Screen = {
  cols: 0,
  rows: [],
  cursor: { row: 0, column: 0 },
  modes: DEFAULT_MODES,
  title: '',
  iconName: '',
  clipboard: '',
  bells: 0,
  echoAck: 0,
};

export function sameScreen(a: Screen, b: Screen): boolean {
  return (
    a === b ||
    (a.cols === b.cols &&
      a.rows.length === b.rows.length &&
      a.echoAck === b.echoAck &&
      a.bells === b.bells &&
      a.title === b.title &&
      a.iconName === b.iconName &&
      a.clipboard === b.clipboard &&
      samePlace(a, b) &&
      sameModes(a.modes, b.modes) &&
      a.rows.every((row, index) => row.key === b.rows[index]?.key))
  );
}

export function sameModes(a: ClientModes, b: ClientModes): boolean {
  return (
    a === b ||
    (a.cursorVisible === b.cursorVisible &&
      a.reverseVideo === b.reverseVideo &&
      a.bracketedPaste === b.bracketedPaste &&
      a.focusReports === b.focusReports &&
      a.mouse === b.mouse &&
      a.mouseEncoding === b.mouseEncoding)
  );
}

function samePlace(a: Screen, b: Screen): boolean {
  return a.cursor.row === b.cursor.row && a.cursor.column === b.cursor.column;
}
