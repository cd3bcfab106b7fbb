/** What runs after a command, what it is told, who has to agree, and that nothing runs that is not in the log first. */
import { describe, expect, test } from 'vitest';
import { DeskWorld, draft, requirement, stage } from '../../../test/support/desk-world.ts';
import { FACTS } from '../../../test/support/session-facts.ts';
import { LockdownSwitch } from '../../approval/lockdown.ts';
import { silentLogger } from '../../base/logger.ts';
import type { AfterHook } from '../../model/after-hook.ts';
import type { CommandOutcome } from '../../model/command-outcome.ts';
import type { Decision } from '../../model/decision.ts';
import type { Lockdown } from '../../model/lockdown.ts';
import { AfterHooks, type HookResult } from './after-hooks.ts';
import type { HookRun } from './hook-run.ts';
import type { FinishedCommand } from './running-commands.ts';

const HOOK: AfterHook = {
  name: 'restore',
  rule: 'deletes',
  on: ['nonzero', 'disconnect'],
  run: ['/opt/restore', '--host={target}', '{request_id}', '{unknown}'],
  environment: ['REQUEST_ID', 'STATUS'],
  timeout: 60_000,
  needsApproval: false,
};

const DONE: HookResult = { kind: 'exited', code: 0, output: 'restored\n', bytes: 9 };

class Bed {
  readonly world = new DeskWorld();
  readonly runs: HookRun[] = [];
  readonly hooks: AfterHooks;
  readonly lockdown: LockdownSwitch;
  result: () => Promise<HookResult> = () => Promise.resolve(DONE);
  #stored: Lockdown | null = null;

  constructor() {
    const { world } = this;
    const bed = this;
    const audit = {
      append: async (event: (typeof world.events)[number]) => {
        if (world.troubles.get(event.type) === 'throws') throw new RangeError(`${event.type} is in trouble`);
        world.events.push(event);
      },
    };
    const store = {
      get current() {
        return bed.#stored;
      },
      set: async (lockdown: Lockdown | null) => {
        bed.#stored = lockdown;
      },
    };
    this.lockdown = new LockdownSwitch({ store, audit, clock: world.clock, onListenerFailure: () => {} });
    this.hooks = new AfterHooks({
      runner: {
        run: (run, signal) => {
          this.runs.push(run);
          const stopped = new Promise<HookResult>((resolve) => {
            signal.addEventListener('abort', () => resolve({ kind: 'stopped', code: null, output: '', bytes: 0 }));
          });
          return Promise.race([this.result(), stopped]);
        },
      },
      desk: world.desk,
      audit,
      lockdown: this.lockdown,
      clock: world.clock,
      logger: silentLogger,
    });
  }

  async finish(
    outcome: CommandOutcome,
    hooks: readonly AfterHook[],
    asked = COLLEAGUE,
    more: Partial<Decision> = {},
  ): Promise<FinishedCommand> {
    const request = await this.world.open({}, asked);
    const line = { confidence: 'exact', text: 'rm -r old-logs', context: 'exec', hidden: false } as const;
    const decision = { ...draft(asked).decision, after: hooks, ...more };
    const finished = { request, decision, line, submitted: 'event', facts: FACTS, outcome, duration: 5 };
    this.hooks.finished(finished);
    await this.world.settle();
    return finished;
  }

  /** The event that says how the hook ended. */
  get ended() {
    return this.world.events.find((event) => event.type === 'rollback.finished');
  }
}

const COLLEAGUE = requirement([stage({ role: 'sre' })]);
const code = (value: number): CommandOutcome => ({ kind: 'code', code: value });

describe('a hook runs exactly when its rule says', () => {
  test.each<[CommandOutcome, AfterHook['on'], number]>([
    [code(0), ['zero'], 1],
    [code(0), ['nonzero', 'disconnect', 'unknown'], 0],
    [code(1), ['nonzero'], 1],
    [code(255), ['zero', 'disconnect', 'unknown'], 0],
    [{ kind: 'signal', signal: 'TERM' }, ['nonzero'], 1],
    [{ kind: 'signal', signal: 'TERM' }, ['zero', 'disconnect', 'unknown'], 0],
    [{ kind: 'disconnect' }, ['disconnect'], 1],
    [{ kind: 'disconnect' }, ['zero', 'nonzero', 'unknown'], 0],
    [{ kind: 'unknown' }, ['unknown'], 1],
    [{ kind: 'unknown' }, ['zero', 'nonzero', 'disconnect'], 0],
  ])('%j with on: %j runs %d', async (outcome, on, times) => {
    const bed = new Bed();
    await bed.finish(outcome, [{ ...HOOK, on }]);
    expect(bed.runs).toHaveLength(times);
  });

  test('not at all without one', async () => {
    const bed = new Bed();
    await bed.finish(code(1), []);
    expect(bed.world.types.filter((type) => type.startsWith('rollback'))).toEqual([]);
  });
});

test('facts stand in the words and in the variables that it asks for, and nowhere else', async () => {
  const bed = new Bed();
  const { request } = await bed.finish(code(3), [HOOK]);
  expect(bed.runs).toEqual([
    {
      argv: ['/opt/restore', '--host=web2', request.id, '{unknown}'],
      environment: { REQUEST_ID: request.id, STATUS: '3' },
      timeout: 60_000,
    },
  ]);
});

