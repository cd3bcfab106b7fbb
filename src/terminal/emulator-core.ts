/**
 * The inner parts of the emulator library that its public interface does not show: synchronous parsing, parser
 * state, margins, saved cursor, pen, glyph sets, cursor visibility, mouse encoding. The library is pinned to one
 * version; `requireCore` asserts the shape before anything is built on it.
 */
import { HeldlineError } from '../base/heldline-error.ts';
import type { AttributeReader } from './cell-style.ts';

/** What of the library's inner buffer is read. Rows count from 0 at the top of the screen. */
export interface CoreBuffer {
  readonly scrollTop: number;
  readonly scrollBottom: number;
  readonly savedX: number;
  /** An absolute line. */
  savedY: number;
  readonly ybase: number;
  readonly savedCurAttrData: AttributeReader;
  readonly savedCharset: GlyphSet | undefined;
  /** Lines above the screen, then those of the screen. */
  readonly lines: { set(line: number, value: undefined): void };
}

/** A glyph set: replacements by character; undefined is plain ASCII. */
export type GlyphSet = Readonly<Record<string, string>>;

export interface EmulatorCore {
  writeSync(data: Uint8Array): void;
  readonly _bufferService: { readonly buffer: CoreBuffer };
  readonly _inputHandler: {
    readonly _parser: { readonly currentState: number; readonly initialState: number };
    readonly _utf8Decoder: { readonly interim: Uint8Array };
    readonly _curAttrData: AttributeReader;
  };
  readonly _charsetService: {
    readonly glevel: number;
    readonly _charsets: readonly (GlyphSet | undefined)[];
  };
  readonly coreService: { readonly isCursorHidden: boolean };
  readonly coreMouseService: { readonly activeEncoding: string };
}

/**
 * The core of a terminal of the pinned library.
 * @throws HeldlineError `emulator.shape` when the library is not the one this was written for
 */
export function requireCore(terminal: object): EmulatorCore {
  const core = field(terminal, '_core');
  const parser = field(field(core, '_inputHandler'), '_parser');
  const buffer = field(field(core, '_bufferService'), 'buffer');
  const pen = field(field(core, '_inputHandler'), '_curAttrData');
  const sound =
    typeof field(core, 'writeSync') === 'function' &&
    numbers(parser, ['currentState', 'initialState']) &&
    numbers(buffer, ['scrollTop', 'scrollBottom', 'savedX', 'savedY', 'ybase']) &&
    typeof field(field(buffer, 'lines'), 'set') === 'function' &&
    typeof field(pen, 'isBold') === 'function' &&
    typeof field(field(buffer, 'savedCurAttrData'), 'isBold') === 'function' &&
    field(field(field(core, '_inputHandler'), '_utf8Decoder'), 'interim') instanceof Uint8Array &&
    typeof field(field(core, '_charsetService'), 'glevel') === 'number' &&
    Array.isArray(field(field(core, '_charsetService'), '_charsets')) &&
    typeof field(field(core, 'coreService'), 'isCursorHidden') === 'boolean' &&
    typeof field(field(core, 'coreMouseService'), 'activeEncoding') === 'string';
  if (!sound || !isCore(core)) {
    throw new HeldlineError('emulator.shape', 'the terminal emulator library is not the pinned version', {
      hint: 'install the dependencies with npm ci',
    });
  }
  return core;
}

function isCore(core: unknown): core is EmulatorCore {
  return typeof core === 'object' && core !== null;
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Reflect.get(value, name);
}

function numbers(value: unknown, names: readonly string[]): boolean {
  return names.every((name) => typeof field(value, name) === 'number');
}
