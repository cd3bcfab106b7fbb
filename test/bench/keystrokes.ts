/** How long a key takes to come back from the target's shell, and Enter to bring the next prompt. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type IPty, spawn } from 'node-pty';
import { findProgram } from '../support/find-program.ts';
import type { SshClient } from '../support/ssh-client.ts';

/** ms after which an answer is not waited for any more. */
const DEADLINE = 20_000;
/** Keys of a line before Enter ends it. */
const KEYS_OF_A_LINE = 20;
/** ms between an answer and the next key: with less, an answer that came twice would pass for the next one. */
const PAUSE = 15;
const PROMPT = 'bench-prompt> ';

export class KeyRoad implements AsyncDisposable {
  /** ms from a key to its echo, one a key. */
  readonly echoes: number[] = [];
  /** ms from Enter to the next prompt, one a line. */
  readonly enters: number[] = [];
  readonly #pty: IPty;
  readonly #ended: Promise<void>;
  #heard = '';
  #awaited: { readonly text: string; readonly resolve: () => void } | null = null;
  #keys = 0;

  private constructor(pty: IPty) {
    this.#pty = pty;
    pty.onData((data) => this.#hear(String(data)));
    this.#ended = new Promise((resolve) => pty.onExit(() => resolve()));
  }

  /** Opens the account's login shell and gives it a prompt of its own. */
  static async open({ configFile }: SshClient): Promise<KeyRoad> {
    const env = { ...process.env, TERM: 'xterm-256color' };
    const words = ['-F', configFile, '-tt', 'server'];
    const road = new KeyRoad(spawn(findProgram('ssh'), words, { cols: 80, rows: 24, env }));
    // Quotes inside the text keep the echo of the line apart from what it prints.
    await road.#ask("PS1='bench-''prompt> '\r", PROMPT);
    return road;
  }

  /** Types the next key of a line, or the Enter that ends it. */
  async next(): Promise<void> {
    const place = this.#keys % (KEYS_OF_A_LINE + 1);
    this.#keys += 1;
    const key = place === 0 ? ':' : place === 1 ? ' ' : 'x';
    const last = place === KEYS_OF_A_LINE;
    await sleep(PAUSE);
    const started = performance.now();
    await this.#ask(last ? '\r' : key, last ? PROMPT : key);
    (last ? this.enters : this.echoes).push(performance.now() - started);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#pty.kill('SIGHUP');
    await this.#ended;
  }

  async #ask(keys: string, answer: string): Promise<void> {
    this.#heard = '';
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${answer} in: ${this.#heard}`)), DEADLINE);
      this.#awaited = {
        text: answer,
        resolve: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      this.#pty.write(keys);
    });
  }

  #hear(data: string): void {
    this.#heard += data;
    if (this.#awaited === null || !this.#heard.includes(this.#awaited.text)) return;
    const { resolve } = this.#awaited;
    this.#awaited = null;
    resolve();
  }
}
