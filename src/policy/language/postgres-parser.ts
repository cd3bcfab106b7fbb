/**
 * PostgreSQL's own grammar (libpg-query, WebAssembly). Loading takes some 60 ms, so it happens once and only when
 * asked for; until then no statement can be read, and the caller must treat it as opaque.
 */

/** A node of the parse tree: one key with the type's name, or a list, or a value. */
export type TreeNode = { readonly [key: string]: unknown };

export type ParsedSql =
  | { readonly kind: 'parsed'; readonly statements: readonly TreeNode[] }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'not-loaded' };

let parse: ((text: string) => unknown) | null = null;
let loading: Promise<void> | null = null;

/** Loads the parser; call once at start. A failure to load rejects, and every call after it tries again. */
export function prepareSql(): Promise<void> {
  loading ??= load().catch((failure: unknown) => {
    loading = null;
    throw failure;
  });
  return loading;
}

async function load(): Promise<void> {
  const library = await import('libpg-query');
  await library.loadModule();
  parse = library.parseSync;
}

/** Parses statements. Never throws: what the server would refuse is `refused`. */
export function parsePostgres(text: string): ParsedSql {
  if (parse === null) return { kind: 'not-loaded' };
  try {
    return { kind: 'parsed', statements: statementsOf(parse(text)) };
  } catch (failure) {
    return { kind: 'refused', why: failure instanceof Error ? failure.message : 'the parser gave up' };
  }
}

function statementsOf(result: unknown): readonly TreeNode[] {
  if (!isNode(result) || !Array.isArray(result['stmts'])) return [];
  return result['stmts'].flatMap((entry: unknown) => (isNode(entry) && isNode(entry['stmt']) ? [entry['stmt']] : []));
}

export function isNode(value: unknown): value is TreeNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