test.each([
  ['TERM', 'SIGTERM'],
  ['-rf /', 'signal'],
  ['TERM; reboot', 'signal'],
])('a signal called %j is told as %s', async (signal, told) => {
  const bed = new Bed();
  await bed.finish({ kind: 'signal', signal }, [{ ...HOOK, run: ['/x', '{status}'] }]);
  expect(bed.runs[0]?.argv).toEqual(['/x', told]);
});

test('is in the log before it runs and with its end, under the session and the request of the command', async () => {
  const bed = new Bed();
  bed.result = async () => {
    expect(bed.world.types.filter((type) => type.startsWith('rollback'))).toEqual(['rollback.triggered']);
    return { ...DONE, code: 4 };
  };
  const { request } = await bed.finish(code(1), [HOOK]);
  expect(bed.ended).toMatchObject({
    outcome: 'failure',
    session: { id: 'session-1' },
    approval: { uid: request.statement.uid },
    detail: { hook: 'restore', after: { kind: 'code', code: 1 }, result: 'exited', code: 4, output: 'restored\n' },
  });
});

test('does not run when the log does not take it', async () => {
  const bed = new Bed();
  bed.world.troubles.set('rollback.triggered', 'throws');
  await bed.finish(code(1), [HOOK]);
  expect(bed.runs).toEqual([]);
});

test('does not run during a lockdown', async () => {
  const bed = new Bed();
  await bed.lockdown.on('root', 'incident');
  await bed.finish(code(1), [HOOK]);
  expect(bed.runs).toEqual([]);
  expect(bed.ended).toMatchObject({ outcome: 'denied', reason: 'the bastion is locked down' });
});

test('those of one target run one after the other', async () => {
  const bed = new Bed();
  let finish = (): void => {};
  bed.result = () =>
    new Promise((resolve) => {
      finish = () => resolve(DONE);
    });
  await bed.finish(code(1), [HOOK]);
  await bed.finish(code(1), [HOOK]);
  expect(bed.runs).toHaveLength(1);
  finish();
  await bed.world.settle();
  expect(bed.runs).toHaveLength(2);
});

test('stopping ends what runs after its grace, and says so', async () => {
  const bed = new Bed();
  bed.result = () => new Promise(() => undefined);
  await bed.finish(code(1), [HOOK]);
  const stopped = bed.hooks.stop(2000);
  await bed.world.settle();
  expect(bed.ended).toBeUndefined();
  bed.world.clock.advance(2000);
  await stopped;
  expect(bed.ended).toMatchObject({ outcome: 'error', detail: { result: 'stopped' } });
});

describe('with an approval of its own', () => {
  const ASKED = { ...HOOK, needsApproval: true };

  async function asking(bed: Bed) {
    const { request } = await bed.finish(code(1), [ASKED], { ...COLLEAGUE, reason: { required: true, minLength: 99 } });
    expect(bed.runs).toEqual([]);
    const asked = (await bed.world.desk.list()).find((one) => one.subject === 'hook');
    if (asked === undefined) throw new TypeError('nobody was asked');
    return { asked, request };
  }

  test('runs once somebody whom the rule asks has approved exactly that', async () => {
    const bed = new Bed();
    const { asked, request } = await asking(bed);
    expect(asked).toMatchObject({ listed: true, state: 'pending', statement: { user: 'alice', target: 'web2' } });
    expect(asked.statement.command).toBe(
      `hook restore after exit code 1 of ${request.id}: /opt/restore --host=web2 ${request.id} {unknown}`,
    );
    expect(await bed.world.vote(asked, 'alice')).toMatchObject({ kind: 'self-refused' });
    await bed.world.settle();
    expect(bed.runs).toEqual([]);
    await bed.world.vote(asked, 'bob');
    await bed.world.settle();
    expect(bed.runs).toHaveLength(1);
    expect((await bed.world.desk.find(asked.statement.uid))?.state).toBe('released');
  });

  test('people are asked about it also when the command passed by break-glass', async () => {
    const bed = new Bed();
    await bed.finish(code(1), [ASKED], COLLEAGUE, { breakGlass: { lifts: [] } });
    const asked = (await bed.world.desk.list()).find((one) => one.subject === 'hook');
    expect(asked).toMatchObject({ state: 'pending', requirement: COLLEAGUE });
    expect(bed.runs).toEqual([]);
  });

  test('no session can use that approval up', async () => {
    const bed = new Bed();
    const { asked } = await asking(bed);
    const { uid } = asked.statement;
    const mine = { session: FACTS.record.id, channel: 0, digest: asked.digest };
    expect(await bed.world.desk.consume(uid, mine)).toMatchObject({ kind: 'refused' });
  });

  test('does not run when it is denied', async () => {
    const bed = new Bed();
    const { asked } = await asking(bed);
    await bed.world.vote(asked, 'bob', { verdict: 'deny', reason: 'leave it', code: null });
    await bed.world.settle();
    expect(bed.runs).toEqual([]);
    expect(bed.ended).toMatchObject({ outcome: 'denied', reason: 'leave it' });
  });

  test('does not run when nobody answers', async () => {
    const bed = new Bed();
    await asking(bed);
    bed.world.clock.advance(COLLEAGUE.expires);
    await bed.world.settle();
    expect(bed.runs).toEqual([]);
    expect(bed.ended).toMatchObject({ outcome: 'expired' });
  });

  test('is given up when the bastion stops', async () => {
    const bed = new Bed();
    await asking(bed);
    await bed.hooks.stop(2000);
    expect(bed.runs).toEqual([]);
    expect(bed.ended).toMatchObject({ outcome: 'denied' });
  });
});
