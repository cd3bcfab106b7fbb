/** The modes of a terminal that a Mosh client can take over; partly from the emulator, partly noted here. */
import type { Emulator } from '../../terminal/emulator.ts';
import { type ClientModes, DEFAULT_MODES, sameModes } from './screen.ts';

const CURSOR = 25;
const REVERSE = 5;
const MOUSE = { none: 0, x10: 9, vt200: 1000, drag: 1002, any: 1003 } as const;

export class ClientModeKeeper {
  readonly #emulator: Emulator;
  #cursorVisible = true;
  #reverseVideo = false;
  /** Report forms that the emulator does not know. */
  #oldEncoding: 0 | 1005 | 1015 = 0;
  #last: ClientModes = DEFAULT_MODES;

  constructor(emulator: Emulator) {
    this.#emulator = emulator;
  }

  /** The same value as long as nothing changed. */
  get current(): ClientModes {
    const { bracketedPaste, focusReports, mouse, mouseEncoding } = this.#emulator.modes;
    const modes: ClientModes = {
      cursorVisible: this.#cursorVisible,
      reverseVideo: this.#reverseVideo,
      bracketedPaste,
      focusReports,
      mouse: MOUSE[mouse],
      mouseEncoding: mouseEncoding === 'SGR' ? 1006 : this.#oldEncoding,
    };
    if (!sameModes(modes, this.#last)) this.#last = modes;
    return this.#last;
  }

  set(mode: number, on: boolean): void {
    if (mode === CURSOR) this.#cursorVisible = on;
    else if (mode === REVERSE) this.#reverseVideo = on;
    else if (mode === 1005 || mode === 1015) this.#oldEncoding = on ? mode : 0;
  }

  reset(): void {
    this.#cursorVisible = true;
    this.#reverseVideo = false;
    this.#oldEncoding = 0;
  }
}
