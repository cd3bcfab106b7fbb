/** The enrolment QR code as terminal text: two modules a cell, dark on light whatever the terminal's colours are. */
import { encode } from 'uqr';

/** Colour cube entries: nearly the same on every terminal, unlike the first sixteen. */
const DARK_ON_LIGHT = '\x1b[38;5;16;48;5;231m';
const RESET = '\x1b[0m';
const CELLS = [' ', '▄', '▀', '█'] as const;

export interface TerminalQr {
  /** Text with colours, one row each, without line ends. */
  readonly rows: readonly string[];
  /** Cells; an `otpauth` text of up to 107 characters needs 43 x 22. */
  readonly width: number;
}

/** Level L and one module of margin: the smallest code that every app reads. */
export function enrolmentQr(text: string): TerminalQr {
  const { data, size } = encode(text, { ecc: 'L', boostEcc: false, border: 1 });
  const rows: string[] = [];
  for (let y = 0; y < size; y += 2) rows.push(`${DARK_ON_LIGHT}${cells(data[y], data[y + 1])}${RESET}`);
  return { rows, width: size };
}

function cells(upper: readonly boolean[] = [], lower: readonly boolean[] = []): string {
  return upper.map((dark, x) => CELLS[(dark ? 2 : 0) + (lower[x] === true ? 1 : 0)]).join('');
}
