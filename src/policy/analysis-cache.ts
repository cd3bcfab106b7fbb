/**
 * Remembers what does not depend on who, where and when: the analysis of a text and what its commands match in
 * the catalogue. People repeat themselves, and every line is judged several times. Decisions are never kept, nor
 * is anything of a line that was seen once: most never come again, and keeping them costs more than it saves.
 */
import type { CommandContext } from '../model/command-line.ts';
import type { Analysis, Dialect } from './analysis.ts';
import type { CompiledPolicy } from './compiled-policy.ts';
import type { CommandItem } from './judged-item.ts';
import { analyse } from './language/analyse.ts';
import { commandItems, sureItems } from './line-items.ts';

const MOST = 2048;
/** Longer texts are not kept. */
const LONGEST = 1024;

/** A text as the policy's catalogue sees it. */
export interface AnalysedText {
  readonly analysis: Analysis;
  /** What depends on text known at run time included. */
  readonly items: readonly CommandItem[];
  readonly sureItems: readonly CommandItem[];
}

export class AnalysisCache {
  readonly #policy: CompiledPolicy;
  /** Least recently used first. */
  readonly #kept = new Map<string, AnalysedText>();
  /** Texts of late, oldest first. */
  readonly #seen = new Set<string>();

  constructor(policy: CompiledPolicy) {
    this.#policy = policy;
  }

  get(text: string, context: CommandContext, dialect: Dialect): AnalysedText {
    if (text.length > LONGEST) return this.#analyse(text, context, dialect);
    const key = `${context} ${dialect} ${text}`;
    const known = this.#kept.get(key);
    if (known !== undefined) {
      this.#kept.delete(key);
      this.#kept.set(key, known);
      return known;
    }
    const analysed = this.#analyse(text, context, dialect);
    if (this.#seen.delete(key)) {
      if (this.#kept.size >= MOST) this.#kept.delete(this.#kept.keys().next().value ?? '');
      this.#kept.set(key, analysed);
    } else {
      if (this.#seen.size >= MOST) this.#seen.delete(this.#seen.keys().next().value ?? '');
      this.#seen.add(key);
    }
    return analysed;
  }

  #analyse(text: string, context: CommandContext, dialect: Dialect): AnalysedText {
    const { limits } = this.#policy;
    const maxBytes = context === 'exec' ? limits.maxExecBytes : limits.maxLineBytes;
    const analysis = analyse(text, { context, dialect, maxBytes, maxNesting: limits.maxNesting });
    const items = commandItems(this.#policy, analysis);
    return { analysis, items, sureItems: sureItems(items) };
  }
}
