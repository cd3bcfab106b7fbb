/**
 * What the `mosh` wrapper asks for over SSH: `mosh-server new OPTIONS [-- ROUTE]`. Its options are wishes of the
 * client about a program that does not run here; only the number of colours is of use.
 */
import { posixWords } from './posix-words.ts';

export interface MoshCommand {
  /** `TERM` of the session, by the number of colours. */
  readonly term: string;
  /** The client wants to know the addresses of its SSH connection. */
  readonly wantsConnection: boolean;
  /** The words after `--`: where to, and possibly what to run there. */
  readonly words: readonly string[];
}

/** Where `mosh bastion -- [LOGIN@]TARGET` leads. */
export interface MoshRoute {
  readonly target: string;
  /** null: the target's default login */
  readonly login: string | null;
}

const OPTIONS_WITH_VALUE: ReadonlySet<string> = new Set(['-c', '-i', '-p', '-l']);
const CONNECTION_MARK = 'MOSH SSH_CONNECTION';
const FEW_COLOURS: ReadonlySet<string> = new Set(['0', '8']);

/** undefined when the command is not one of Mosh. Never throws. */
export function parseMoshCommand(command: Uint8Array): MoshCommand | undefined {
  const words = posixWords(Buffer.from(command).toString('utf8'));
  if (words === undefined) return undefined;
  const program = words.findIndex((word, index) => baseName(word) === 'mosh-server' && words[index + 1] === 'new');
  if (program === -1) return undefined;
  const before = words.slice(0, program);
  const { colours, rest } = readOptions(words.slice(program + 2));
  return {
    term: FEW_COLOURS.has(colours) ? 'xterm' : 'xterm-256color',
    wantsConnection: before.some((word) => word.includes(CONNECTION_MARK)),
    words: rest,
  };
}

/** `[LOGIN@]TARGET`, in lower case; undefined when it is not spelled like one. */
export function parseRoute(word: string, isName: (text: string) => boolean): MoshRoute | undefined {
  const split = word.lastIndexOf('@');
  const target = word.slice(split + 1).toLowerCase();
  const login = split === -1 ? null : word.slice(0, split);
  if (!isName(target) || (login !== null && !isName(login))) return undefined;
  return { target, login };
}

function readOptions(words: readonly string[]): { readonly colours: string; readonly rest: readonly string[] } {
  let colours = '256';
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (word === '--') return { colours, rest: words.slice(index + 1) };
    if (!word.startsWith('-')) return { colours, rest: words.slice(index) };
    if (!OPTIONS_WITH_VALUE.has(word)) continue;
    index += 1;
    if (word === '-c') colours = words[index] ?? colours;
  }
  return { colours, rest: [] };
}

function baseName(word: string): string {
  return word.slice(word.lastIndexOf('/') + 1);
}
