/** What somebody can do while others are asked about their line: remind them, write to them, and nothing by accident. */
import { describe, expect, test } from 'vitest';
import { GateBed, type GateBedOptions, SECOND } from '../../../test/support/gate-bed.ts';
import { READY_DELAY } from './panel-keys.ts';

async function waiting(options: GateBedOptions = {}): Promise<GateBed> {
  const bed = new GateBed({ requirement: SECOND, ...options });
  await bed.hold('rm -r old');
  expect(bed.seen).toContain('HELD');
  await bed.pass(READY_DELAY);
  return bed;
}

const messagesOf = (bed: GateBed): readonly string[] => (bed.approvals.open.messages ?? []).map(({ text }) => text);
const remindersOf = (bed: GateBed): number => bed.approvals.open.reminded?.times ?? 0;

/** Nothing was said, sent or released. */
function nothingHappened(bed: GateBed): void {
  expect(messagesOf(bed)).toEqual([]);
  expect(remindersOf(bed)).toBe(0);
  expect(bed.released).toEqual([]);
  expect(bed.executed).toEqual([]);
}

describe('r reminds', () => {
  test('those who are asked, not sooner than half a minute after they were told, and says so', async () => {
    const bed = await waiting();
    expect(bed.seen).toContain('r remind   m message   u urgency');
    await bed.pass(10_000);
    await bed.enter('r');
    expect(bed.seen).toMatch(/They were told 11 s ago; again in 19 s\./);
    expect(remindersOf(bed)).toBe(0);
    await bed.pass(20_000);
    await bed.enter('r');
    expect(bed.seen).toContain('Reminder 1 of 5 went out; the next one can follow in 30 s.');
    await bed.pass(READY_DELAY);
    await bed.enter('r');
    expect(bed.seen).toMatch(/again in \d+ s/);
    expect(remindersOf(bed)).toBe(1);
    expect(bed.events.filter((type) => type === 'approval.reminded')).toHaveLength(1);
  });

  test('also from one line on a narrow terminal', async () => {
    const bed = await waiting({ cols: 39 });
    expect(bed.seen).toMatch(/^HELD [0-9A-Z]{4} waiting {2}r m \? Esc$/m);
    await bed.pass(31_000);
    await bed.enter('r');
    expect(remindersOf(bed)).toBe(1);
    expect(bed.seen).toMatch(/^HELD [0-9A-Z]{4} Reminder 1 of 5 went/m);
  });

  test('and nothing goes out that the log did not take', async () => {
    const bed = await waiting();
    await bed.pass(31_000);
    bed.approvals.audit.before = () => Promise.reject(new Error('no disk'));
    await bed.enter('r');
    expect(bed.seen).toContain('That could not be written down just now. Try again.');
    nothingHappened(bed);
  });
});

describe('m writes a message', () => {
  test('that stands with the request, changes nothing of it and approves nothing', async () => {
    const bed = await waiting();
    const before = bed.approvals.open;
    await bed.enter('m');
    expect(bed.seen).toContain('Message: _');
    expect(bed.seen).toContain('Enter sends   Esc back');
    await bed.enter('please look');
    expect(bed.seen).toContain('Message: please look_');
    await bed.enter('\r');
    expect(bed.seen).toContain('Message 1 of 5 went to those who are asked.');
    expect(messagesOf(bed)).toEqual(['please look']);
    const { digest, statement, requirement, votes, state } = bed.approvals.open;
    expect({ digest, statement, requirement, votes, state }).toEqual({
      digest: before.digest,
      statement: before.statement,
      requirement: before.requirement,
      votes: [],
      state: 'pending',
    });
    expect(bed.approvals.audit.events.at(-1)).toMatchObject({
      type: 'approval.message',
      approval: { message: 'please look' },
    });
    expect(bed.executed).toEqual([]);
  });

  test('in one line on a narrow terminal, of which the end is shown', async () => {
    const bed = await waiting({ cols: 39 });
    await bed.enter('m');
    await bed.enter('the primary of the payroll database is down');
    expect(bed.seen).toMatch(/^HELD [0-9A-Z]{4} msg\? .*database is down$/m);
    await bed.enter('\r');
    expect(messagesOf(bed)).toEqual(['the primary of the payroll database is down']);
  });

  test('whose hostile text arrives harmless and short', async () => {
    const bed = await waiting();
    await bed.enter('m');
    const hostile = `<!channel> \u202egnp.exe\u202c \u2066x\u0007 line one\nline two ${'A'.repeat(10_000)}`;
    await bed.enter(`\x1b[200~${hostile}\x1b[201~`);
    await bed.enter('\r');
    const [text = ''] = messagesOf(bed);
    expect(text).toMatch(/^<!channel> \\u202egnp\.exe\\u202c \\u2066x/);
    expect(text).toContain('line one line two');
    expect(text).toMatch(/^[ -~]*$/);
    expect(text).toHaveLength(300);
    expect(bed.executed).toEqual([]);
  });

  test('that Esc drops, without dropping the line; a second Esc drops that', async () => {
    const bed = await waiting();
    await bed.enter('m');
    await bed.enter('never mind');
    await bed.enter('\x1b', 300);
    expect(bed.seen).toContain('Waiting for one of role sre');
    nothingHappened(bed);
    await bed.enter('\x1b', 500);
    expect(bed.seen).toContain('cancelled. Nothing was sent to web2.');
  });

  test('also after another one was dropped by Esc', async () => {
    const bed = await waiting();
    await bed.enter('m');
    await bed.enter('never mind\x1b', 2 * READY_DELAY);
    await bed.enter('m');
    await bed.enter('jam on port 25, sorry');
    await bed.enter('\r');
    expect(messagesOf(bed)).toEqual(['jam on port 25, sorry']);
  });

  test.each([
    ['a code', '492039', 'what looks like a code'],
    ['a code with a blank', '492 039', 'what looks like a code'],
    ['a code in a sentence', 'take 492039 then', 'what looks like a code'],
  ])('but not %s', async (_what, text, words) => {
    const bed = await waiting();
    await bed.enter('m');
    await bed.enter(text);
    await bed.enter('\r');
    expect(bed.seen).toContain(words);
    nothingHappened(bed);
    expect(JSON.stringify(bed.approvals.audit.events)).not.toContain(text);
  });

  test('and an empty one is none', async () => {
    const bed = await waiting();
    await bed.enter('m');
    await bed.enter('   \r');
    expect(bed.seen).toContain('Waiting for one of role sre');
    nothingHappened(bed);
  });

  test('five times at most', async () => {
    const bed = await waiting();
    for (const text of ['one', 'two', 'three', 'four', 'five', 'six']) {
      await bed.enter('m');
      await bed.enter(text);
      await bed.enter('\r', READY_DELAY);
    }
    expect(messagesOf(bed)).toEqual(['one', 'two', 'three', 'four', 'five']);
    expect(bed.seen).toContain('5 messages are as many as one request takes.');
  });
});

