/**
 * The daemon's log: one JSON object a line. Not the audit log: nothing depends on a line being written.
 * Never put command text, codes or secrets here.
 */
import type { Clock } from './clock.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

const ORDER: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** A logger that hands each finished line, with its newline, to `write`. Lines below `level` are dropped. */
export function createLogger(level: LogLevel, clock: Clock, write: (line: string) => void): Logger {
  const threshold = ORDER.indexOf(level);
  const log = (of: LogLevel) => (message: string, fields?: LogFields) => {
    if (ORDER.indexOf(of) < threshold) return;
    write(`${JSON.stringify({ time: new Date(clock.now()).toISOString(), level: of, message, ...fields })}\n`);
  };
  return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
}

/** Drops everything; for tests and for parts that run without a daemon. */
export const silentLogger: Logger = { debug: drop, info: drop, warn: drop, error: drop };

function drop(): void {
  // Nothing to do: the caller asked for silence.
}
