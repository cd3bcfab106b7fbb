/** Plays one keyboard session: a real shell in a pty inside the sandbox, keys through tokenizer and tracker, no SSH. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { spawn } from 'node-pty';
import { systemClock } from '../../src/base/clock.ts';
import { Signal } from '../../src/base/signal.ts';
import { promptBack } from '../../src/session/gate/prompt-back.ts';
import { Emulator } from '../../src/terminal/emulator.ts';
import { type KeyToken, KeyTokenizer, UNFINISHED_WAIT } from '../../src/terminal/keys.ts';
import type { LineReading } from '../../src/terminal/line-reading.ts';
import { LineTracker } from '../../src/terminal/line-tracker.ts';
import type { GateCase } from './gate-case.ts';
import type { Sandbox } from './sandbox.ts';
import { layOutShell } from './shell-home.ts';

export interface PlayedLine {
  readonly reading: LineReading;
  readonly executed: boolean;
  readonly token: KeyToken['kind'];
}

export interface Played {
  readonly lines: readonly PlayedLine[];
  /** What the shell logged as executed; null when it keeps no log. */
  readonly truth: readonly string[] | null;
  /** What the fakes were called with. */
  readonly calls: readonly string[];
  readonly screen: string;
}

export interface PlayOptions {
  /** Added to every way, ms; as much again to the answer. */
  readonly delay?: number;
  /** One write per key byte instead of one per step. */
  readonly byteByByte?: boolean;
  readonly psqlPort: number;
  /** ms between two steps; 25 unless told. */
  readonly keyGap?: number;
  readonly trace?: (line: string) => void;
  /** Told of everything that passes, in order. */
  readonly record?: (direction: 'key' | 'output', bytes: Uint8Array, at: number) => void;
}

const KEY_GAP = 25;
const QUIET = 120;
const LONGEST_QUIET = 3000;

export async function playCase(sandbox: Sandbox, gateCase: GateCase, options: PlayOptions): Promise<Played> {
  const home = join(sandbox.home, `${gateCase.id}-${process.hrtime.bigint()}`);
  await mkdir(home, { mode: 0o777 });
  const start = await layOutShell(home, gateCase, options.psqlPort);
  const before = (await sandbox.calls()).length;
  await using player = new Player(sandbox, gateCase, start, home, options);
  await player.ready();
  for (const step of gateCase.keys) await player.step(step);
  await player.finish();
  const calls = (await sandbox.calls()).slice(before).map((call) => call.join(' '));
  return { lines: player.lines, truth: await start.truth(), calls, screen: player.screen() };
}

