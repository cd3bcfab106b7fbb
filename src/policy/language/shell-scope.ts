/**
 * What is known about variables and the working directory at one point of a submission. Only values that the
 * text itself fixes are known; everything else is unknown and makes a word dynamic.
 */

export class ShellScope {
  /** null: assigned, but not to a known value. */
  readonly #values = new Map<string, string | null>();
  readonly #parent: ShellScope | null;
  readonly #changed: Set<string>;
  #cwd: string | null;
  #opened = false;

  constructor(cwd: string | null, parent: ShellScope | null = null) {
    this.#cwd = cwd;
    this.#parent = parent;
    this.#changed = new Set();
  }

  get cwd(): string | null {
    return this.#cwd;
  }

  set cwd(path: string | null) {
    this.#cwd = path;
  }

  /** The value that the text gives the variable; undefined when it does not touch it, null when unknown. */
  get(name: string): string | null | undefined {
    if (this.#values.has(name)) return this.#values.get(name);
    if (this.#opened) return null;
    return this.#parent?.get(name);
  }

  set(name: string, value: string | null): void {
    this.#values.set(name, value);
    this.#changed.add(name);
  }

  /** From here on no variable is known (after `eval`, `source`). */
  forgetAll(): void {
    this.#values.clear();
    this.#opened = true;
  }

  /** A scope for code that may not run, may run often, or runs elsewhere. */
  child(): ShellScope {
    return new ShellScope(this.#cwd, this);
  }

  /** After a child: whatever it changed is no longer known here. */
  absorb(child: ShellScope): void {
    for (const name of child.#changed) this.set(name, null);
    if (child.#opened) this.forgetAll();
    if (child.#cwd !== this.#cwd) this.#cwd = null;
  }
}