describe('by accident nothing is said', () => {
  test.each(['hammer1', 'mysql -p', 'curl -u admin:Sommer99 x', 'user'])(
    'by somebody who goes on typing another line: %s',
    async (typed) => {
      const bed = new GateBed({ requirement: SECOND });
      await bed.hold('rm -r old');
      for (const character of `${typed}\r`) await bed.enter(character, 80);
      nothingHappened(bed);
      expect(bed.approvals.open.urgency).toBeUndefined();
    },
  );

  test.each([
    ['r', 'rm -r old\rr'],
    ['a message', 'rm -r old\rmhello\r'],
  ])('what was typed before the panel is not for it: %s', async (_what, typed) => {
    const bed = new GateBed({ requirement: SECOND });
    await bed.enter(typed, 31_000);
    expect(bed.seen).toContain('Waiting for one of role sre');
    nothingHappened(bed);
  });

  test.each([
    ['several keys that came together', 'mr'],
    ['a paste', '\x1b[200~r\x1b[201~'],
    ['another paste', '\x1b[200~m\x1b[201~'],
  ])('%s', async (_what, keys) => {
    const bed = await waiting();
    await bed.pass(31_000);
    await bed.enter(keys);
    expect(bed.seen).not.toContain('Message:');
    nothingHappened(bed);
  });

  test('where the own code is asked for, they are no keys', async () => {
    const bed = new GateBed();
    await bed.hold('rm -r old');
    await bed.pass(31_000);
    await bed.enter('r');
    await bed.enter('m');
    expect(bed.seen).toContain('Your code: ___ ___');
    nothingHappened(bed);
  });
});

describe('a decision while a message is written', () => {
  test('approval: it waits for an Enter that was not meant for the message', async () => {
    const bed = await waiting();
    await bed.enter('m');
    await bed.enter('please lo');
    await bed.approvals.vote('bob', 'approve', 'go');
    await bed.pass(600);
    await bed.enter('ok at INC-4711', 50);
    await bed.enter('\r', 300);
    expect(bed.executed).toEqual([]);
    expect(bed.seen).toContain('bob approved: "go". Enter runs it once, Esc drops it.');
    await bed.pass(600);
    await bed.enter('\r', 500);
    expect(bed.executed).toEqual(['rm -r old']);
    expect(bed.events).not.toContain('approval.message');
  });

  test.each<[string, (bed: GateBed) => Promise<unknown>, string]>([
    ['denial', (bed) => bed.approvals.vote('bob', 'deny', 'no'), 'denied by bob: "no"'],
    ['expiry', async (bed) => bed.clock.jump(130_000), 'expired'],
  ])('%s: the rest of it is no line of the shell', async (_what, decide, verdict) => {
    const bed = await waiting();
    await bed.enter('m');
    await bed.enter('please lo');
    await decide(bed);
    while (!bed.seen.includes('This is over')) await bed.pass(100);
    await bed.enter('ok at INC-4711', 300);
    await bed.enter('\r', 300);
    expect(bed.seen).toContain('This is over. What you type now is dropped.');
    await bed.pass(1500);
    expect(bed.seen).toContain(verdict);
    expect(bed.shell.line).toBe('');
    expect(bed.executed).toEqual([]);
    await bed.enter('ls\r', 300);
    expect(bed.executed).toEqual(['ls']);
  });

  test('whoever types on for ever has their shell back all the same', async () => {
    const bed = await waiting();
    await bed.enter('m');
    await bed.approvals.vote('bob', 'deny');
    for (let count = 0; count < 11; count += 1) await bed.enter('x', 500);
    expect(bed.seen).toContain('denied by bob');
  });

  test('a lockdown waits for nobody', async () => {
    const bed = await waiting();
    await bed.enter('m');
    await bed.enter('please lo');
    bed.gate.drop('lockdown');
    await bed.pass(300);
    expect(bed.seen).toContain('cancelled: lockdown. Nothing was sent to web2.');
  });
});
