/** The text that is about to run, and how sure we are of it. */

/** What reads the text on the target. */
export type CommandContext = 'shell' | 'psql' | 'mysql' | 'repl' | 'exec';

/** A channel request that carries no text but goes through the same rules. */
export type RequestKind = 'sftp' | 'forward.local' | 'forward.remote' | 'agent-forward' | 'x11' | 'subsystem';

/**
 * `exact`: keystrokes and screen agree. `partial`: one of them is inexact; what the screen showed was settled.
 * `opaque`: the text could not be read with certainty, `reason` says why in words.
 */
export type CommandLine =
  | { readonly confidence: 'exact'; readonly text: string; readonly context: CommandContext; readonly hidden: boolean }
  | {
      readonly confidence: 'partial';
      readonly text: string;
      readonly context: CommandContext;
      readonly hidden: boolean;
    }
  | {
      readonly confidence: 'opaque';
      /** The best reading, if there is one. */
      readonly text: string | null;
      readonly context: CommandContext;
      readonly hidden: boolean;
      readonly reason: string;
    };
