/** Reads the audit log of a running bastion as it grows, each event once. */
import { open, readdir } from 'node:fs/promises';
import type { Bastion, JsonObject } from '../support/bastion.ts';
import { waitUntil } from '../support/wait-until.ts';

export class AuditTail {
  readonly #bastion: Bastion;
  readonly #read = new Map<string, number>();
  #reading: Promise<void> = Promise.resolve();
  readonly #sessions = new Map<string, JsonObject[]>();

  constructor(bastion: Bastion) {
    this.#bastion = bastion;
  }

  /**
   * The events of the newest session with `target`, once it has ended. Ask while no other session with that target
   * is open, and again only for the next one: the events are handed out once.
   */
  sessionOf(target: string): Promise<readonly JsonObject[]> {
    return waitUntil(`the end of the session with ${target}`, () => this.#endedSession(target), 20_000);
  }

  async #endedSession(target: string): Promise<readonly JsonObject[] | null> {
    // One after the other: two at once would take the same events.
    this.#reading = this.#reading.then(() => this.#readOn());
    await this.#reading;
    for (const [id, events] of this.#sessions) {
      const begun = events.find((event) => event['type'] === 'session.started');
      if (nameOf(begun?.['target']) !== target) continue;
      if (!events.some((event) => event['type'] === 'session.ended')) continue;
      this.#sessions.delete(id);
      return events;
    }
    return null;
  }

  async #readOn(): Promise<void> {
    const names = await readdir(this.#bastion.at(), { recursive: true });
    for (const name of names.filter((path) => /(^|\/)audit\/.*\.ndjson$/.test(path)).sort()) {
      for (const event of await this.#newEvents(this.#bastion.at(...name.split('/')), name)) this.#keep(event);
    }
  }

  async #newEvents(path: string, name: string): Promise<readonly JsonObject[]> {
    const file = await open(path);
    try {
      const from = this.#read.get(name) ?? 0;
      const { size } = await file.stat();
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
      const whole = buffer.subarray(0, buffer.subarray(0, bytesRead).lastIndexOf(0x0a) + 1);
      this.#read.set(name, from + whole.length);
      return whole
        .toString('utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line): JsonObject => JSON.parse(line));
    } finally {
      await file.close();
    }
  }

  #keep(event: JsonObject): void {
    const session = event['session'];
    const id = typeof session === 'object' && session !== null && 'id' in session ? String(session.id) : '';
    if (id === '') return;
    this.#sessions.set(id, [...(this.#sessions.get(id) ?? []), event]);
  }
}

function nameOf(target: unknown): string | null {
  return typeof target === 'object' && target !== null && 'name' in target ? String(target.name) : null;
}
