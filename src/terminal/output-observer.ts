/**
 * What output says besides cells: titles, bell, clipboard, modes that the emulator library does not keep, and
 * the answers a terminal would give. For those who stand in for the user's terminal.
 */

export interface OutputObserver {
  /** The answer to a query, to be sent as if the user's terminal had. */
  answer(text: string): void;
  bell(): void;
  title(kind: TitleKind, text: string): void;
  /** OSC 52: selection letters and base64 text, as sent. */
  clipboard(selection: string, data: string): void;
  /** A DEC private mode was set or reset; of all modes. */
  privateMode(mode: number, on: boolean): void;
  /** RIS or DECSTR: modes are back at their defaults. */
  reset(): void;
  /** ED 3 or RIS: nothing is kept above the screen any more. */
  aboveErased(): void;
}

export type TitleKind = 'window' | 'icon' | 'both';

interface Sequence {
  readonly prefix?: string;
  readonly intermediates?: string;
  readonly final: string;
}

/** The part of the emulator library's interface that is used here. */
export interface ObservedTerminal {
  readonly parser: {
    registerCsiHandler(name: Sequence, handler: (parameters: (number | number[])[]) => boolean): unknown;
    registerEscHandler(name: Sequence, handler: () => boolean): unknown;
    registerOscHandler(ident: number, handler: (data: string) => boolean): unknown;
  };
  onData(listener: (data: string) => void): unknown;
  onBell(listener: () => void): unknown;
}

/** Parameter of ED. */
const ERASE_ABOVE = 3;
const TITLES: readonly (readonly [number, TitleKind])[] = [
  [0, 'both'],
  [1, 'icon'],
  [2, 'window'],
];

/** Tells `observer` of everything from now on. Parsing goes on as usual. */
export function observeOutput(terminal: ObservedTerminal, observer: OutputObserver): void {
  terminal.onData((text) => observer.answer(text));
  terminal.onBell(() => observer.bell());
  observeModes(terminal.parser, observer);
  observeErasing(terminal.parser, observer);
  for (const [code, kind] of TITLES) {
    terminal.parser.registerOscHandler(code, (text) => {
      observer.title(kind, text);
      return false;
    });
  }
  terminal.parser.registerOscHandler(52, (data) => {
    const split = data.indexOf(';');
    if (split !== -1) observer.clipboard(data.slice(0, split), data.slice(split + 1));
    return false;
  });
}

function observeModes(parser: ObservedTerminal['parser'], observer: OutputObserver): void {
  for (const final of ['h', 'l']) {
    parser.registerCsiHandler({ prefix: '?', final }, (parameters) => {
      for (const mode of parameters) if (typeof mode === 'number') observer.privateMode(mode, final === 'h');
      return false;
    });
  }
  const reset = (): boolean => {
    observer.reset();
    return false;
  };
  parser.registerEscHandler({ final: 'c' }, reset);
  parser.registerCsiHandler({ intermediates: '!', final: 'p' }, reset);
}

function observeErasing(parser: ObservedTerminal['parser'], observer: OutputObserver): void {
  parser.registerCsiHandler({ final: 'J' }, ([what]) => {
    if (what === ERASE_ABOVE) observer.aboveErased();
    return false;
  });
  parser.registerEscHandler({ final: 'c' }, () => {
    observer.aboveErased();
    return false;
  });
}
