/** Remembers analyses of short texts: the same line is judged several times, and people repeat themselves. */
import type { CommandContext } from '../model/command-line.ts';
import type { Analysis, Dialect } from './analysis.ts';
import type { PolicyLimits } from './compiled-policy.ts';
import { analyse } from './language/analyse.ts';

const MOST = 512;
/** Longer texts are not kept. */
const LONGEST = 1024;

export class AnalysisCache {
  readonly #limits: PolicyLimits;
  readonly #kept = new Map<string, Analysis>();

  constructor(limits: PolicyLimits) {
    this.#limits = limits;
  }

  get(text: string, context: CommandContext, dialect: Dialect): Analysis {
    if (text.length > LONGEST) return this.#analyse(text, context, dialect);
    const key = `${context} ${dialect} ${text}`;
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const analysis = this.#analyse(text, context, dialect);
    if (this.#kept.size >= MOST) this.#kept.delete(this.#kept.keys().next().value ?? '');
    this.#kept.set(key, analysis);
    return analysis;
  }

  #analyse(text: string, context: CommandContext, dialect: Dialect): Analysis {
    const maxBytes = context === 'exec' ? this.#limits.maxExecBytes : this.#limits.maxLineBytes;
    return analyse(text, { context, dialect, maxBytes, maxNesting: this.#limits.maxNesting });
  }
}
