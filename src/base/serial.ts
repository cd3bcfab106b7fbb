/** One thing at a time: bodies run in the order of their calls, each after the one before has ended. */

export class Serial {
  #last: Promise<unknown> = Promise.resolve();

  /** What `body` returns or throws; a failure does not stop the ones behind it. */
  run<T>(body: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(body);
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}

/** A `Serial` per key; those that are idle are forgotten. */
export class SerialByKey {
  readonly #running = new Map<string, { readonly serial: Serial; waiting: number }>();

  run<T>(key: string, body: () => Promise<T>): Promise<T> {
    const entry = this.#running.get(key) ?? { serial: new Serial(), waiting: 0 };
    entry.waiting += 1;
    this.#running.set(key, entry);
    return entry.serial.run(body).finally(() => {
      entry.waiting -= 1;
      if (entry.waiting === 0) this.#running.delete(key);
    });
  }
}
