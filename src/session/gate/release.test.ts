/** Between the approval and the submit key: whatever goes wrong at any step, the key is not written. */
import { describe, expect, test } from 'vitest';
import { GateBed, SECOND } from '../../../test/support/gate-bed.ts';
import { CODE } from '../../../test/support/memory-approvals.ts';
import { PaperTracker } from '../../../test/support/paper-tracker.ts';
import { HeldlineError } from '../../base/heldline-error.ts';

interface Held {
  readonly bed: GateBed;
  readonly tracker: PaperTracker;
}

async function held(): Promise<Held> {
  const bed = new GateBed({ tracker: (emulator, clock, shell) => new PaperTracker(emulator, clock, shell) });
  if (!(bed.tracker instanceof PaperTracker)) throw new TypeError('another tracker');
  await bed.hold('rm -r old');
  return { bed, tracker: bed.tracker };
}

function neverReleased(bed: GateBed): void {
  expect(bed.released).toEqual([]);
  expect(bed.executed).toEqual([]);
}

type Fault = () => Promise<never>;

/** Each step between the approval and the key, and how to make it fail. */
const STEPS: readonly (readonly [string, (held: Held, fault: Fault) => void])[] = [
  ['reading the line again', ({ tracker }, fault) => setFault(tracker, fault)],
  [
    'deciding again',
    ({ bed }, fault) => {
      bed.judge = fault;
    },
  ],
  ['consuming in the store', ({ bed }, fault) => failStore(bed, 'consume', fault)],
  ['writing down the consumption', ({ bed }, fault) => failAudit(bed, 'approval.consumed', fault)],
  ['writing down the release', ({ bed }, fault) => failAudit(bed, 'command.released', fault)],
  [
    'recording the release',
    ({ bed }, fault) => {
      bed.critical = fault;
    },
  ],
];

function setFault(tracker: PaperTracker, fault: Fault): void {
  tracker.before = fault;
}

function failStore(bed: GateBed, verb: string, fault: Fault): void {
  bed.approvals.store.before = (called) => (called === verb ? fault() : Promise.resolve());
}

function failAudit(bed: GateBed, type: string, fault: Fault): void {
  bed.approvals.audit.before = (draft) => (draft.type === type ? fault() : Promise.resolve());
}

describe.each(STEPS)('when %s', (_name, inject) => {
  test('throws, the key is not written', async () => {
    const state = await held();
    inject(state, () => Promise.reject(new HeldlineError('test.fault', 'broken')));
    await state.bed.enter(`${CODE}\r`, 20_000);
    neverReleased(state.bed);
    expect(state.bed.shell.line).toBe('');
    expect(state.bed.seen).toContain('cancelled: ');
  });

  test('hangs, the key is not written', async () => {
    const state = await held();
    inject(state, () => new Promise(() => {}));
    await state.bed.enter(`${CODE}\r`, 20_000);
    neverReleased(state.bed);
    expect(state.bed.shell.line).toBe('');
    expect(state.bed.seen).toContain('cancelled: ');
  });

  test('ends after the gate was closed, the key is not written', async () => {
    const state = await held();
    let finish = (): void => {};
    inject(
      state,
      () =>
        new Promise<never>((_resolve, reject) => {
          finish = () => reject(new HeldlineError('test.late', 'late'));
        }),
    );
    await state.bed.enter(`${CODE}\r`, 1200);
    state.bed.gate.close('the connection ended');
    finish();
    await state.bed.pass(1000);
    neverReleased(state.bed);
  });

  test('is overtaken by Ctrl-C, the key is not written', async () => {
    const state = await held();
    let finish = (): void => {};
    const once = new Promise<void>((resolve) => {
      finish = resolve;
    });
    inject(state, () => once.then(() => Promise.reject(new HeldlineError('test.late', 'late'))));
    await state.bed.enter(`${CODE}\r`, 1200);
    await state.bed.enter('\x03', 100);
    finish();
    await state.bed.pass(3000);
    neverReleased(state.bed);
  });
});

