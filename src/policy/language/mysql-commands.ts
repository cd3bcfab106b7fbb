/** The mysql client's own commands: `\!`, `source`, `pager`, `tee` ... */
import type { ClientCommand } from './psql-commands.ts';

const NOTHING: ClientCommand = { ids: [], opaque: [], shell: [], runsBuffer: false, readOnly: false };

/** Reads a client command, by its letter or its word. */
export function readMysqlCommand(text: string): ClientCommand {
  const name = /^\\.|^\w+/u.exec(text)?.[0]?.toLowerCase() ?? '';
  const rest = text.slice(name.length).trim();
  switch (text.startsWith('\\') ? text.slice(0, 2) : name) {
    case '\\!':
    case 'system':
      return { ...NOTHING, ids: ['sql.shell-escape'], shell: [rest === '' ? 'sh' : rest] };
    case '\\P':
    case 'pager':
      return rest === '' ? NOTHING : { ...NOTHING, ids: ['sql.shell-escape'], shell: [rest] };
    case '\\.':
    case 'source':
      return {
        ...NOTHING,
        opaque: [
          {
            reason: 'script',
            detail: `The statements of the file \`${rest}\` are not in the line.`,
            word: rest,
            rewrite: 'type the statements',
          },
        ],
      };
    case '\\e':
    case 'edit':
      return {
        ...NOTHING,
        opaque: [
          {
            reason: 'editor',
            detail: 'The client runs what is typed in an editor.',
            word: text,
            rewrite: 'type the statement',
          },
        ],
      };
    case '\\T':
    case 'tee':
      return { ...NOTHING, ids: ['exfil.sql-copy'] };
    case '\\c':
    case '\\h':
    case '\\s':
    case '\\w':
    case '\\W':
    case '\\p':
    case '\\q':
    case '\\n':
    case '\\t':
      return { ...NOTHING, readOnly: true };
    default:
      return NOTHING;
  }
}
