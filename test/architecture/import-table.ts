/**
 * Reads the two tables of ARCHITECTURE.md that are rules: who may import whom, and who makes proofs.
 * Fails on a table that is missing, on an unknown folder in a row and on a row that is there twice.
 */

/** One row of the import table. */
export interface FolderRow {
  readonly folder: string;
  /** Folders of `src` that it may import, besides itself. */
  readonly mayImport: readonly string[];
  /** Packages that no other folder may import. */
  readonly packages: readonly string[];
}

/** One row of the table of proofs. */
export interface ProofRow {
  readonly proof: string;
  /** Path below `src`. */
  readonly file: string;
  readonly folder: string;
}

/** @throws TypeError when the document has no such table or the table contradicts itself */
export function readImportTable(document: string): readonly FolderRow[] {
  const rows = tableUnder(document, '| Folder | May import | Alone may use |');
  const folders = rows.map((cells) => quoted(cells[0])[0] ?? '');
  return rows.map((cells, index) => {
    const folder = folders[index] ?? '';
    if (folders.indexOf(folder) !== index) throw new TypeError(`ARCHITECTURE.md: \`${folder}\` has two rows`);
    return { folder, mayImport: allowed(folder, cells[1] ?? '', folders), packages: quoted(cells[2]) };
  });
}

/** @throws TypeError when the document has no such table */
export function readProofTable(document: string): readonly ProofRow[] {
  return tableUnder(document, '| Proof | File | Made only in |').map((cells) => ({
    proof: quoted(cells[0])[0] ?? '',
    file: quoted(cells[1])[0] ?? '',
    folder: quoted(cells[2])[0] ?? '',
  }));
}

function allowed(folder: string, cell: string, folders: readonly string[]): readonly string[] {
  const named = quoted(cell);
  for (const name of named) {
    if (!folders.includes(name))
      throw new TypeError(`ARCHITECTURE.md: row \`${folder}\` names \`${name}\`, which has no row`);
  }
  if (!cell.startsWith('every folder but')) return named;
  return folders.filter((other) => !named.includes(other));
}

function tableUnder(document: string, head: string): readonly (readonly string[])[] {
  const lines = document.split('\n');
  const start = lines.indexOf(head);
  if (start < 0) throw new TypeError(`ARCHITECTURE.md: no table "${head}"`);
  const body = lines.slice(start + 2);
  const end = body.findIndex((line) => !line.startsWith('|'));
  return body.slice(0, end < 0 ? undefined : end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function quoted(cell: string | undefined): readonly string[] {
  return [...(cell ?? '').matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
}
