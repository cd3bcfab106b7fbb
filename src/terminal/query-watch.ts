/** Notices in the output which questions it puts to the user's terminal. Changes nothing about their parsing. */
import type { QueryKind, QueryLedger } from './query-ledger.ts';

type Parameters = (number | number[])[];

interface SequenceName {
  readonly prefix?: string;
  readonly intermediates?: string;
  readonly final: string;
}

/** The part of the emulator's parser interface that is used here. */
export interface SequenceHooks {
  registerCsiHandler(name: SequenceName, handler: (parameters: Parameters) => boolean): unknown;
  registerDcsHandler(name: SequenceName, handler: (data: string) => boolean): unknown;
  registerEscHandler(name: SequenceName, handler: () => boolean): unknown;
  registerOscHandler(ident: number, handler: (data: string) => boolean): unknown;
}

/** XTWINOPS questions whose answers are numbers only; titles are never accepted as answers. */
const WINDOW_QUESTIONS: readonly number[] = [11, 13, 14, 15, 16, 18, 19];
const COLOUR_QUESTIONS: readonly number[] = [10, 11, 12, 13, 14, 15, 16, 17, 18, 19];

/** Counts every query of the output in `ledger`. The handlers return false, so that the emulator goes on as usual. */
export function watchQueries(parser: SequenceHooks, ledger: QueryLedger): void {
  watchSequences(parser, ledger);
  watchStrings(parser, ledger);
}

function watchSequences(parser: SequenceHooks, ledger: QueryLedger): void {
  const csi = (name: SequenceName, kindOf: (first: number) => QueryKind | undefined): void => {
    parser.registerCsiHandler(name, (parameters) => {
      const first = parameters[0];
      const kind = kindOf(typeof first === 'number' ? first : 0);
      if (kind !== undefined) ledger.ask(kind);
      return false;
    });
  };
  csi({ final: 'c' }, (first) => (first === 0 ? 'device-attributes' : undefined));
  csi({ prefix: '>', final: 'c' }, (first) => (first === 0 ? 'secondary-attributes' : undefined));
  csi({ prefix: '=', final: 'c' }, (first) => (first === 0 ? 'tertiary-attributes' : undefined));
  csi({ final: 'n' }, (first) => (first === 5 ? 'status' : first === 6 ? 'cursor-position' : undefined));
  csi({ prefix: '?', final: 'n' }, () => 'private-status');
  csi({ intermediates: '$', final: 'p' }, () => 'ansi-mode');
  csi({ prefix: '?', intermediates: '$', final: 'p' }, () => 'private-mode');
  csi({ prefix: '>', final: 'q' }, (first) => (first === 0 ? 'terminal-version' : undefined));
  csi({ prefix: '?', final: 'u' }, () => 'keyboard-flags');
  csi({ final: 't' }, (first) => (WINDOW_QUESTIONS.includes(first) ? 'window-size' : undefined));
  parser.registerEscHandler({ final: 'Z' }, () => {
    ledger.ask('device-attributes');
    return false;
  });
}

function watchStrings(parser: SequenceHooks, ledger: QueryLedger): void {
  const dcs = (intermediates: string, kind: QueryKind): void => {
    parser.registerDcsHandler({ intermediates, final: 'q' }, () => {
      ledger.ask(kind);
      return false;
    });
  };
  dcs('$', 'setting');
  dcs('+', 'capability');
  parser.registerOscHandler(4, (data) => {
    for (let asked = data.split(';').filter((part) => part === '?').length; asked > 0; asked -= 1) {
      ledger.ask('colour-4');
    }
    return false;
  });
  for (const code of COLOUR_QUESTIONS) {
    parser.registerOscHandler(code, (data) => {
      // OSC 10;?;? asks for 10 and 11: each further part asks for the next number.
      data.split(';').forEach((part, index) => {
        if (part === '?') ledger.ask(`colour-${code + index}`);
      });
      return false;
    });
  }
}
