/** Which variables of a client may go to a target: its terminal and its language, nothing else. */

const LONGEST_VALUE = 1024;
const MOST_VARIABLES = 32;
const PASSED = /^(?:TERM|LANG|LC_[A-Z0-9_]{1,32})$/;

/** Collects the variables of one channel; what may not pass is dropped without a word, as OpenSSH does. */
export class EnvironmentFilter {
  readonly #variables = new Map<string, string>();

  add(name: string, value: string): void {
    if (!PASSED.test(name) || value.length > LONGEST_VALUE || value.includes('\0')) return;
    if (this.#variables.size < MOST_VARIABLES || this.#variables.has(name)) this.#variables.set(name, value);
  }

  get variables(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#variables);
  }
}
