/** A held command without a screen: whatever fails between hold and release, no grant is handed out. */
import { describe, expect, test } from 'vitest';
import { DeskWorld, draft, requirement, stage, type Trouble } from '../../test/support/desk-world.ts';
import { FACTS } from '../../test/support/session-facts.ts';
import type { AuditDraft, AuditEvent } from '../model/audit-event.ts';
import type { Decision } from '../model/decision.ts';
import { SELF_REQUIREMENT } from '../model/requirement.ts';
import type { Presence } from './ports.ts';
import { type HoldOutcome, UnattendedHold } from './unattended-hold.ts';

const COMMAND = 'rm -rf /srv/app/old';

class Bed {
  readonly world = new DeskWorld();
  readonly said: string[] = [];
  readonly written: string[] = [];
  readonly gone = new AbortController();
  again: () => Promise<Decision> = () => Promise.resolve(HELD);
  presence: Presence = 'attached';
  readonly hold: UnattendedHold;
  readonly #decision: Decision;

  constructor(decision: Decision = HELD) {
    const { world } = this;
    this.#decision = decision;
    this.hold = new UnattendedHold({
      facts: FACTS,
      desk: world.desk,
      audit: { append: (event) => this.#append(event) },
      recorder: {
        marker: (label) => this.written.push(label),
        critical: () => this.#inTrouble('recording', { frame: 0, hash: '' }),
      },
      clock: world.clock,
      say: (text) => this.said.push(text),
      bastion: 'bastion',
      keyboard: null,
      presence: () => this.presence,
    });
  }

  /** Holds the command; `outcome` is set once that is over. */
  async start(): Promise<{ outcome: HoldOutcome | 'failed' | 'waiting' }> {
    const state: { outcome: HoldOutcome | 'failed' | 'waiting' } = { outcome: 'waiting' };
    const line = { confidence: 'exact', text: COMMAND, context: 'exec', hidden: false } as const;
    const request = { line, decision: this.#decision, bytes: Buffer.from(COMMAND), decideAgain: () => this.again() };
    this.hold.ask(request, 'event', this.gone.signal).then(
      (outcome) => {
        state.outcome = outcome;
      },
      () => {
        state.outcome = 'failed';
      },
    );
    await this.world.settle();
    return state;
  }

  async approve(): Promise<void> {
    const [request] = await this.world.desk.list();
    if (request === undefined) throw new TypeError('nothing is held');
    await this.world.vote(request, 'alice');
    await this.world.settle();
  }

  async #append(event: AuditDraft): Promise<AuditEvent> {
    this.written.push(event.type);
    const added = {
      v: 1,
      seq: 1,
      time: '',
      id: '',
      node: { id: '', boot: '', version: '' },
      prev: '',
      hash: '',
    } as const;
    return this.#inTrouble(event.type, { ...event, ...added });
  }

  #inTrouble<T>(step: string, result: T): Promise<T> {
    const trouble = this.world.troubles.get(step);
    if (trouble === 'throws') return Promise.reject(new RangeError(`${step} is in trouble`));
    return trouble === 'hangs' ? new Promise(() => undefined) : Promise.resolve(result);
  }
}

const HELD: Decision = draft(SELF_REQUIREMENT).decision;

