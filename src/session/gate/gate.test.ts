import { describe, expect, test } from 'vitest';
import { GateBed, SECOND } from '../../../test/support/gate-bed.ts';
import { CODE } from '../../../test/support/memory-approvals.ts';
import { PaperTracker } from '../../../test/support/paper-tracker.ts';
import { HeldlineError } from '../../base/heldline-error.ts';

function paperBed(): { bed: GateBed; tracker: PaperTracker } {
  const bed = new GateBed({ tracker: (emulator, clock, shell) => new PaperTracker(emulator, clock, shell) });
  if (!(bed.tracker instanceof PaperTracker)) throw new TypeError('another tracker');
  return { bed, tracker: bed.tracker };
}

function eventsOf(bed: GateBed, type: string): unknown[] {
  return bed.approvals.audit.events.filter((event) => event.type === type).map((event) => event.command?.text);
}

describe('a line that the policy allows', () => {
  test('runs, and is in the log before it does', async () => {
    const bed = new GateBed();
    let ranBefore = -1;
    bed.approvals.audit.before = () => {
      ranBefore = bed.executed.length;
      return Promise.resolve();
    };
    await bed.enter('ls -l\r');
    expect(bed.executed).toEqual(['ls -l']);
    expect(ranBefore).toBe(0);
    expect(eventsOf(bed, 'command.submitted')).toEqual(['ls -l']);
    expect(bed.sent.at(-1)?.basis.kind).toBe('allowed');
  });

  test('waits for nothing while it is only edited', () => {
    const bed = new GateBed();
    bed.type('ls\x7fa');
    expect(bed.sent.map(({ bytes }) => Buffer.from(bytes).toString()).join('')).toBe('ls\x7fa');
    expect(bed.sent.every(({ basis }) => basis.kind === 'edit')).toBe(true);
  });

  test('keeps its place before what was typed after it', async () => {
    const bed = new GateBed();
    await bed.enter('echo one\recho two\recho three\r', 300);
    expect(bed.executed).toEqual(['echo one', 'echo two', 'echo three']);
    expect(eventsOf(bed, 'command.submitted')).toEqual(['echo one', 'echo two', 'echo three']);
  });

  test('is neither judged nor logged when it is empty', async () => {
    const bed = new GateBed();
    await bed.enter('\r');
    expect(bed.executed).toEqual(['']);
    expect(bed.judged).toEqual([]);
    expect(bed.events).toEqual([]);
  });

  test('gets another event when the target did not take it', async () => {
    const { bed, tracker } = paperBed();
    tracker.confirmed = 'not-executed';
    await bed.enter('ls\r');
    expect(bed.events).toEqual(['command.submitted', 'command.unconfirmed']);
    expect(bed.approvals.audit.events[1]?.command?.of).toBe(bed.approvals.audit.events[0]?.id);
  });

  test('does not run when it cannot be written down', async () => {
    const bed = new GateBed();
    bed.approvals.audit.before = () => Promise.reject(new HeldlineError('test.disk', 'full'));
    await bed.enter('ls\r', 3000);
    expect(bed.executed).toEqual([]);
    expect(bed.seen).toContain('heldline: something failed on the way, so the line was dropped.');
  });

  test('does not run when the policy never answers', async () => {
    const bed = new GateBed();
    bed.judge = () => new Promise(() => {});
    await bed.enter('ls\r', 15_000);
    expect(bed.executed).toEqual([]);
    expect(bed.shell.line).toBe('');
  });
});

describe('a line that a rule forbids', () => {
  test('is taken off the target and the screen says why, under the line', async () => {
    const bed = new GateBed();
    await bed.enter('mkfs /dev/sda\r');
    expect(bed.executed).toEqual([]);
    expect(bed.shell.line).toBe('');
    expect(bed.events).toEqual(['command.submitted', 'command.blocked']);
    expect(bed.seen).toBe(
      [
        'root@web2:~# mkfs /dev/sda',
        'heldline: blocked by rule disk-wipe: writing to a block device is never',
        '          allowed. Nothing was sent to web2.',
        'root@web2:~#',
      ].join('\n'),
    );
  });

  test('takes with it what was typed after it', async () => {
    const bed = new GateBed();
    await bed.enter('mkfs /dev/sda\recho next\recho more', 300);
    expect(bed.executed).toEqual([]);
    expect(bed.shell.line).toBe('');
  });

  test('is cleared by Ctrl-C when Ctrl-U does nothing', async () => {
    const bed = new GateBed();
    bed.shell.deafToKill = true;
    await bed.enter('mkfs /dev/sda\r', 2500);
    expect(bed.shell.line).toBe('');
    expect(bed.seen).toContain('root@web2:~# mkfs /dev/sda^C\nheldline: blocked by rule disk-wipe');
    expect(bed.ended).toEqual([]);
  });

  test('ends the session when it cannot be cleared at all', async () => {
    const bed = new GateBed();
    bed.shell.stubborn = true;
    await bed.enter('mkfs /dev/sda\r', 3000);
    expect(bed.executed).toEqual([]);
    expect(bed.ended).toEqual(['a refused line could not be cleared']);
  });

  test('leaves the next line usable', async () => {
    const bed = new GateBed();
    await bed.enter('mkfs /dev/sda\r', 300);
    await bed.enter('ls\r', 300);
    expect(bed.executed).toEqual(['ls']);
  });
});

