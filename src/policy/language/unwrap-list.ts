/** Programs that run a command for each item of a list: xargs, parallel, find -exec, fd -x. */
import type { Word, WordPiece } from '../analysis.ts';
import { type Inner, type Invocation, joinWords, type Unwrapped, unwrapped } from './unwrapping.ts';
import { findInner, hasOption, optionValue } from './wrapper-arguments.ts';
import { FD_OPTIONS, PARALLEL_OPTIONS, XARGS_OPTIONS } from './wrapper-options.ts';

/** Most words of a known input that are appended one by one. */
const MOST_KNOWN = 64;

function unseen(text: string): Word {
  return { text, kind: 'dynamic', pieces: [{ kind: 'dynamic', text }], quoted: true };
}

/** The item stands in place of `mark` in the words, or behind them. */
function withItem(words: readonly Word[], mark: string | null): readonly Word[] {
  if (mark === null || !words.some((word) => word.text.includes(mark))) return [...words, unseen('{}')];
  return words.map((word) => (word.text.includes(mark) ? substituted(word, mark) : word));
}

function substituted(word: Word, mark: string, item: readonly WordPiece[] = [{ kind: 'dynamic', text: mark }]): Word {
  const pieces = word.text
    .split(mark)
    .flatMap((text, index): readonly WordPiece[] => [
      ...(index === 0 ? [] : item),
      ...(text === '' ? [] : [{ kind: 'literal', text } as const]),
    ]);
  return { text: word.text, kind: 'dynamic', pieces, quoted: true };
}

/** Program text that holds the mark would make every use opaque, so such a text is kept as typed. */
function command(words: readonly Word[], mark: string | null, known: readonly Word[] = []): Inner {
  const inner = known.length > 0 ? [...words, ...known] : withItem(words, mark);
  const [name = unseen('{}'), ...rest] = inner;
  const kept = rest.map((word, index) => (/\s/u.test(word.text) ? (words[index + 1] ?? word) : word));
  return { kind: 'argv', words: [name, ...kept], unseenOperands: true, stdin: { kind: 'inherited' } };
}

export function unwrapXargs(call: Invocation): Unwrapped | null {
  const position = findInner(call.args, { ...XARGS_OPTIONS, short: `${XARGS_OPTIONS.short}` });
  if (position.inert) return null;
  const start = position.starts[0];
  if (start === undefined) return null;
  const replace = optionValue(position, '-I', '--replace');
  const mark = replace?.text ?? (hasOption(position, '-i', '--replace', '-I') ? '{}' : null);
  const known = mark === null && call.stdin.kind === 'static' ? knownItems(call.stdin.text) : [];
  return unwrapped(
    position.starts.map((at) => command(call.args.slice(at), mark, known)),
    start,
  );
}

function knownItems(text: string): readonly Word[] {
  const items = text.split(/[\s\0]+/u).filter((item) => item !== '');
  if (items.length > MOST_KNOWN) return [];
  return items.map((item) => ({ text: item, kind: 'static', pieces: null, quoted: true }));
}

export function unwrapParallel(call: Invocation): Unwrapped | null {
  const end = call.args.findIndex((word) => /^:::{1,2}\+?$/u.test(word.text));
  const words = end === -1 ? call.args : call.args.slice(0, end);
  const position = findInner(words, PARALLEL_OPTIONS);
  const start = position.starts[0];
  if (position.inert) return null;
  if (start === undefined) return listedCommands(call.args, end);
  const inner = words.slice(start);
  // GNU parallel hands the joined words to a shell.
  const shellText = inner.some((word) => /[\s;&|<>]/u.test(word.text));
  if (shellText) return unwrapped([{ kind: 'text', text: asText(inner), scope: 'fresh' }], start);
  const items = end === -1 ? [] : call.args.slice(end + 1);
  const mark = inner.some((word) => word.text.includes('{')) ? '{}' : null;
  const fixed = items.every((word) => word.kind === 'static') && mark === null ? items : [];
  return unwrapped([command(inner, mark, fixed)], start);
}

function asText(words: readonly Word[]): Word {
  return joinWords(words);
}

/** `parallel ::: 'cmd a' 'cmd b'`: the items are the commands. */
function listedCommands(args: readonly Word[], end: number): Unwrapped | null {
  if (end === -1) return null;
  return unwrapped(args.slice(end + 1).map((text) => ({ kind: 'text', text, scope: 'fresh' })));
}

const FIND_EXEC: ReadonlySet<string> = new Set(['-exec', '-execdir', '-ok', '-okdir']);

export function unwrapFind(call: Invocation): Unwrapped | null {
  const inner: Inner[] = [];
  for (let i = 0; i < call.args.length; i += 1) {
    if (!FIND_EXEC.has(call.args[i]?.text ?? '')) continue;
    let end = i + 1;
    while (end < call.args.length && !endsExec(call.args, end)) end += 1;
    const words = call.args.slice(i + 1, end);
    if (words.length > 0) inner.push(findCommand(words, foundPath(call.args)));
    i = end;
  }
  return inner.length === 0 ? null : unwrapped(inner);
}

function endsExec(args: readonly Word[], at: number): boolean {
  const text = args[at]?.text;
  return text === ';' || (text === '+' && args[at - 1]?.text === '{}');
}

function findCommand(words: readonly Word[], item: readonly WordPiece[]): Inner {
  const marked = words.some((word) => word.text.includes('{}'));
  if (!marked) return { kind: 'argv', words };
  const [name, ...rest] = words;
  if (name === undefined || name.text.includes('{}')) return command(words, '{}');
  // Program text that holds the mark would make every use opaque, so such a text is kept as typed.
  const filled = rest.map((word) =>
    word.text.includes('{}') && !/\s/u.test(word.text) ? substituted(word, '{}', item) : word,
  );
  return { kind: 'argv', words: [name, ...filled], unseenOperands: true, stdin: { kind: 'inherited' } };
}

/** What `{}` looks like: below the only starting point, with the name that `-name` asks for. */
function foundPath(args: readonly Word[]): readonly WordPiece[] {
  const options = args.findIndex((word) => /^[-(!]/u.test(word.text));
  const starts = options === -1 ? args : args.slice(0, options);
  const [start] = starts;
  const below: readonly WordPiece[] =
    starts.length === 1 && start !== undefined && start.kind === 'static'
      ? [{ kind: 'literal', text: `${start.text.replace(/\/+$/u, '')}/` }]
      : [];
  const named = args[args.findIndex((word) => word.text === '-name') + 1];
  const asked = args.filter((word) => /^-i?(?:name|path|regex)$/u.test(word.text)).length;
  const name: readonly WordPiece[] =
    asked === 1 && named !== undefined && named !== args[0] && named.kind === 'static'
      ? [
          { kind: 'literal', text: '/' },
          // `*.pem` asks for an ending only: any ordinary name in front of it.
          { kind: 'glob', text: named.text.replace(/^\*(?=\.)/u, 'x0') },
        ]
      : [];
  return [...below, { kind: 'dynamic', text: '{}' }, ...name];
}

/** fd: everything behind `-x`/`-X` is the command. */
export function unwrapFd(call: Invocation): Unwrapped | null {
  const at = call.args.findIndex((word) => /^(?:-[xX]|--exec|--exec-batch)$/u.test(word.text));
  if (at === -1) return null;
  const position = findInner(call.args.slice(0, at), FD_OPTIONS);
  const words = call.args.slice(at + 1).filter((word) => word.text !== ';');
  if (words.length === 0 || position.inert) return null;
  return unwrapped([command(words, words.some((word) => word.text.includes('{')) ? '{}' : null)], at + 1);
}