describe('a held command without a terminal', () => {
  test('is granted once after the code, and written down before', async () => {
    const bed = new Bed();
    const state = await bed.start();
    expect(state.outcome).toBe('waiting');
    await bed.approve();
    expect(state.outcome).toMatchObject({ kind: 'granted', grant: { statement: { command: COMMAND } } });
    expect(bed.written.slice(-2)).toEqual(['command.released', 'APPROVED alice']);
    expect(bed.said.join('')).toContain('approved by alice');
  });

  test('says how it is approved: by signing where no code does', async () => {
    const bed = new Bed();
    await bed.start();
    expect(bed.said.join('')).toMatch(/To approve: ssh -t bastion approve \w{4}\n/);
    const token = requirement([stage({ role: 'sre' }, { factors: ['sk-signature'] })]);
    const signed = new Bed(draft(token).decision);
    await signed.start();
    expect(signed.said.join('')).toMatch(/To approve: ssh -t bastion approve \w{4} --sign\n/);
  });

  test('expires', async () => {
    const bed = new Bed();
    const state = await bed.start();
    bed.world.clock.advance(121_000);
    await bed.world.settle();
    expect(state.outcome).toEqual({ kind: 'refused', expired: true });
    expect(bed.said.join('')).toContain('expired');
  });

  test('is dropped when the user leaves', async () => {
    const bed = new Bed();
    const state = await bed.start();
    bed.gone.abort();
    await bed.world.settle();
    expect(state.outcome).toEqual({ kind: 'refused', expired: false });
  });

  test('is dropped when the session is told so', async () => {
    const bed = new Bed();
    const state = await bed.start();
    bed.hold.drop('the recording failed');
    await bed.world.settle();
    expect(state.outcome).toEqual({ kind: 'refused', expired: false });
  });

  test.each([
    ['denies it now', { ...HELD, effect: 'deny', requirement: null }],
    ['asks under another policy', { ...HELD, policyHash: 'another' }],
  ] as const)('is voided when the policy %s', async (_, decision) => {
    const bed = new Bed();
    bed.again = () => Promise.resolve(decision);
    const state = await bed.start();
    await bed.approve();
    expect(state.outcome).toEqual({ kind: 'refused', expired: false });
    expect((await bed.world.desk.list())[0]?.state).toBe('voided');
  });
});

describe('a held command whose user is not there', () => {
  test.each<[Presence, string]>([
    ['detached', 'nobody was at the terminal'],
    ['moved', 'the address changed and nobody signed in from there'],
  ])('%s: voided though somebody approved it', async (presence, why) => {
    const bed = new Bed();
    const state = await bed.start();
    bed.presence = presence;
    await bed.approve();
    expect(state.outcome).toEqual({ kind: 'refused', expired: false });
    expect((await bed.world.desk.list())[0]).toMatchObject({ state: 'voided', ending: why });
  });

  test('who leaves in the last moment gets nothing', async () => {
    const bed = new Bed();
    const state = await bed.start();
    bed.again = () => {
      bed.presence = 'detached';
      return Promise.resolve(HELD);
    };
    await bed.approve();
    expect(state.outcome).toBe('failed');
    expect(bed.written).toContain('approval.consumed_not_released');
  });
});

describe('nothing is released when a step', () => {
  const steps = ['people.find', 'store.consume', 'command.released', 'recording'];
  const cases = steps.flatMap((step) => (['throws', 'hangs'] as const).map((trouble) => [step, trouble] as const));

  test.each(cases)('%s %s', async (step: string, trouble: Trouble) => {
    const bed = new Bed();
    const state = await bed.start();
    const [request] = await bed.world.desk.list();
    if (request === undefined) throw new TypeError('nothing is held');
    bed.again = () => {
      bed.world.troubles.set(step, trouble);
      return Promise.resolve(HELD);
    };
    await bed.world.vote(request, 'alice');
    await bed.world.settle();
    bed.world.clock.advance(30_000);
    await bed.world.settle();
    expect(state.outcome).not.toMatchObject({ kind: 'granted' });
    expect(state.outcome).not.toBe('waiting');
  });

  test.each(['throws', 'hangs'] as const)('the policy %s', async (trouble) => {
    const bed = new Bed();
    bed.again = () =>
      trouble === 'throws' ? Promise.reject(new RangeError('no policy')) : new Promise(() => undefined);
    const state = await bed.start();
    await bed.approve();
    bed.world.clock.advance(30_000);
    await bed.world.settle();
    expect(state.outcome).toBe('failed');
    expect((await bed.world.desk.list())[0]?.state).toBe('voided');
  });
});