class Player {
  readonly #lines: Promise<PlayedLine>[] = [];
  readonly lines: PlayedLine[] = [];
  readonly #emulator: Emulator;
  readonly #tracker: LineTracker;
  readonly #keys: KeyTokenizer;
  readonly #pty: ReturnType<typeof spawn>;
  readonly #options: PlayOptions;
  readonly #ended: Promise<void>;
  #gate: Promise<void> = Promise.resolve();
  #lastOutput = performance.now();
  #begun = false;
  readonly #answers: boolean;
  readonly #outputs = new Signal<void>((failure) => {
    throw failure;
  });
  readonly #onOutput = (listener: () => void): (() => void) => this.#outputs.subscribe(listener);

  constructor(
    sandbox: Sandbox,
    gateCase: GateCase,
    start: Awaited<ReturnType<typeof layOutShell>>,
    home: string,
    options: PlayOptions,
  ) {
    const { cols, rows } = gateCase;
    this.#options = options;
    this.#answers = gateCase.answers_queries === true;
    this.#emulator = new Emulator({ cols, rows });
    this.#tracker = new LineTracker({
      emulator: this.#emulator,
      clock: systemClock,
      roundTrip: () => (options.delay ?? 0) * 2,
    });
    this.#keys = new KeyTokenizer(this.#emulator);
    const command = sandbox.wrap(start.program, start.words);
    this.#pty = spawn(command.program, [...command.words], {
      cols,
      rows,
      cwd: home,
      env: { ...start.environment },
      encoding: null,
      name: 'xterm-256color',
    });
    this.#ended = new Promise((resolve) => this.#pty.onExit(() => resolve()));
    this.#pty.onData((data: string | Buffer) => this.#later(() => this.#output(Buffer.from(data))));
  }

  screen(): string {
    return this.#tracker.cellsOfLine();
  }

  async step(step: GateCase['keys'][number]): Promise<void> {
    if (typeof step !== 'string') {
      if ('resize' in step) {
        this.#emulator.resize(...step.resize);
        this.#pty.resize(...step.resize);
      } else await pause(step.wait);
      return;
    }
    const bytes = Buffer.from(step);
    const pieces = this.#options.byteByByte === true ? [...bytes].map((byte) => Uint8Array.of(byte)) : [bytes];
    for (const piece of pieces) this.#input(piece);
    await pause(this.#options.keyGap ?? KEY_GAP);
    if (['\r', '\n', '\x0f'].includes(step.slice(-1)))
      await this.quiet(Math.max(QUIET, 60 + 2 * (this.#options.delay ?? 0)));
  }

  /** The first prompt is there: something came and then nothing for a while. */
  async ready(): Promise<void> {
    const started = performance.now();
    while (!this.#begun && performance.now() - started < LONGEST_QUIET) await pause(10);
    await this.quiet(400);
  }

  async quiet(ms: number): Promise<void> {
    const started = performance.now();
    await this.#gate;
    this.#lastOutput = Math.max(this.#lastOutput, started);
    while (performance.now() - this.#lastOutput < ms && performance.now() - started < LONGEST_QUIET) await pause(10);
  }

  async finish(): Promise<void> {
    await this.quiet(250);
    await this.#gate;
    this.lines.push(...(await Promise.all(this.#lines)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#pty.kill('SIGKILL');
    await this.#ended;
    this.#emulator.dispose();
  }

  #output(bytes: Buffer): void {
    this.#options.trace?.(`< ${JSON.stringify(bytes.toString())}`);
    this.#lastOutput = performance.now();
    this.#begun = true;
    this.#options.record?.('output', bytes, performance.now());
    this.#emulator.write(bytes);
    this.#tracker.received();
    this.#outputs.tell();
    if (this.#answers) this.#answer(bytes.toString('latin1'));
  }

  #answer(output: string): void {
    const { row, column } = this.#emulator.cursor;
    const questions = output.split('\x1b[6n').length - 1;
    for (let asked = 0; asked < questions; asked += 1) this.#input(Buffer.from(`\x1b[${row + 1};${column + 1}R`));
  }

  #input(bytes: Uint8Array): void {
    this.#queue(this.#keys.push(bytes, performance.now()));
    if (this.#keys.pendingSince === undefined) return;
    setTimeout(() => this.#queue(this.#keys.flush(performance.now())), UNFINISHED_WAIT + 2);
  }

  #queue(tokens: readonly KeyToken[]): void {
    for (const token of tokens) this.#gate = this.#gate.then(() => this.#pass(token));
  }

  async #pass(token: KeyToken): Promise<void> {
    if (!this.#tracker.submits(token)) return this.#forward(token);
    const { signal } = new AbortController();
    const started = performance.now();
    const reading = await this.#tracker.resolve(token, signal);
    this.#options.trace?.(`? ${token.kind} ${(performance.now() - started).toFixed(1)} ms ${JSON.stringify(reading)}`);
    this.#forward(token);
    const parts = { screen: { onOutput: this.#onOutput }, clock: systemClock, tracker: this.#tracker };
    const back = token.kind === 'submit' ? promptBack(reading, parts, signal) : undefined;
    this.#lines.push(
      this.#tracker
        .confirm(reading, signal)
        .then((effect) => ({ reading, executed: effect === 'executed', token: token.kind })),
    );
    await back;
  }

  #forward(token: KeyToken): void {
    this.#options.trace?.(`> ${token.kind} ${JSON.stringify(Buffer.from(token.bytes).toString())}`);
    this.#options.record?.('key', token.bytes, performance.now());
    this.#tracker.sent(token);
    this.#later(() => this.#pty.write(Buffer.from(token.bytes)));
  }

  #later(action: () => void): void {
    const delay = this.#options.delay ?? 0;
    if (delay === 0) action();
    else setTimeout(action, delay);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
