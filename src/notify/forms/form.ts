/** What a form makes of a letter for sending by HTTP. */
import { type Escape, escaped } from '../escape.ts';
import type { Letter, Line } from '../letter.ts';

export interface HttpBody {
  readonly contentType: string;
  readonly text: string;
  /** Never foreign text. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Title and lines, each escaped and cut for a form. */
export function escapedLines({ title, lines }: Letter, by: Escape): readonly string[] {
  return [title, ...lines].map(({ text, limit }: Line) => escaped(text, by, limit));
}

/** A body of JSON. */
export function jsonBody(value: Readonly<Record<string, unknown>>): HttpBody {
  return { contentType: 'application/json', text: JSON.stringify(value), headers: {} };
}
