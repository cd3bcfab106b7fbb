/** The surroundings in which a command stands while a submission is walked. */
import type { Dialect, Redirection, SimpleCommand, StdinSource, ViaLayer } from '../analysis.ts';
import type { AnalysisBuilder } from './analysis-builder.ts';
import { ShellScope } from './shell-scope.ts';

/** Layers of wrappers and texts in texts beyond which a line is opaque. */
export const MOST_LAYERS = 12;

/** The surroundings of a command. */
export interface Frame {
  readonly builder: AnalysisBuilder;
  readonly dialect: Dialect;
  readonly scope: ShellScope;
  readonly via: readonly ViaLayer[];
  readonly stdin: StdinSource;
  readonly redirs: readonly Redirection[];
  readonly assigns: SimpleCommand['assigns'];
  readonly pipeline: number;
  readonly stage: number;
  readonly stages: number;
  readonly remote: boolean;
  readonly background: boolean;
  readonly unseenOperands: boolean;
  /** Names of the functions or aliases whose bodies this is in. */
  readonly definitions: readonly string[];
  /** A substitution in the words being run has a network client. */
  readonly network: boolean;
  /** Walks left for loops over known values. */
  readonly loops: number;
  /** Walks a text that a command runs; the walker puts itself here. */
  readonly walk: (text: string, frame: Frame) => void;
}

export function firstFrame(builder: AnalysisBuilder, dialect: Dialect, cwd: string | null, walk: Frame['walk']): Frame {
  return {
    builder,
    dialect,
    scope: new ShellScope(cwd),
    via: [],
    stdin: { kind: 'inherited' },
    redirs: [],
    assigns: [],
    pipeline: 0,
    stage: 0,
    stages: 1,
    remote: false,
    background: false,
    unseenOperands: false,
    definitions: [],
    network: false,
    loops: 2,
    walk,
  };
}

/** Notes that a command is wrapped too often to be followed. */
export function tooDeep(frame: Frame): void {
  const detail = `Commands are wrapped more than ${MOST_LAYERS} deep.`;
  frame.builder.opaque('nesting', detail, frame.via.at(-1)?.label ?? null, 'run the inner command itself');
}

/** Notes that a word is expanded a second time. */
export function reExpanded(frame: Frame, word: string): void {
  const detail = `\`${word}\` is expanded a second time when it is used, which runs the command in it.`;
  frame.builder.opaque('re-expansion', detail, word, 'leave the command out of the subscript or prompt');
}
