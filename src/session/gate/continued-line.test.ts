/** A statement over several lines: held as a whole, and typed on one line once it is approved. */
import { describe, expect, test } from 'vitest';
import { GateBed } from '../../../test/support/gate-bed.ts';
import { CODE } from '../../../test/support/memory-approvals.ts';
import { LineTracker } from '../../terminal/line-tracker.ts';

const PROMPT = 'root@web2:~# ';

/** A shell that has been given `first` and asks for more of it; what removes `old` is held. */
async function continued(first: string): Promise<GateBed> {
  const bed = new GateBed({
    tracker: (emulator, clock) => new LineTracker({ emulator, clock, roundTrip: () => 1 }),
  });
  bed.judge = (text) => Promise.resolve(bed.decide(/rm\s+-r\s+old/.test(text) ? 'rm' : 'echo'));
  await bed.pass(20);
  await bed.enter('echo a\r', 400);
  bed.shell.prompt = '> ';
  await bed.enter(`${first}\r`, 400);
  return bed;
}

describe('a statement over several lines', () => {
  test('is held at its last line, shown as one, and runs as that', async () => {
    const bed = await continued('rm -r \\');
    await bed.enter('old\r', 400);
    expect(bed.executed).toEqual(['echo a', 'rm -r \\']);
    expect(bed.seen).toContain('rm -r old');
    bed.shell.prompt = PROMPT;
    await bed.enter(`${CODE}\r`, 1000);
    expect(bed.executed).toEqual(['echo a', 'rm -r \\', 'rm -r old']);
    expect(bed.released).toHaveLength(1);
  });

  test('runs nothing when another prompt stands there after it was cleared', async () => {
    const bed = await continued('rm -r \\');
    await bed.enter('old\r', 400);
    bed.shell.prompt = 'root@db1:~# ';
    await bed.enter(`${CODE}\r`, 3000);
    expect(bed.executed).toEqual(['echo a', 'rm -r \\']);
    expect(bed.released).toEqual([]);
  });

  test('runs nothing when the target keeps it: the session ends', async () => {
    const bed = await continued('rm -r \\');
    await bed.enter('old\r', 400);
    bed.shell.stubborn = true;
    await bed.enter(`${CODE}\r`, 5000);
    expect(bed.executed).toEqual(['echo a', 'rm -r \\']);
    expect(bed.released).toEqual([]);
    expect(bed.ended).toEqual(['a refused line could not be cleared']);
  });

  test('that is denied runs nothing', async () => {
    const bed = await continued('rm -r \\');
    await bed.enter('old\r', 400);
    await bed.enter('\x1b', 3000);
    expect(bed.executed).toEqual(['echo a', 'rm -r \\']);
    expect(bed.released).toEqual([]);
  });

  test('that cannot be put on one line is stopped and cannot be approved', async () => {
    const bed = await continued('rm -r \\');
    bed.shell.prompt = '> ';
    await bed.enter('old; for f in a \\\r', 400);
    expect(bed.executed).toEqual(['echo a', 'rm -r \\']);
    expect(bed.seen).toContain('it continues the line above');
    expect(bed.events).not.toContain('approval.requested');
    expect(bed.events.at(-1)).toBe('command.blocked');
  });
});
