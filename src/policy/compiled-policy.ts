/** A policy in the form that decisions are made from. Immutable. */
import type { AccessRule } from '../model/access-rule.ts';
import type { BreakGlassRule } from '../model/break-glass.ts';
import type { Severity } from '../model/decision.ts';
import type { Requirement } from '../model/requirement.ts';
import type { Catalogue } from './catalogue/catalogue.ts';
import type { Window } from './conditions/window.ts';
import type { Posture } from './posture.ts';
import type { RoamingRule } from './roaming.ts';
import type { Rule } from './rule.ts';
import type { CheckFile, TestFile } from './schema/section-files.ts';

/** An external question that rules ask. */
export interface CheckDefinition {
  readonly name: string;
  readonly source:
    | { readonly kind: 'exec'; readonly argv: readonly string[] }
    | { readonly kind: 'http'; readonly url: string; readonly method: 'GET' | 'HEAD' };
  /** ms */
  readonly timeout: number;
  /** ms that an answer is reused. */
  readonly cache: number;
  readonly parse: NonNullable<CheckFile['parse']>;
}

export interface PolicyTest {
  readonly file: string;
  readonly line: number;
  /** ms since the epoch; null when the test gives no time. */
  readonly at: number | null;
  readonly test: TestFile;
}

export interface PolicyLimits {
  readonly maxLineBytes: number;
  readonly maxExecBytes: number;
  readonly maxNesting: number;
}

export interface CompiledPolicy {
  /** `sha256:<hex>` of `canonicalText`. */
  readonly hash: string;
  /** The resolved policy as canonical JSON, with packs and engine version. */
  readonly canonicalText: string;
  readonly rules: readonly Rule[];
  readonly postures: readonly Posture[];
  readonly access: readonly AccessRule[];
  /** null: nobody may pass by break-glass. */
  readonly breakGlass: BreakGlassRule | null;
  readonly roaming: readonly RoamingRule[];
  readonly catalogue: Catalogue;
  readonly limits: PolicyLimits;
  readonly possible: 'match' | 'ignore';
  readonly windows: ReadonlyMap<string, Window>;
  /** `time_zone` of the settings, in which times without an offset are read; null when the files name none. */
  readonly timeZone: string | null;
  readonly checks: ReadonlyMap<string, CheckDefinition>;
  /** Names of the checks that some rule asks for. */
  readonly checkNames: readonly string[];
  readonly tests: readonly PolicyTest[];
  /** Names of requirements by name; `self` always exists. */
  readonly requirements: ReadonlyMap<string, Requirement>;
  /** The requirement of that name; one's own code when there is none. */
  requirement(name: string): Requirement;
  /** As the files set it, else as shipped. */
  severity(id: string): Severity;
}
