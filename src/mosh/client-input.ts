/**
 * The client's input as the transport sees it. Every state of the client is a prefix of one stream of events, so a
 * state is known by its length, and what was taken from the stream by one number: overlapping repetitions of the
 * client can neither lose a key nor double one.
 */
import { clamp } from './transport/path-timing.ts';
import type { RemoteObject } from './transport/receiver.ts';
import { countEvents, decodeUserMessage, skipEvents, type UserInput } from './wire/user-message.ts';

export interface InputState {
  /** Events of the stream so far. */
  readonly length: number;
}

export interface InputSink {
  /** New events of the client's newest state, in order; at least one. */
  take(inputs: readonly UserInput[], stateNumber: number): void;
}

const LEAST = { cols: 2, rows: 2 };
const MOST = { cols: 500, rows: 300 };

export class ClientInput implements RemoteObject<InputState> {
  readonly initial: InputState = { length: 0 };
  readonly #sink: InputSink;
  #applied = 0;

  constructor(sink: InputSink) {
    this.#sink = sink;
  }

  apply(base: InputState, diff: Uint8Array): InputState | undefined {
    const inputs = decodeUserMessage(Buffer.from(diff));
    return inputs === undefined ? undefined : { length: base.length + countEvents(inputs) };
  }

  newest(arrival: { base: InputState; state: InputState; diff: Uint8Array; number: number }): void {
    const { base, state, diff, number } = arrival;
    // States without input are acknowledgements; an echo ack for one would be answered by another one, for ever.
    if (state.length <= this.#applied) return;
    const inputs = decodeUserMessage(Buffer.from(diff)) ?? [];
    const fresh = skipEvents(inputs, this.#applied - base.length);
    this.#applied = state.length;
    this.#sink.take(fresh.map(bounded), number);
  }
}

function bounded(input: UserInput): UserInput {
  if (input.kind === 'keys') return input;
  return {
    kind: 'resize',
    cols: clamp(input.cols, LEAST.cols, MOST.cols),
    rows: clamp(input.rows, LEAST.rows, MOST.rows),
  };
}
