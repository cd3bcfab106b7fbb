/** Somebody freezes the input of a terminal: nothing passes, nothing is kept for later, what is held is denied. */
import { describe, expect, test } from 'vitest';
import { GateBed } from '../../../test/support/gate-bed.ts';
import { CODE } from '../../../test/support/memory-approvals.ts';
import { LineTracker } from '../../terminal/line-tracker.ts';

const WHY = 'wrong host (bob)';

test('what is typed while it is frozen is dropped; what comes afterwards passes', async () => {
  const bed = new GateBed();
  await bed.enter('echo one\r');
  bed.gate.halt(WHY);
  const before = bed.sent.length;
  await bed.enter('echo two\r');
  await bed.enter('\x03\x04');
  expect(bed.sent).toHaveLength(before);
  bed.gate.resume();
  await bed.pass(1000);
  expect(bed.sent).toHaveLength(before);
  await bed.enter('echo three\r');
  expect(bed.executed).toEqual(['echo one', 'echo three']);
});

test('a held line is denied with the reason, and its code does not help any more', async () => {
  const bed = new GateBed();
  await bed.hold();
  bed.gate.halt(WHY);
  await bed.enter(`${CODE}\r`, 5000);
  expect(bed.executed).toEqual([]);
  expect(bed.released).toEqual([]);
  expect(bed.seen).toContain(`cancelled: ${WHY}`);
  bed.gate.resume();
  await bed.enter('echo after\r');
  expect(bed.executed).toEqual(['echo after']);
});

describe('a line that is on its way', () => {
  test('of the policy does not pass', async () => {
    const bed = new GateBed();
    let answer = (): void => {};
    bed.judge = (text) =>
      new Promise((resolve) => {
        answer = () => resolve(bed.decide(text));
      });
    await bed.enter('echo one');
    await bed.enter('\recho two\r');
    bed.gate.halt(WHY);
    answer();
    await bed.pass(2000);
    expect(bed.executed).toEqual([]);
    bed.gate.resume();
    await bed.pass(2000);
    expect(bed.executed).toEqual([]);
  });

  test('of a release does not pass', async () => {
    const bed = new GateBed();
    await bed.hold();
    let finish = (): void => {};
    bed.critical = () =>
      new Promise((resolve) => {
        finish = resolve;
      });
    await bed.enter(`${CODE}\r`, 1200);
    bed.gate.halt(WHY);
    finish();
    await bed.pass(5000);
    expect(bed.executed).toEqual([]);
    expect(bed.released).toEqual([]);
  });
});

test('keys that are looked at for a code do not pass', async () => {
  const bed = new GateBed();
  let answer = (): void => {};
  bed.burn = () =>
    new Promise((resolve) => {
      answer = () => resolve(false);
    });
  await bed.enter('123456');
  bed.gate.halt(WHY);
  answer();
  await bed.pass(2000);
  expect(bed.sent).toEqual([]);
});

test('the end of the input waits', async () => {
  const bed = new GateBed();
  bed.gate.halt(WHY);
  bed.gate.inputEnd();
  await bed.enter('echo two\r');
  bed.gate.resume();
  await bed.pass(100);
  expect(bed.executed).toEqual([]);
});

describe('in strict line mode', () => {
  async function strictBed(): Promise<GateBed> {
    const bed = new GateBed({
      strict: true,
      tracker: (emulator, clock) => new LineTracker({ emulator, clock, roundTrip: () => 1 }),
    });
    await bed.pass(400);
    return bed;
  }

  test('what is typed, waits or is typed meanwhile is dropped; what comes afterwards passes', async () => {
    const bed = await strictBed();
    await bed.enter('echo one\r', 600);
    bed.type('echo two\recho three');
    bed.gate.halt(WHY);
    await bed.enter('echo four\r\x03', 1000);
    bed.gate.resume();
    await bed.pass(1000);
    expect(bed.executed).toEqual(['echo one']);
    await bed.enter('echo five\r', 1000);
    expect(bed.executed).toEqual(['echo one', 'echo five']);
  });

  test('a held line is denied', async () => {
    const bed = await strictBed();
    await bed.enter('rm -r old\r', 600);
    expect(bed.seen).toContain('HELD');
    bed.gate.halt(WHY);
    await bed.enter(`${CODE}\r`, 5000);
    expect(bed.released).toEqual([]);
    expect(bed.executed).toEqual([]);
  });
});
