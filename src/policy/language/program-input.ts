/**
 * A line that is typed into a program whose language is not known: an interpreter, an editor, an answer to a
 * question, a shell in a pane. It may be anything, so it is searched for what would be dangerous as a command, as
 * a whole and in its string literals; text that makes no sense as a command is no doubt but ordinary. Only code
 * that runs a program which the line does not show is opaque. Finds slips and simple tricks, proves nothing.
 */
import type { Analysis, Dialect, OpaquePart } from '../analysis.ts';
import { AnalysisBuilder } from './analysis-builder.ts';
import { firstFrame } from './frame.ts';
import { walkText } from './shell-walker.ts';

/** A string of most languages, with its content. */
const LITERAL = /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|`((?:[^`\\]|\\.)*)`/gsu;
/** A call that runs programs or code, up to its first argument. */
const RUNS =
  /\b(?:system|popen\d?|Popen|spawn\w*|exec\w*|eval\w*|shell_exec|passthru|proc_open|check_output|check_call|getoutput|subprocess\.\w+|child_process\.\w+|os\.\w*exec\w*|pty\.spawn|__import__|instance_eval|class_eval|IO\.popen|Kernel\.\w+)\s*\(\s*/gu;
/** Literals of one call, as in `run(["rm", "-rf", x])`. */
const MOST_LITERALS = 50;

/** The analysis of `text`; never unparsable and never incomplete. */
export function analyseProgramInput(text: string, dialect: Dialect): Analysis {
  const builder = new AnalysisBuilder();
  const literals = literalsOf(text);
  const texts = [text, ...escapesOf(text), ...literals, ...(literals.length > 1 ? [literals.join(' ')] : [])];
  for (const one of texts) walkText(one, firstFrame(builder, dialect, null, walkText));
  const { commands } = builder.finish(false);
  const base = { unparsable: null, incomplete: null, tooLong: null, dialectUnsure: false };
  return { ...base, commands, opaque: unseenPrograms(text) };
}

function literalsOf(text: string): string[] {
  const found = [...text.matchAll(LITERAL)].map(([, double, single, back]) => double ?? single ?? back ?? '');
  return found.filter((content) => content.trim() !== '').slice(0, MOST_LITERALS);
}

/** What editors, debuggers and database clients hand to a shell: `!rm x`, `1,3!sort`, `.shell rm x`, `1e rm x`. */
const ESCAPES: readonly RegExp[] = [
  /^[^!\n]{0,40}!\s*(\S.*)$/mu,
  /^\s*[\d,$]*(?:\.?(?:shell|system)|sh|pipe|e)\s+(\S.*)$/mu,
];

function escapesOf(text: string): string[] {
  return ESCAPES.flatMap((pattern) => pattern.exec(text)?.[1] ?? []);
}

/** Calls whose program is not written out in the line. */
function unseenPrograms(text: string): OpaquePart[] {
  const parts: OpaquePart[] = [];
  for (const call of text.matchAll(RUNS)) {
    const argument = text.slice(call.index + call[0].length);
    if (/^(?:[rbuf]?["'`]|\[\s*["'`])/iu.test(argument)) continue;
    const word = call[0].replace(/\s*\(\s*$/u, '');
    const detail = `\`${word}(\` runs something that the line does not show.`;
    parts.push({ reason: 'code', detail, word, rewrite: 'write out what it runs' });
  }
  return parts;
}
