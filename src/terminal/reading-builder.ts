/** Turns a verdict about the line into what the gate judges: the line in words of the model and all candidates. */

import type { CommandContext, CommandLine } from '../model/command-line.ts';
import type { AlternateLine } from './alternate-line.ts';
import type { EditedLine } from './edited-line.ts';
import { expandHistory } from './history-expansion.ts';
import type { KeyToken } from './key-token.ts';
import { candidatesOf } from './line-candidates.ts';
import type { DoneVerdict } from './line-check.ts';
import type { LineCandidate, LinePlace, LineReading, PromptView, ReadingPath, WholeStatement } from './line-reading.ts';
import type { ReadingFacts } from './reading-facts.ts';

/** Soft submissions whose text comes from somewhere else than the line. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'Ctrl-X Ctrl-E': 'it is run from an editor',
  'Ctrl-X e': 'it replays a keyboard macro',
  'Escape v': 'it may be run from an editor',
  'Escape @': 'it replays a keyboard macro',
};

/** What the gate is told about a line at a prompt. */
export function readingOf(verdict: DoneVerdict, facts: ReadingFacts): LineReading {
  const contexts = facts.lines.context.contextsOf(facts.prompt.text);
  const continuation = facts.anchored && facts.lines.statement.continuedBy(facts.prompt.text);
  const expansion = expanded(verdict.text ?? '', contexts, facts);
  const line = commandLine(verdict, contexts[0] ?? 'shell', expansion, facts);
  const why = notReleasable(line, expansion.changed);
  const statement = continuation && why === undefined ? wholeStatement(line, facts) : undefined;
  return {
    line,
    candidates: candidatesOf(verdict, line.text ?? '', { ...facts, contexts, continuation }),
    path: pathOf(verdict, facts.waited),
    place: placeOf(line, facts.searching, continuation),
    prompt: facts.prompt,
    ...(statement === undefined ? {} : { statement }),
    releasable: why === undefined,
    ...(why === undefined ? {} : { why }),
  };
}

function commandLine(
  verdict: DoneVerdict,
  context: CommandContext,
  expansion: ExpandedText,
  facts: ReadingFacts,
): CommandLine {
  const hidden = verdict.kind === 'unconfirmed' && verdict.hidden;
  const reason = whyOpaque(verdict, facts) ?? expansion.reason;
  const text = verdict.kind === 'opaque' ? verdict.text : uncommented(expansion.text, facts.token);
  if (reason !== undefined) return { context, hidden, confidence: 'opaque', text, reason };
  const confidence = verdict.kind === 'agreed' ? 'exact' : 'partial';
  return { context, hidden, confidence, text: text ?? '' };
}

function wholeStatement({ text }: CommandLine, { lines }: ReadingFacts): WholeStatement | undefined {
  const [context = 'shell'] = lines.context.contextsOf(lines.statement.prompt);
  return text === null ? undefined : lines.statement.whole(text, context);
}

function placeOf(line: CommandLine, searching: boolean, continuation: boolean): LinePlace {
  if (line.hidden) return 'hidden';
  if (searching) return 'search';
  return continuation ? 'continuation' : 'prompt';
}

/** The screen cannot be followed any more: what was typed is the best there is. */
export function failedReading(typed: string, prompt: PromptView): LineReading {
  const reason = 'the screen cannot be followed any more';
  return {
    line: { confidence: 'opaque', text: typed === '' ? null : typed, context: 'shell', hidden: false, reason },
    candidates: typed.trim() === '' ? [] : [{ text: typed, context: 'shell' }],
    path: 'unanchored',
    place: 'prompt',
    prompt,
    releasable: false,
    why: reason,
  };
}

export interface AlternateFacts {
  readonly typed: string;
  readonly prompt: PromptView;
  readonly waited: boolean;
  /** The line that was being edited when the program appeared. */
  readonly behind: EditedLine | undefined;
}

/** A full-screen program: what is found there may be forbidden, never proved harmless. */
export function alternateReading(line: AlternateLine, facts: AlternateFacts): LineReading {
  const { behind, typed } = facts;
  const hiddenLine = behind === undefined ? [] : [behind.keys.text, behind.keys.typed, behind.shownText, typed];
  const distrust = behind?.distrust;
  const base = { text: line.text, context: 'repl', hidden: false } as const;
  return {
    line:
      distrust === undefined ? { ...base, confidence: 'partial' } : { ...base, confidence: 'opaque', reason: distrust },
    candidates: [
      ...line.candidates,
      // Only the last of what was typed into the program can be a command.
      ...inContext([typed.slice(-2000)], 'repl'),
      ...inContext(hiddenLine, 'shell'),
    ],
    path: facts.waited ? 'settled' : 'fast',
    place: 'alternate',
    prompt: facts.prompt,
    releasable: false,
    why: distrust ?? 'it was typed into a full-screen program',
  };
}

function inContext(texts: readonly string[], context: CommandContext): LineCandidate[] {
  return texts.filter((text) => text.trim() !== '').map((text) => ({ text, context }));
}

/** The keys that make a line a comment take the sign away again from a line that is one, and run it. */
function uncommented(text: string, token: KeyToken): string {
  const toggles = token.kind === 'soft-submit' && (token.name === 'Alt-#' || token.name === 'Escape #');
  return toggles && /^\s*#/.test(text) ? text.replace('#', '') : text;
}

interface ExpandedText {
  readonly text: string;
  readonly changed: boolean;
  readonly reason: string | undefined;
}

function expanded(text: string, contexts: readonly CommandContext[], facts: ReadingFacts): ExpandedText {
  if (!contexts.includes('shell')) return { text, changed: false, reason: undefined };
  const expansion = expandHistory(text, facts.lines.history);
  if (expansion.kind === 'none') return { text, changed: false, reason: undefined };
  const likely = expansion.kind === 'likely' ? expansion.text : text;
  return { text: likely, changed: true, reason: fromHistory(expansion.sign) };
}

function fromHistory(sign: string): string {
  return `it takes text from the shell's history by ${sign}; Up brings the line itself`;
}

function whyOpaque(verdict: DoneVerdict, facts: ReadingFacts): string | undefined {
  if (verdict.kind === 'opaque') return verdict.reason;
  const elsewhere = facts.token.kind === 'soft-submit' ? ELSEWHERE[facts.token.name] : undefined;
  if (elsewhere !== undefined) return elsewhere;
  return facts.distrust;
}

function pathOf(verdict: DoneVerdict, waited: boolean): ReadingPath {
  switch (verdict.kind) {
    case 'agreed':
      return waited ? 'echo' : 'fast';
    case 'unconfirmed':
      return 'unconfirmed';
    case 'settled':
      return 'settled';
    case 'opaque':
      return 'unanchored';
    default:
      return verdict satisfies never;
  }
}

/** Why clearing, retyping and comparing cannot work for the text. */
function notReleasable(line: CommandLine, historyUsed: boolean): string | undefined {
  if (line.confidence === 'opaque') return line.reason;
  if (line.hidden) return 'the target does not show what is typed';
  if (historyUsed) return "it takes text from the shell's history";
  return /[^\P{C}\n]/u.test(line.text) ? 'it contains characters that cannot be typed again safely' : undefined;
}