describe('a slow step that succeeds after', () => {
  const slow = (bed: GateBed): { finish: () => void } => {
    let finish = (): void => {};
    const later = new Promise<void>((resolve) => {
      finish = resolve;
    });
    bed.critical = () => later;
    return { finish: () => finish() };
  };

  test.each<[string, (bed: GateBed) => void]>([
    ['the gate was closed', (bed) => bed.gate.close('over')],
    ['a lockdown', (bed) => bed.gate.drop('lockdown')],
    [
      'the user was detached',
      (bed) => {
        bed.presence = 'detached';
      },
    ],
    [
      'the address changed',
      (bed) => {
        bed.presence = 'moved';
      },
    ],
    ['the screen moved', (bed) => bed.output('\r\nroot@web2:~# rm -r other')],
  ])('%s releases nothing', async (_name, meanwhile) => {
    const { bed } = await held();
    const step = slow(bed);
    await bed.enter(`${CODE}\r`, 1200);
    meanwhile(bed);
    step.finish();
    await bed.pass(1000);
    neverReleased(bed);
    expect(bed.events).toContain('approval.consumed_not_released');
  });
});

describe('what was approved is not what is there any more', () => {
  test.each<[string, (held: Held) => void]>([
    ['another prompt was drawn while it was held', ({ bed }) => drawPrompt(bed, 'root@prod9:~# ')],
    ['the same prompt was drawn anew', ({ tracker }) => tracker.resync()],
    ['the line on the screen changed', ({ bed }) => bed.output('er')],
    [
      'the editor shows another text than was typed',
      ({ bed }) => {
        bed.shell.distort = (typed) => (typed === 'd' ? 'D' : typed);
      },
    ],
    [
      'the line cannot be cleared',
      ({ bed }) => {
        bed.shell.stubborn = true;
      },
    ],
    [
      'the policy is another one',
      ({ bed }) => {
        bed.policyHash = 'policy-2';
      },
    ],
    [
      'the policy denies it now',
      ({ bed }) => {
        bed.judge = () => Promise.resolve(bed.decide('mkfs'));
      },
    ],
    [
      'nobody is at the terminal',
      ({ bed }) => {
        bed.presence = 'detached';
      },
    ],
  ])('%s: voided', async (_name, change) => {
    const state = await held();
    change(state);
    await state.bed.enter(`${CODE}\r`, 4000);
    neverReleased(state.bed);
  });

  test('a digit that differs by its width only is a difference', async () => {
    const { bed } = await held();
    bed.shell.distort = (typed) => (typed === ' ' ? '\u00a0' : typed);
    await bed.enter(`${CODE}\r`, 4000);
    neverReleased(bed);
  });
});

function drawPrompt(bed: GateBed, prompt: string): void {
  bed.shell.prompt = prompt;
  bed.output(`\r\n${prompt}rm -r old`);
}

describe('a full-screen program', () => {
  test('gets the original key when the line is still the same', async () => {
    const { bed, tracker } = await held();
    await bed.enter('\x1b', 500);
    tracker.override = { place: 'alternate' };
    await bed.hold('rm -r old');
    expect(bed.seen).toContain('A full-screen program');
    await bed.enter(`${CODE}\r`, 500);
    expect(bed.executed).toEqual(['rm -r old']);
    expect(bed.sent.filter(({ bytes }) => bytes.includes(0x15))).toHaveLength(1);
  });

  test('gets nothing when it changed', async () => {
    const { bed, tracker } = await held();
    await bed.enter('\x1b', 500);
    tracker.override = { place: 'alternate' };
    await bed.hold('rm -r old');
    bed.output('er');
    await bed.enter(`${CODE}\r`, 1000);
    neverReleased(bed);
  });
});

test('an approval is good for one line only', async () => {
  const bed = new GateBed({ requirement: SECOND });
  await bed.hold('rm -r old');
  await bed.approvals.vote('bob', 'approve');
  await bed.pass(500);
  await bed.hold('rm -r old');
  expect(bed.seen).toContain('Waiting for');
  expect(bed.executed).toEqual(['rm -r old']);
});
