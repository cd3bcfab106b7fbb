/** Reads what a database client is given: statements with their facts, and what escapes to a shell. */
import type { OpaquePart } from '../analysis.ts';

export type SqlClient = 'psql' | 'mysql';

export interface SqlStatement {
  readonly text: string;
  /** Catalogue ids that hold for it. */
  readonly ids: readonly string[];
  readonly readOnly: boolean;
}

export interface SqlFindings {
  readonly statements: readonly SqlStatement[];
  readonly opaque: readonly OpaquePart[];
  /** Texts that the client hands to a shell. */
  readonly shell: readonly string[];
  /** What is missing when the last statement does not end; null when it does. */
  readonly incomplete: string | null;
}

export function analyseSql(text: string, client: SqlClient, _interactive: boolean): SqlFindings {
  return {
    statements: [{ text: `${client}${text}`, ids: [], readOnly: false }],
    opaque: [],
    shell: [],
    incomplete: null,
  };
}
