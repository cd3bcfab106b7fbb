/**
 * What a verb is: one declarative description that drives `ssh bastion VERB`, the local command line and both
 * their help texts, and one function that does the work inside the daemon. Verbs import services as types
 * only, so that the command line can load the table without loading the daemon.
 */
import type { Principal } from '../model/principal.ts';
import type { TerminalSize } from '../model/session.ts';
import type { SigningRequest } from '../model/signing-request.ts';
import type { ConsoleServices, EvidenceServices } from './services.ts';

export interface ArgumentSpec {
  readonly name: string;
  readonly help: string;
  readonly required: boolean;
}

export interface OptionSpec {
  /** Long name without dashes. */
  readonly name: string;
  readonly short?: string;
  /** Placeholder of the value; absent: a switch. */
  readonly value?: string;
  /** May be given several times. */
  readonly many?: boolean;
  /** The value names a file (`-`: standard input); the verb gets its text, or its first line, read where the person is. */
  readonly file?: 'text' | 'line';
  /** The value names a file that the data goes to instead of standard output; on the local command line only. */
  readonly saves?: boolean;
  /** The value names the key that signs where the person is; on the local command line only. */
  readonly signs?: boolean;
  readonly help: string;
}

/** Who may use a verb over ssh; the local command line may use every verb. */
export type VerbAudience = 'local' | 'everybody' | 'auditor';

export interface VerbSpec {
  /** `['user', 'add']` */
  readonly path: readonly string[];
  readonly summary: string;
  readonly arguments: readonly ArgumentSpec[];
  readonly options: readonly OptionSpec[];
  /** What to type after `heldline`, at least one. */
  readonly examples: readonly string[];
  readonly audience: VerbAudience;
  /** Where it can be used; absent: on both doors (over ssh by its audience). */
  readonly where?: 'ssh' | 'local';
}

/** A parsed call. Values of file options are the file's text. */
export interface VerbCall {
  readonly arguments: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
}

/** Who calls: an administrator through the admin socket, or a person over ssh. */
export type Caller =
  | { readonly kind: 'local'; readonly account: string }
  | { readonly kind: 'person'; readonly principal: Principal };

/** Somebody's terminal, or the pipe in its place. */
export interface VerbIo {
  /** Data, to standard output. */
  out(text: string): void;
  /** Resolves when what was written has left, or nearly; long data waits for it between its pieces. */
  flushed(): Promise<void>;
  /** Talk, to standard error. */
  err(text: string): void;
  /** Whether questions can be asked at all. */
  readonly interactive: boolean;
  readonly json: boolean;
  readonly size: TerminalSize;
  /** One line; null when the person gave up (Ctrl-C, end of input). `hidden` shows `*` for each character. */
  ask(prompt: string, options?: { readonly hidden?: boolean }): Promise<string | null>;
  /** The first line of piped input, or null. */
  firstLine(): Promise<string | null>;
  /** All of piped input; absent where the values of file options are read before the verb runs. */
  allInput?(): Promise<string>;
  /** The armoured signature, or null when the person gave up; absent where their keys cannot be reached. */
  sign?(request: SigningRequest): Promise<string | null>;
  /** Raw keys for full-screen verbs; returns how to stop. Undefined when there is no terminal. */
  readonly keys:
    | ((listener: (bytes: Uint8Array) => void, onResize: (size: TerminalSize) => void) => () => void)
    | undefined;
  /** Whether pages can be drawn over the whole terminal; absent: they cannot. */
  readonly fullScreen?: boolean;
  /** Aborted when the person is gone or pressed Ctrl-C. */
  readonly cancelled: AbortSignal;
}

export interface VerbContext<Services = ConsoleServices> {
  readonly call: VerbCall;
  readonly caller: Caller;
  readonly io: VerbIo;
  readonly services: Services;
  /** Opens a session on a target in place of this verb, over the same channel; only over ssh with a terminal. */
  readonly connect?: (target: string, login: string) => Promise<void>;
}

/** Exit codes of the command line; the table is in README. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  notAllowed: 4,
  conflict: 5,
  unreachable: 6,
  checkFailed: 7,
  interrupted: 130,
} as const;

export interface Verb<Services = ConsoleServices> {
  readonly spec: VerbSpec;
  /** Resolves to the exit code. @throws HeldlineError, which the caller shows and turns into an exit code */
  readonly run: (context: VerbContext<Services>) => Promise<number>;
}

/** A verb that also works on the files alone when no daemon runs. */
export type EvidenceVerb = Verb<EvidenceServices>;
