/**
 * Sees a one-time code that is typed where no panel asks for it: six digits at the beginning of a line. A program
 * that paints a panel of its own would otherwise be handed a code that is good for half a minute.
 */
import type { KeyToken } from '../../terminal/key-token.ts';
import { CODE_LENGTH } from './panel-keys.ts';

export class StrayCodes {
  /** Digits typed since the last key that is none; null once anything else stands on the line. */
  #digits: string | null = '';

  /** The six digits that `token` would complete; null when it completes none. */
  completedBy(token: KeyToken): string | null {
    const digits = this.#with(token);
    return digits?.length === CODE_LENGTH && token.kind !== 'submit' ? digits : null;
  }

  /** After the token was forwarded. */
  sent(token: KeyToken): void {
    this.#digits = this.#with(token);
  }

  #with(token: KeyToken): string | null {
    switch (token.kind) {
      case 'text':
      case 'paste':
        return this.#digits === null || !/^[\d ]*$/.test(token.text)
          ? null
          : this.#digits + token.text.replaceAll(' ', '');
      case 'submit':
      case 'soft-submit':
      case 'interrupt':
        return '';
      case 'edit':
        return token.key === 'kill-start' ? '' : this.#digits;
      case 'reply':
      case 'mouse':
      case 'focus':
        return this.#digits;
    }
  }
}
