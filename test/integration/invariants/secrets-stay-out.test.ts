/** Invariant 6: one-time codes and input that is not echoed are in no recording, no log and no byte to the target. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GateBed } from '../../support/gate-bed.ts';
import { CODE } from '../../support/memory-approvals.ts';

/** Everything that outlives the session, as text. */
function kept(bed: GateBed): string {
  return [...bed.recorded, ...bed.markers, JSON.stringify(bed.approvals.audit.events)].join('\n');
}

/** Everything that the target was sent. */
function sent(bed: GateBed): string {
  return bed.sent.map(({ bytes }) => Buffer.from(bytes).toString('latin1')).join('');
}

const digits = fc.stringMatching(/^[0-9]{6}$/).filter((code) => code !== CODE);

describe('Secrets stay out', () => {
  test('of codes in the panel, right and wrong ones, nothing is kept or sent', async () => {
    const run = async (wrong: string): Promise<void> => {
      const bed = new GateBed();
      await bed.hold();
      await bed.enter(`${wrong}\r`, 200);
      expect(bed.seen).toContain('not right');
      await bed.enter(`${CODE}\r`, 1000);
      expect(bed.executed).toEqual(['rm -r old']);
      for (const code of [wrong, CODE]) {
        expect(kept(bed)).not.toContain(code);
        expect(sent(bed)).not.toContain(code);
        expect(bed.seen).not.toContain(code);
      }
    };
    await fc.assert(fc.asyncProperty(digits, run), { numRuns: 30 });
  });

  test('a code that is typed digit by digit and taken back is not kept either', async () => {
    const bed = new GateBed();
    await bed.hold();
    for (const digit of CODE) await bed.enter(digit, 5);
    await bed.enter('\x1b', 500);
    expect(bed.seen).toContain('cancelled');
    expect(kept(bed) + sent(bed)).not.toContain(CODE);
  });

  test('a valid code at the prompt is burnt: it is not sent on, and not written down', async () => {
    const bed = new GateBed();
    await bed.enter(CODE);
    await bed.enter('\r', 1000);
    expect(bed.executed.filter((line) => line !== '')).toEqual([]);
    expect(JSON.stringify(bed.approvals.audit.events)).not.toContain(CODE);
    expect(bed.recorded.join('')).not.toContain(CODE);
    await bed.hold();
    await bed.enter(`${CODE}\r`, 200);
    expect(bed.seen).toMatch(/used already|not right/);
  });

  test('what is typed where nothing is echoed is not in the log', async () => {
    const bed = new GateBed();
    bed.shell.echo = false;
    await bed.enter('hunter2-secret', 2000);
    await bed.enter('\r', 20_000);
    expect(kept(bed)).not.toContain('hunter2-secret');
    const submitted = bed.approvals.audit.events.filter((event) => event.type === 'command.submitted');
    expect(submitted.map((event) => event.command?.text)).toEqual([null]);
  });
});
