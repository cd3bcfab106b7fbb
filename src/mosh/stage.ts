/** What a client looks at and types into: a session, or a question before one. Clients can change between them. */
import type { TerminalSize } from '../model/session.ts';
import type { Screen } from './screen/screen.ts';

export interface Stage {
  /** What is to be seen now. @param echoAck newest state of the client that this reflects */
  picture(echoAck: number): Screen;
  input(bytes: Uint8Array): void;
  resize(size: TerminalSize): void;
  /** Cursor keys are wanted in application mode (DECCKM). */
  readonly applicationCursor: boolean;
  /** False while nothing more can be taken; the client then sends it again. */
  readonly hasRoom: boolean;
}
