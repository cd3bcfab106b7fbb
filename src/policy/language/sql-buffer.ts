/**
 * The statement buffer of an interactive psql or mysql session across lines: does this line make the server run
 * something, and what is the whole text? It sees lines only; what an editor or a file brings in stays unknown.
 */
import { type SqlClient, splitSql } from './sql-lexer.ts';

export type SqlLine =
  /** The line completes a statement or runs a client command; `text` is all that runs, earlier lines included. */
  | { readonly kind: 'runs'; readonly text: string; readonly rest: string }
  /** The server sees nothing yet; the line joins the buffer. */
  | { readonly kind: 'waits'; readonly rest: string };

export class SqlBuffer {
  readonly #client: SqlClient;
  #pending = '';

  constructor(client: SqlClient) {
    this.#client = client;
  }

  /** What was typed since the last statement ended. */
  get pending(): string {
    return this.#pending;
  }

  /** Reads a line without taking it in. */
  read(line: string): SqlLine {
    const text = this.#pending === '' ? line : `${this.#pending}\n${line}`;
    const { units, rest } = splitSql(text, this.#client);
    const waiting = rest.trim() === '' ? '' : rest;
    return units.length > 0 ? { kind: 'runs', text, rest: waiting } : { kind: 'waits', rest: waiting };
  }

  /** Takes a line in once it was sent. */
  accept(line: SqlLine): void {
    this.#pending = line.rest;
  }

  /** Forgets everything: `\r`, Ctrl-C, or a fresh prompt. */
  reset(): void {
    this.#pending = '';
  }
}
