/** Why a `match` does not hold on one item: its first member that fails, with what it saw and what it wants. */
import { visibleShort } from '../../base/visible.ts';
import type { Truth } from '../../model/selector.ts';
import type { Word } from '../analysis.ts';
import type { ItemHit, JudgedItem, LineFacts } from '../judged-item.ts';
import { normalisePath } from '../language/path-normal-form.ts';
import type { MatchFile } from '../schema/match-file.ts';
import type { CommandView } from './command-view.ts';
import { compileMatch } from './rule-match.ts';

export interface Mismatch {
  /** `operands: saw nginx, wants httpd | apache2` */
  readonly text: string;
  /** How many members hold: of several items, the one that came furthest is the one that people ask about. */
  readonly held: number;
}

interface Member {
  readonly key: string;
  readonly value: unknown;
  readonly truth: Truth;
}

/** Characters of what was seen. */
const LONGEST = 100;

/** @param file whose match is not true for `item` */
export function firstMismatch(file: MatchFile, item: JudgedItem, line: LineFacts): Mismatch {
  const members = membersOf(file).map((part): Member => {
    const [key = '', value] = Object.entries(part)[0] ?? [];
    return { key, value, truth: compileMatch(part)(item, line) };
  });
  const held = members.filter((member) => member.truth === true).length;
  const failed = members.find(({ truth }) => truth === false) ?? members.find(({ truth }) => truth !== true);
  return { text: failed === undefined ? 'match does not hold' : memberText(failed, item, line), held };
}

/** One file a member; what stands inside `all` counts as written beside it. */
function membersOf(file: MatchFile): readonly MatchFile[] {
  const { all, ...others } = file;
  return [
    ...Object.entries(others).map(([key, value]): MatchFile => ({ [key]: value })),
    ...(all ?? []).flatMap(membersOf),
  ];
}

function memberText({ key, value, truth }: Member, item: JudgedItem, line: LineFacts): string {
  if (key === 'any') return `any: none of its ${Array.isArray(value) ? value.length : 0} holds`;
  if (key === 'not') return `not: ${wholeText(value)} holds`;
  const seen = visibleShort(seenBy(key, item, line).join(', '), LONGEST) || 'none';
  const doubt = truth === 'unknown' ? ' (what it is when it runs decides)' : '';
  return `${key}: saw ${seen}, wants ${wantedText(value)}${doubt}`;
}

function wholeText(file: unknown): string {
  const members = typeof file === 'object' && file !== null ? Object.entries(file) : [];
  return members.map(([key, value]) => (isNested(value) ? key : `${key} ${wantedText(value)}`)).join(' and ');
}

function isNested(value: unknown): boolean {
  return Array.isArray(value) ? value.some((one) => typeof one === 'object') : false;
}

/** `nginx | nginx.service`, `every of a | b` */
function wantedText(value: unknown): string {
  if (Array.isArray(value)) return value.map(String).join(' | ');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([quantity, words]) => `${quantity} of ${wantedText(words)}`)
    .join(' and ');
}

function seenBy(key: string, item: JudgedItem, line: LineFacts): readonly string[] {
  if (key === 'readonly') return [String(line.readOnly())];
  if (key === 'sha256') return [line.sha256()];
  if (item.kind === 'meta') return [item.id];
  if (item.kind === 'request') return [item.request];
  if (key === 'catalogue') return item.hits.map(idText);
  if (key === 'severity') return [...new Set(item.hits.map((hit) => hit.severity))];
  return key === 'request' ? ['a command'] : seenIn(key, item.view);
}

function idText({ id, possible }: ItemHit): string {
  return possible ? `${id}?` : id;
}

function seenIn(key: string, view: CommandView): readonly string[] {
  const { command, parsed, operands } = view;
  switch (key) {
    case 'command':
      return [command.name];
    case 'subcommand':
      return operands.map((word) => word.text);
    case 'operands':
      return operands.map((word) => pathText(word, command.cwd));
    case 'flags':
      return parsed.flags.map((flag) => flag.name);
    case 'path':
      return [...new Set([...operands, ...view.reads, ...view.writes])].map((word) => pathText(word, command.cwd));
    case 'reads':
      return view.reads.map((word) => pathText(word, command.cwd));
    case 'writes':
      return view.writes.map((word) => pathText(word, command.cwd));
    case 'via':
      return command.via.map((layer) => layer.name);
    case 'assigns':
      return command.assigns.map((assign) => assign.name);
    case 'remote':
      return [String(command.remote)];
    default:
      return [command.argv.join(' ')];
  }
}

/** As written, with the path that it may name behind it. */
function pathText({ text, kind }: Word, cwd: string | null): string {
  const path = kind === 'static' ? normalisePath(text, cwd) : text;
  return path === text ? text : `${text} (${path})`;
}
