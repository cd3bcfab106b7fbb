/** Collects what is wrong with the files, each with its place. */
import { didYouMean } from '../../base/nearest-word.ts';
import type { Finding, SourceDocument } from '../../model/source-document.ts';

/** Where a value stands. */
export interface Place {
  readonly document: SourceDocument;
  readonly path: readonly PropertyKey[];
}

/** A value with its place. */
export interface Sourced<T> {
  readonly value: T;
  readonly place: Place;
}

export function inside(place: Place, ...steps: readonly PropertyKey[]): Place {
  return { document: place.document, path: [...place.path, ...steps] };
}

/** `file:line` */
export function originOf(place: Place): string {
  return `${place.document.file}:${place.document.locate(place.path).line}`;
}

export class FindingList {
  readonly #findings: Finding[] = [];

  add(findings: readonly Finding[]): void {
    this.#findings.push(...findings);
  }

  error(place: Place, message: string): void {
    this.#push(place, 'error', message);
  }

  warning(place: Place, message: string): void {
    this.#push(place, 'warning', message);
  }

  /** An error unless `name` is among `known`; `what` as in `unknown role`. Returns whether it is known. */
  known(place: Place, what: string, name: string, known: Iterable<string>): boolean {
    const names = [...known];
    if (names.includes(name)) return true;
    const listed =
      names.length === 0
        ? 'none is defined'
        : `defined: ${names.slice(0, 12).join(', ')}${names.length > 12 ? ', ...' : ''}`;
    this.error(place, `unknown ${what} "${name}"${didYouMean(name, names)}; ${listed}`.replace('?; ', '? '));
    return false;
  }

  get all(): readonly Finding[] {
    return this.#findings;
  }

  get hasErrors(): boolean {
    return this.#findings.some((finding) => finding.severity === 'error');
  }

  #push(place: Place, severity: Finding['severity'], message: string): void {
    this.#findings.push({ file: place.document.file, position: place.document.locate(place.path), severity, message });
  }
}
