/**
 * The terminal that a session draws on instead of the user's own: takes output, gives pictures, and answers the
 * program's queries as a terminal does. Text for the title and the clipboard is cleaned and bounded here.
 */
import type { TerminalSize } from '../../model/session.ts';
import { Emulator } from '../../terminal/emulator.ts';
import type { TitleKind } from '../../terminal/output-observer.ts';
import { ClientModeKeeper } from './client-mode-keeper.ts';
import { PastLines } from './past-lines.ts';
import type { Screen } from './screen.ts';
import { ScreenReader } from './screen-reader.ts';

export interface DrawnScreenOptions {
  readonly size: TerminalSize;
  /** Whether output may set the user's clipboard (OSC 52). Reading it is never possible. */
  readonly clipboard: boolean;
  /** Lines kept above the screen, for looking back. At least 1, the default: the emulator wants one. */
  readonly scrollback?: number;
  /** An answer to a query of the program. */
  readonly onAnswer: (text: string) => void;
}

const TITLE_LENGTH = 256;
/** Base64 characters of 64 KiB. */
const CLIPBOARD_LENGTH: number = Math.ceil((64 * 1024) / 3) * 4;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
/** The selections that mean the clipboard, or the primary selection for lack of a clipboard. */
const SELECTIONS = /^[cps]*$/;
const NOT_FOR_TITLES = /[\p{Cc}\p{Cf}\p{Cn}\p{Cs}\u2028\u2029]/gu;

export class DrawnScreen {
  readonly #emulator: Emulator;
  readonly #reader: ScreenReader;
  readonly #modes: ClientModeKeeper;
  #past: PastLines;
  readonly #clipboardAllowed: boolean;
  #title = '';
  #iconName = '';
  #clipboard = '';
  #bells = 0;
  #rang = false;

  constructor(options: DrawnScreenOptions) {
    this.#clipboardAllowed = options.clipboard;
    const scrollback = Math.max(1, options.scrollback ?? 1);
    this.#past = new PastLines(scrollback);
    this.#emulator = new Emulator({
      ...options.size,
      scrollback,
      observer: {
        answer: options.onAnswer,
        bell: () => {
          this.#rang = true;
        },
        title: (kind, text) => this.#setTitle(kind, text),
        clipboard: (selection, data) => this.#setClipboard(selection, data),
        privateMode: (mode, on) => this.#modes.set(mode, on),
        reset: () => this.#modes.reset(),
        aboveErased: () => {
          this.#past = this.#past.emptied();
        },
      },
    });
    this.#modes = new ClientModeKeeper(this.#emulator);
    this.#reader = new ScreenReader(this.#emulator);
  }

  get size(): TerminalSize {
    return { cols: this.#emulator.cols, rows: this.#emulator.rows };
  }

  /** The program reads cursor keys in application mode (DECCKM). */
  get applicationCursor(): boolean {
    return this.#emulator.modes.applicationCursor;
  }

  /** A full-screen program is drawing. */
  get alternate(): boolean {
    return this.#emulator.alternate;
  }

  /** The program hears of the mouse. */
  get mouseReports(): boolean {
    return this.#emulator.modes.mouse !== 'none';
  }

  /** Lines above the screen. */
  get linesAbove(): number {
    return this.#past.count + this.#emulator.top;
  }

  /** Nothing is being written: keeps what is above the screen in less memory. */
  rest(): void {
    const { top } = this.#emulator;
    if (top === 0) return;
    // One row more tells whether the last line above goes on in the first one of the screen.
    const past = this.#past.with(new ScreenReader(this.#emulator).rowsFrom(0, top + 1).slice(0, top));
    if (this.#emulator.forgetAbove()) this.#past = past;
  }

  write(bytes: Uint8Array): void {
    this.#emulator.write(bytes);
  }

  resize(size: TerminalSize): void {
    this.#emulator.resize(size.cols, size.rows);
  }

  /** What is shown now. @param echoAck newest state of the client that this reflects */
  picture(echoAck: number): Screen {
    return { ...this.#ornaments(echoAck), rows: this.#reader.rows(), cursor: this.#cursor() };
  }

  /** What was shown `linesBack` lines ago, as far as that is kept; without a cursor. */
  pictureOfPast(linesBack: number, echoAck: number): Screen {
    const { rows, cols } = this.#emulator;
    const first = Math.max(0, this.linesAbove - linesBack);
    const packed = Array.from({ length: Math.min(rows, Math.max(0, this.#past.count - first)) }, (_, index) =>
      this.#past.row(first + index, cols, index === rows - 1),
    );
    const live = this.#reader.rowsFrom(first + packed.length - this.#past.count, rows - packed.length);
    const past = [...packed, ...live];
    const now = this.#ornaments(echoAck);
    return {
      ...now,
      cols,
      rows: past,
      cursor: { row: rows - 1, column: 0 },
      modes: { ...now.modes, cursorVisible: false },
    };
  }

  dispose(): void {
    this.#emulator.dispose();
  }

  #ornaments(echoAck: number): Omit<Screen, 'rows' | 'cursor'> {
    if (this.#rang) this.#bells += 1;
    this.#rang = false;
    return {
      cols: this.#emulator.cols,
      modes: this.#modes.current,
      title: this.#title,
      iconName: this.#iconName,
      clipboard: this.#clipboard,
      bells: this.#bells,
      echoAck,
    };
  }

  #cursor(): Screen['cursor'] {
    const { row, column } = this.#emulator.cursor;
    return { row: Math.min(row, this.#emulator.rows - 1), column: Math.min(column, this.#emulator.cols - 1) };
  }

  #setTitle(kind: TitleKind, text: string): void {
    const clean = text.replace(NOT_FOR_TITLES, '').slice(0, TITLE_LENGTH);
    if (kind !== 'icon') this.#title = clean;
    if (kind !== 'window') this.#iconName = clean;
  }

  #setClipboard(selection: string, data: string): void {
    if (!this.#clipboardAllowed || !SELECTIONS.test(selection)) return;
    if (data.length <= CLIPBOARD_LENGTH && BASE64.test(data)) this.#clipboard = data;
  }
}
