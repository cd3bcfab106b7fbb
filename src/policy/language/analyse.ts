/**
 * The entry of the language part: one submission in, its analysis out. Pure and synchronous; the same text and
 * options give the same answer, so the caller may keep answers. It never throws: whatever goes wrong inside
 * makes the text unparsable, which a policy treats as dangerous.
 */
import { describeFailure } from '../../base/heldline-error.ts';
import type { AnalyseOptions, Analysis, Dialect } from '../analysis.ts';
import { AnalysisBuilder } from './analysis-builder.ts';
import { walkSql } from './command-runner.ts';
import { type Frame, firstFrame } from './frame.ts';
import { checkLimits, EXEC_LIMITS, INTERACTIVE_LIMITS, type TextLimits } from './limits.ts';
import { endsInBackslash, hasSplitOperator, scanLine } from './line-scan.ts';
import { analyseProgramInput } from './program-input.ts';
import { walkText } from './shell-walker.ts';

const EMPTY: Analysis = {
  commands: [],
  opaque: [],
  unparsable: null,
  incomplete: null,
  tooLong: null,
  dialectUnsure: false,
};

/** Analyses one submission; see `Analysis`. */
export function analyse(text: string, options: AnalyseOptions): Analysis {
  const verdict = checkLimits(text, limitsOf(options));
  if (verdict.kind === 'too-long') return { ...EMPTY, tooLong: verdict.why };
  if (verdict.kind === 'unparsable') return { ...EMPTY, unparsable: verdict.why };
  try {
    return analyseChecked(text, options);
  } catch (failure) {
    return { ...EMPTY, unparsable: `the analysis failed: ${describeFailure(failure)}` };
  }
}

function limitsOf(options: AnalyseOptions): TextLimits {
  const base = options.context === 'exec' ? EXEC_LIMITS : INTERACTIVE_LIMITS;
  if (options.maxBytes === undefined && options.maxNesting === undefined) return base;
  return { ...base, bytes: options.maxBytes ?? base.bytes, nesting: options.maxNesting ?? base.nesting };
}

function analyseChecked(text: string, options: AnalyseOptions): Analysis {
  const { context, dialect } = options;
  const builder = new AnalysisBuilder();
  const frame = firstFrame(builder, dialect, options.cwd ?? null, walkText);
  switch (context) {
    case 'shell':
    case 'exec':
      analyseShell(text, options, frame);
      return builder.finish(dialect === 'fish' || dialect === 'unknown');
    case 'psql':
    case 'mysql':
      walkSql(context, text, frame);
      return builder.finish(false);
    case 'repl':
      return analyseProgramInput(text, dialect);
  }
}

function analyseShell(text: string, options: AnalyseOptions, frame: Frame): void {
  if (endsInBackslash(text)) frame.builder.incomplete('the line behind the backslash');
  if (hasSplitOperator(text)) {
    const detail = 'A line continuation stands inside an operator, where shells and parsers differ.';
    frame.builder.opaque('continuation', detail, null, 'put the operator on one line');
  }
  if (options.context === 'shell') scanHistory(text, options.dialect, frame);
  if (options.dialect === 'zsh') scanGlobQualifiers(text, frame);
  walkText(text, frame);
}

const HISTORY_DIALECTS: ReadonlySet<Dialect> = new Set<Dialect>(['bash', 'zsh', 'unknown']);

function scanHistory(text: string, dialect: Dialect, frame: Frame): void {
  if (!HISTORY_DIALECTS.has(dialect)) return;
  const scan = scanLine(text);
  if (scan.history !== null) {
    const detail = `\`${scan.history}\` stands for an earlier line that is not known here.`;
    frame.builder.opaque('history', detail, scan.history, 'type the line in full');
  }
  // An interactive zsh does not know comments unless it was told so.
  if (dialect === 'zsh') for (const comment of scan.comments) walkText(comment, frame);
}

const RUNNING_QUALIFIER = /[*?\]\w]\([^()]*(?:e[:{[('"]|\+)/u;

/** `*(e:'…':)` and `*(+fn)` run code while the pattern is expanded. */
function scanGlobQualifiers(text: string, frame: Frame): void {
  const found = RUNNING_QUALIFIER.exec(text);
  if (found === null) return;
  const detail = `The glob qualifier \`${found[0]}\` runs code while the pattern is expanded.`;
  frame.builder.opaque('dialect', detail, found[0], 'name the files');
}
