/** All texts that a submission may run: where two readings are possible, both are judged. */
import type { CommandContext } from '../model/command-line.ts';
import type { DoneVerdict } from './line-check.ts';
import type { LineCandidate } from './line-reading.ts';
import { behindPromptEnd, looksLikePrompt } from './prompt-memory.ts';
import type { ReadingFacts } from './reading-facts.ts';

interface CandidateFacts extends ReadingFacts {
  readonly contexts: readonly CommandContext[];
  readonly continuation: boolean;
}

/** Every text that may be about to run, most likely first. */
export function candidatesOf(verdict: DoneVerdict, text: string, facts: CandidateFacts): LineCandidate[] {
  const found = new Map<string, LineCandidate>();
  const add = (candidate: LineCandidate): void => {
    const trimmed = candidate.text.trim();
    const key = `${candidate.context} ${trimmed}`;
    if (trimmed !== '' && !found.has(key)) found.set(key, candidate);
  };
  for (const reading of [text, ...verdict.also, ...carriedText(text, facts)]) {
    for (const each of lineCandidates(reading, facts)) add(each);
  }
  const [context = 'shell'] = facts.contexts;
  if (facts.overlap !== '') add({ text: facts.overlap + text, context, counts: 'parsed' });
  if (facts.strayed !== '') add({ text: facts.strayed + text, context, counts: 'parsed' });
  for (const each of rowCandidates(text, facts)) add(each);
  if (verdict.kind !== 'agreed' || facts.cooked.spans) {
    for (const each of facts.contexts) add({ text: facts.cooked.text, context: each, counts: 'flagged' });
  }
  return [...found.values()];
}

function lineCandidates(text: string, facts: CandidateFacts): LineCandidate[] {
  const { contexts, continuation } = facts;
  if (text.trim() === '') return [];
  if (continuation) return facts.lines.statement.candidates(text, contexts);
  if (facts.token.kind === 'paste') return pastedCandidates(text, contexts);
  return contexts.map((context) => ({ text, context }));
}

/** Line by line, and as the whole that an editor with bracketed paste makes of it. */
function pastedCandidates(text: string, contexts: readonly CommandContext[]): LineCandidate[] {
  const pieces = [text, ...text.split(/[\r\n]+/)].filter((piece) => piece.trim() !== '');
  return contexts.flatMap((context) => pieces.map((piece) => ({ text: piece, context })));
}

function carriedText(text: string, facts: CandidateFacts): string[] {
  return facts.carried === '' || text === '' ? [] : [facts.carried + text];
}

/** The row as a whole while it is not certain what of it is the prompt. */
function rowCandidates(text: string, facts: CandidateFacts): LineCandidate[] {
  const { prompt, row } = facts;
  if (!facts.anchored || row.trim() === '') return [];
  const unknown = !prompt.known && (text.trim() === '' || !looksLikePrompt(prompt.text)) && prompt.text.trim() !== '';
  if (!unknown && !facts.prefillSuspected) return [];
  const behind = behindPromptEnd(row);
  const whole: LineCandidate = { text: row.trim(), context: 'repl' };
  return behind === undefined ? [whole] : [whole, { text: behind, context: 'shell' }];
}
