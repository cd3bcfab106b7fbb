/** psql, mysql and mariadb on a shell's command line: statements in options and on stdin. */
import type { Word } from '../analysis.ts';
import { type Inner, type Invocation, opaque, type Unwrapped, unwrapped } from './unwrapping.ts';
import { findInner, type InnerPosition } from './wrapper-arguments.ts';
import type { WrapperOptions } from './wrapper-options.ts';

const PSQL: WrapperOptions = {
  short: 'cdfFhLopPRTUv',
  long: [
    '--command',
    '--dbname',
    '--file',
    '--field-separator',
    '--host',
    '--log-file',
    '--output',
    '--port',
    '--pset',
    '--record-separator',
    '--table-attr',
    '--username',
    '--set',
    '--variable',
  ],
  plain: [],
  operands: 9,
  assigns: false,
  inert: ['-l', '-V', '-?', '--list', '--version', '--help'],
};

const MYSQL: WrapperOptions = {
  short: 'ehuPSD',
  long: [
    '--execute',
    '--host',
    '--user',
    '--port',
    '--socket',
    '--database',
    '--init-command',
    '--init-command-add',
    '--delimiter',
    '--default-character-set',
    '--defaults-file',
    '--defaults-extra-file',
    '--defaults-group-suffix',
    '--login-path',
    '--protocol',
    '--prompt',
    '--pager',
    '--tee',
  ],
  plain: [],
  operands: 9,
  assigns: false,
  inert: ['-V', '-?', '--version', '--help', '--print-defaults'],
};

const TEXT_OPTIONS: ReadonlySet<string> = new Set(['-c', '--command', '-e', '--execute', '--init-command']);
const FILE_OPTIONS: ReadonlySet<string> = new Set(['-f', '--file']);

export function unwrapPsql(call: Invocation): Unwrapped | null {
  return unwrapClient(call, 'psql', PSQL);
}

export function unwrapMysql(call: Invocation): Unwrapped | null {
  // The value of `-p` is never in the next word, and its letters are no options.
  const args = call.args.filter((word) => !word.text.startsWith('-p'));
  return unwrapClient({ ...call, args }, 'mysql', MYSQL);
}

function unwrapClient(call: Invocation, client: 'psql' | 'mysql', options: WrapperOptions): Unwrapped | null {
  const position = findInner(call.args, options);
  if (position.inert) return null;
  const inner: Inner[] = [];
  let file = false;
  for (const { name, value } of position.flags) {
    if (value === null) continue;
    if (TEXT_OPTIONS.has(name)) inner.push(...statements(client, value));
    if (FILE_OPTIONS.has(name) && client === 'psql') {
      file = true;
      inner.push(fromFile(call.name, value.text));
    }
  }
  if (inner.length > 0) return unwrapped(inner, null, file ? ['sql-file'] : []);
  return fromStdin(call, client, position);
}

function statements(client: 'psql' | 'mysql', text: Word): readonly Inner[] {
  const read: Inner = { kind: 'sql', client, text: text.text };
  if (text.kind !== 'dynamic') return [read];
  const detail = `The statement \`${text.text}\` is put together when it runs.`;
  return [opaque('sql', detail, text.text, 'write the value into the statement'), read];
}

function fromFile(name: string, file: string): Inner {
  return opaque(
    'sql',
    `\`${name}\` runs the statements of the file \`${file}\`, which the line does not show.`,
    file,
    'type the statements',
  );
}

function fromStdin(call: Invocation, client: 'psql' | 'mysql', position: InnerPosition): Unwrapped | null {
  if (position.flags.some((flag) => flag.name === '--help')) return null;
  switch (call.stdin.kind) {
    case 'inherited':
      return null;
    case 'static':
      return unwrapped([{ kind: 'sql', client, text: call.stdin.text }]);
    case 'file':
      return unwrapped([fromFile(call.name, call.stdin.word?.text ?? '')], null, ['sql-file']);
    case 'dynamic': {
      const detail = `\`${call.name}\` reads statements that are put together when they run.`;
      return unwrapped([
        opaque('sql', detail, null, 'write the values into the statements'),
        { kind: 'sql', client, text: call.stdin.text },
      ]);
    }
    case 'pipe': {
      const detail = `\`${call.name}\` runs the statements it reads from the pipe, which the line does not show.`;
      return unwrapped([opaque('stdin', detail, call.name, 'type the statements')]);
    }
  }
}