describe('hidden input', () => {
  test('that matches a rule is denied, and its text is nowhere', async () => {
    const bed = new GateBed();
    bed.shell.echo = false;
    await bed.enter('rm -r secret\r', 3000);
    expect(bed.executed).toEqual([]);
    expect(bed.seen).toContain('hidden input matches a rule');
    const written = JSON.stringify([bed.approvals.audit.events, bed.recorded, bed.markers, bed.seen]);
    expect(written).not.toContain('secret');
  });

  test('that matches none passes, and its text is nowhere', async () => {
    const bed = new GateBed();
    bed.shell.echo = false;
    await bed.enter('hunter2\r');
    expect(bed.executed).toEqual(['hunter2']);
    expect(eventsOf(bed, 'command.submitted')).toEqual([null]);
    expect(JSON.stringify([bed.approvals.audit.events, bed.recorded, bed.markers])).not.toContain('hunter2');
  });
});

describe('a line that cannot be approved', () => {
  test('whatever proves an approval: there is nothing to sign where the text is not known', async () => {
    const { bed, tracker } = paperBed();
    bed.requirement = { ...SECOND, stages: SECOND.stages.map((one) => ({ ...one, factors: ['sk-signature'] })) };
    const line = { confidence: 'opaque', text: null, context: 'shell', hidden: false, reason: 'no prompt' } as const;
    tracker.override = { line, candidates: [{ text: 'rm -r x', context: 'shell' }], releasable: false };
    await bed.enter('rm -r x\r', 300);
    expect(bed.events).toEqual(['command.submitted', 'command.blocked']);
    expect(bed.approvals.store.requests.size).toBe(0);
    expect(bed.executed).toEqual([]);
  });

  test.each([
    ['because its text is not known', { text: null, reason: 'there is no prompt' }],
    ['because it may be something else', { text: 'rm -r !$', reason: "it takes text from the shell's history (!$)" }],
  ])('%s is refused and says so', async (_name, { text, reason }) => {
    const { bed, tracker } = paperBed();
    const line = { confidence: 'opaque' as const, text, context: 'shell' as const, hidden: false, reason };
    tracker.override = { line, candidates: [{ text: 'rm -r x', context: 'shell' }], releasable: false };
    await bed.enter('rm -r x\r', 300);
    expect(bed.executed).toEqual([]);
    expect(bed.events).toEqual(['command.submitted', 'command.blocked']);
    expect(bed.seen).toContain('this line could not be read with');
    expect(bed.seen).toContain(reason);
  });

  test('has no way round through a continuation', async () => {
    const { bed, tracker } = paperBed();
    tracker.override = { place: 'continuation' };
    await bed.enter('rm -r x\r', 2000);
    expect(bed.executed).toEqual([]);
    expect(bed.seen).toContain('it continues the line above');
  });
});

