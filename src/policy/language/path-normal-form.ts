/** One spelling for a path. Purely textual: it never asks a file system and never follows a link. */

const never = (): boolean => false;

/**
 * Collapses `//`, `/./`, `/../` (never above `/`) and a trailing `/`; resolves a relative path against `cwd` when
 * that is known. `~` at the start is a symbolic root. `keep` names segments that `..` must not remove, because
 * they may stand for several.
 */
export function normalisePath(path: string, cwd: string | null, keep: (segment: string) => boolean = never): string {
  if (path === '') return '';
  const absolute = path.charCodeAt(0) === 47;
  const home = path.charCodeAt(0) === 126;
  if (!absolute && !home && cwd !== null) return normalisePath(`${cwd}/${path}`, null, keep);
  if (!path.includes('//') && !path.includes('/.') && !path.endsWith('/') && !path.startsWith('./')) return path;
  return collapse(path, absolute, keep);
}

function collapse(path: string, absolute: boolean, keep: (segment: string) => boolean): string {
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') stepBack(kept, absolute, keep);
    else kept.push(segment);
  }
  const joined = kept.join('/');
  if (absolute) return `/${joined}`;
  return joined === '' ? '.' : joined;
}

function stepBack(kept: string[], absolute: boolean, keep: (segment: string) => boolean): void {
  const last = kept.at(-1);
  if (last === undefined && absolute) return;
  if (last === undefined || last === '..' || last.startsWith('~') || keep(last)) kept.push('..');
  else kept.pop();
}

/** The last segment of a path: `/usr/bin/../bin/rm` → `rm`. */
export function baseName(path: string): string {
  if (!path.includes('/')) return path;
  const normal = normalisePath(path, null);
  return normal.slice(normal.lastIndexOf('/') + 1);
}
