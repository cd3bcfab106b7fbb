/** psql's backslash commands: which of them matter, and what they hand to a shell. */
import type { OpaquePart } from '../analysis.ts';

export interface ClientCommand {
  readonly ids: readonly string[];
  readonly opaque: readonly OpaquePart[];
  /** Texts for a shell on the target. */
  readonly shell: readonly string[];
  /** Runs the statement in front of it. */
  readonly runsBuffer: boolean;
  /** It only shows something. */
  readonly readOnly: boolean;
}

const NOTHING: ClientCommand = { ids: [], opaque: [], shell: [], runsBuffer: false, readOnly: false };
const RUNS: ReadonlySet<string> = new Set([
  'g',
  'gx',
  'gset',
  'gexec',
  'gdesc',
  'crosstabview',
  'watch',
  'bind',
  'bind_named',
  'parse',
  'sendpipeline',
]);

/** Reads one backslash command, e.g. `\copy t to 'x'`. */
export function readPsqlCommand(text: string): ClientCommand {
  const name = /^\\(!|\?|[A-Za-z_]+\+?|.)/u.exec(text)?.[1] ?? '';
  const rest = text.slice(name.length + 1).trim();
  if (/^d[A-Za-z]*[+S]*$/u.test(name) || READING.has(name.replace(/[+S]+$/u, '')))
    return { ...NOTHING, readOnly: true };
  const runsBuffer = RUNS.has(name);
  switch (name) {
    case '!':
      return shellEscape(rest === '' ? 'sh' : rest);
    case 'o':
    case 'out':
    case 'w':
    case 'write':
    case 'g':
    case 'gx':
      return { ...piped(rest), runsBuffer };
    case 'copy':
      return copy(rest);
    case 'i':
    case 'ir':
    case 'include':
    case 'include_relative':
      return hidden('script', `\`\\${name}\` runs the statements of the file \`${rest}\``, rest, 'type the statements');
    case 'e':
    case 'edit':
    case 'ef':
    case 'ev':
      return hidden('editor', `\`\\${name}\` runs what is typed in an editor`, `\\${name}`, 'type the statement');
    case 'gexec':
      return {
        ...hidden('sql', '`\\gexec` runs the result of the statement as statements', '\\gexec', 'type the statements'),
        runsBuffer,
      };
    case 'password':
      return { ...NOTHING, ids: ['sql.grant'] };
    case 'lo_import':
    case 'lo_export':
      return { ...NOTHING, ids: ['exfil.sql-copy'] };
    case 'set':
    case 'setenv':
      return setting(name, rest);
    default:
      return { ...NOTHING, runsBuffer };
  }
}

const READING: ReadonlySet<string> = new Set([
  '?',
  'h',
  'help',
  'l',
  'list',
  'conninfo',
  'echo',
  'qecho',
  'warn',
  'timing',
  'x',
  'pset',
  'a',
  't',
  'T',
  'H',
  'f',
  'C',
  'encoding',
  'errverbose',
  'z',
  'sf',
  'sv',
  'sf+',
  'sv+',
  'p',
  'print',
  'r',
  'reset',
  'q',
  'quit',
  's',
  'copyright',
  'gdesc',
]);

function shellEscape(shell: string): ClientCommand {
  return { ...NOTHING, ids: ['sql.shell-escape'], shell: [shell] };
}

function piped(rest: string): ClientCommand {
  const pipe = /^(?:\([^)]*\)\s*)?['"]?\|\s*(.*?)['"]?$/su.exec(rest);
  return pipe === null ? NOTHING : shellEscape(pipe[1] ?? '');
}

function hidden(reason: OpaquePart['reason'], what: string, word: string, rewrite: string): ClientCommand {
  return { ...NOTHING, opaque: [{ reason, detail: `${what}, which the line does not show.`, word, rewrite }] };
}

/** `\copy … to|from program 'x'`, `… to 'file'|stdout`, `… from 'file'`. */
function copy(rest: string): ClientCommand {
  const found = /\b(to|from)\s+(?:(program)\s+)?('(?:[^']|'')*'|\S+)[^']*$/isu.exec(rest);
  if (found === null) return { ...NOTHING, ids: ['exfil.sql-copy'] };
  const [, direction = '', program, place = ''] = found;
  const queryIds = copyQueryIds(rest);
  if (program !== undefined) {
    const shell = place.replace(/^'|'$/gu, '').replaceAll("''", "'");
    return { ...NOTHING, ids: ['sql.shell-escape', ...queryIds], shell: [shell] };
  }
  return { ...NOTHING, ids: [direction.toLowerCase() === 'to' ? 'exfil.sql-copy' : 'sql.bulk-load', ...queryIds] };
}

/** `\copy (DELETE … RETURNING *) to …`: only that it changes something is noted here. */
function copyQueryIds(rest: string): readonly string[] {
  return /^\(\s*(?:with\b.*\b)?delete\b(?!.*\bwhere\b)/isu.test(rest) ? ['sql.delete-no-where'] : [];
}

/** A setting that runs a program: backticks, the pager, the editor, the prompt. */
function setting(name: string, rest: string): ClientCommand {
  const ticks = /`([^`]*)`/u.exec(rest);
  if (ticks !== null) return shellEscape(ticks[1] ?? '');
  const pager = name === 'setenv' && /^(?:PAGER|PSQL_PAGER|EDITOR|PSQL_EDITOR|VISUAL|SHELL)\s+(.*)$/u.exec(rest);
  return pager ? shellEscape(pager[1] ?? '') : NOTHING;
}
