/** What stands between the user's keys and the target: one gate a channel, three kinds of them. */
import type { TerminalSize } from '../model/session.ts';
import type { Presence } from './ports.ts';

/**
 * Takes the user's input and the target's output (already recorded), decides what passes, and shows output to
 * the user. `Gate` reads a terminal, `LineGate` reads lines, `StreamGate` passes data that is no command.
 */
export interface ChannelGate {
  input(bytes: Uint8Array): void;
  inputEnd(): void;
  output(bytes: Uint8Array, stream: 'stdout' | 'stderr'): void;
  resize(size: TerminalSize): void;
  presence(presence: Presence): void;
  /** The target can take more input. */
  targetDrained(): void;
  /** Denies what is held now; `why` is shown to the user. */
  drop(why: string): void;
  /**
   * No input passes until `resume`, and what is held now is denied with `why`. What is typed at a terminal meanwhile is
   * dropped, so that nothing runs by itself afterwards; a pipe waits.
   */
  halt(why: string): void;
  resume(): void;
  /** No input passes from now on; what is held is denied. Idempotent. */
  close(why: string): void;
}
