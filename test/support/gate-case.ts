/** Keyboard sessions with what the real shell executed, as kept in test/fixtures/gate-cases.json. */
import { readFileSync } from 'node:fs';

export type CaseShell = 'bash' | 'zsh' | 'fish' | 'dash' | 'ksh' | 'busybox' | 'python' | 'psql' | 'sqlite3' | 'node';

/** A string is one write, 25 ms after the one before; after an Enter the player waits until the screen is quiet. */
export type CaseStep = string | { readonly wait: number } | { readonly resize: readonly [number, number] };

export interface GateCase {
  readonly id: string;
  readonly shell: CaseShell;
  readonly cols: number;
  readonly rows: number;
  /** Lines for the shell's start-up file. */
  readonly setup: string;
  /** What fish remembers. */
  readonly history?: readonly string[];
  readonly keys: readonly CaseStep[];
  readonly expect_commands: readonly string[];
  readonly truth_source: string;
  readonly must_hold: boolean;
  readonly flagged_substring?: string;
  readonly may_hold?: boolean;
  /** That the line cannot be read is right or acceptable. */
  readonly opaque_ok?: boolean;
  readonly needs_join?: boolean;
  /** Input that is no command and must not be taken for one. */
  readonly not_commands?: readonly string[];
  /** The player has to answer terminal queries. */
  readonly answers_queries?: boolean;
  readonly known_limit?: boolean;
  /** The gate sends keys of its own for it; without the gate it cannot be right. */
  readonly needs_gate?: boolean;
  readonly notes?: string;
}

export function loadGateCases(file: URL): readonly GateCase[] {
  return JSON.parse(readFileSync(file, 'utf8'));
}
