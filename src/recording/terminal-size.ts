/** Sizes that an emulator can be given: what a client once claimed is not trusted. */
import type { TerminalSize } from '../model/session.ts';

const MAX_COLS = 1000;
const MAX_ROWS = 500;

/** The size within 1 x 1 and 1000 x 500 cells. */
export function usableSize(size: TerminalSize): TerminalSize {
  return { cols: clamp(size.cols, MAX_COLS), rows: clamp(size.rows, MAX_ROWS) };
}

function clamp(value: number, most: number): number {
  return Math.min(Math.max(Math.trunc(value) || 1, 1), most);
}