describe('a paste of several lines', () => {
  const paste = (text: string): string => `\x1b[200~${text}\x1b[201~`;

  test('passes as one when every line is allowed', async () => {
    const bed = new GateBed();
    await bed.enter(paste('echo one\recho two'));
    expect(bed.shell.line).toBe('echo one\necho two');
    expect(bed.judged).toEqual(expect.arrayContaining(['echo one', 'echo two']));
    expect(bed.events).toEqual(['command.pasted']);
  });

  test('is typed and judged line by line when one is not', async () => {
    const bed = new GateBed();
    await bed.enter(paste('echo one\rrm -r old\recho two\r'), 300);
    expect(bed.executed).toEqual(['echo one']);
    expect(bed.seen).toContain('rm -r old');
    await bed.enter(`${CODE}\r`, 500);
    expect(bed.executed).toEqual(['echo one', 'rm -r old', 'echo two']);
  });

  test('loses the lines behind a refused one', async () => {
    const bed = new GateBed();
    await bed.enter(paste('echo one\rmkfs /dev/sda\recho two\r'), 500);
    expect(bed.executed).toEqual(['echo one']);
    expect(bed.shell.line).toBe('');
  });

  test('is the same as keys while the target has no use for bracketed paste', async () => {
    const bed = new GateBed({ bracketedPaste: false });
    await bed.enter('echo one\rmkfs /dev/sda\recho two\r', 500);
    expect(bed.executed).toEqual(['echo one']);
  });
});

describe('Ctrl-C', () => {
  test('does not wait behind a line that is being checked', async () => {
    const bed = new GateBed();
    bed.judge = () => new Promise(() => {});
    await bed.enter('ls\r');
    await bed.enter('\x03');
    expect(bed.sent.at(-1)?.bytes).toEqual(new Uint8Array([3]));
    expect(bed.executed).toEqual([]);
    bed.judge = (text) => Promise.resolve(bed.decide(text));
    await bed.enter('pwd\r');
    expect(bed.executed).toEqual(['pwd']);
  });

  test('passes at once while nothing is checked', () => {
    const bed = new GateBed();
    bed.type('sleep\x03');
    expect(bed.sent.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(['sleep', '\x03']);
  });
});

describe('a gate that was closed', () => {
  test('passes nothing any more', async () => {
    const bed = new GateBed();
    bed.gate.close('over');
    await bed.enter('ls\r');
    expect(bed.sent).toEqual([]);
  });

  test('passes no line that was being checked', async () => {
    const bed = new GateBed();
    let answer = (): void => {};
    bed.judge = (text) =>
      new Promise((resolve) => {
        answer = () => resolve(bed.decide(text));
      });
    await bed.enter('ls\r');
    bed.gate.close('over');
    answer();
    await bed.pass(100);
    expect(bed.executed).toEqual([]);
  });
});

describe('a valid code typed outside of a panel', () => {
  test.each([
    ['key by key', [...CODE]],
    ['at once', [CODE]],
    ['with a blank', ['492 039']],
    ['pasted', [`\x1b[200~${CODE}\x1b[201~`]],
  ])('%s is used up, is not sent and the user is warned', async (_name, keys) => {
    const bed = new GateBed();
    for (const key of keys) await bed.enter(key);
    expect(bed.seen).toContain('that was a valid one-time code');
    expect(JSON.stringify([bed.recorded, bed.approvals.audit.events, bed.markers])).not.toContain(CODE);
    expect(bed.events).toEqual(['approval.code_misplaced']);
    await bed.enter('\x15rm -r old\r', 300);
    await bed.enter(`${CODE}\r`);
    expect(bed.seen).toContain('That code was used already');
  });

  test.each(['111111', '4920391', 'x492039', `echo ${CODE}`])('%s is just text', async (text) => {
    const bed = new GateBed();
    await bed.enter(text);
    expect(bed.shell.line).toBe(text);
    expect(bed.events).toEqual([]);
  });
});

describe('while the recording does not work', () => {
  test('a held line is denied and nothing is written until it works again', async () => {
    const bed = new GateBed();
    await bed.hold('rm -r old');
    bed.failure = new HeldlineError('test.disk', 'full');
    bed.gate.drop('the recording failed');
    await bed.pass(3000);
    expect(bed.shell.line).toBe('rm -r old');
    expect(bed.events).toContain('approval.cancelled');
    expect(bed.ended).toEqual([]);
    bed.failure = null;
    bed.recover();
    await bed.pass(300);
    expect(bed.shell.line).toBe('');
    expect(bed.seen).toContain('cancelled: the recording failed.');
    expect(bed.executed).toEqual([]);
  });
});

test('too many held lines are refused with the reason', async () => {
  const bed = new GateBed();
  bed.approvals.store.before = (verb) =>
    verb === 'open'
      ? Promise.reject(
          new HeldlineError('approval.too-many', 'There are 20 held commands of yours already.', {
            kind: 'not-allowed',
          }),
        )
      : Promise.resolve();
  await bed.enter('rm -r old\r', 300);
  expect(bed.seen).toContain('heldline: There are 20 held commands of yours already. Nothing was sent to');
  expect(bed.executed).toEqual([]);
});
