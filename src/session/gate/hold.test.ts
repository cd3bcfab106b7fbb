/** What a held line looks like to the user, key by key, until it is decided. */
import { describe, expect, test } from 'vitest';
import { GateBed, type GateBedOptions, SECOND } from '../../../test/support/gate-bed.ts';
import { CODE } from '../../../test/support/memory-approvals.ts';
import type { Requirement } from '../../model/requirement.ts';
import { HELD_OUTPUT_LIMIT } from './user-screen.ts';

async function held(options: GateBedOptions = {}): Promise<GateBed> {
  const bed = new GateBed(options);
  await bed.hold('rm -r old');
  expect(bed.seen).toContain('HELD');
  return bed;
}

/** The verdict as it stands on the screen, without the id. */
function verdict(bed: GateBed): string {
  const text = bed.seen.replaceAll(/\n {10}/g, ' ');
  return /^heldline: [0-9A-Z]{4} (.*)$/m.exec(text)?.[1] ?? `no verdict in: ${bed.seen}`;
}

function neverReleased(bed: GateBed): void {
  expect(bed.released).toEqual([]);
  expect(bed.executed).toEqual([]);
}

describe('the own code', () => {
  test('runs the line once, after log and recording have it', async () => {
    const bed = await held();
    expect(bed.seen).toContain('your phrase: green teapot');
    await bed.enter(`${CODE}\r`, 500);
    expect(bed.executed).toEqual(['rm -r old']);
    expect(bed.released).toHaveLength(1);
    expect(bed.seen.split('\n')).toEqual([
      'root@web2:~# rm -r old',
      expect.stringMatching(/^heldline: [0-9A-Z]{4} approved by alice \(own code\)\. Running once\.$/),
      'root@web2:~#',
    ]);
    expect(bed.events).toEqual([
      'command.submitted',
      'command.held',
      'approval.requested',
      'approval.vote',
      'approval.approved',
      'approval.consumed',
      'command.released',
      'command.sent',
    ]);
  });

  test('is in no recording, marker or event', async () => {
    const bed = await held();
    await bed.enter(`${CODE}\r`, 500);
    const kept = JSON.stringify([bed.recorded, bed.markers, bed.approvals.audit.events]);
    expect(kept).not.toContain(CODE);
  });

  test('is asked for again when it is wrong, three times in all', async () => {
    const bed = await held();
    await bed.enter('111111\r');
    expect(bed.seen).toContain('That code is not right. 2 tries left.');
    await bed.enter('222222\r');
    expect(bed.seen).toContain('That code is not right. 1 try left.');
    await bed.enter('333333\r', 500);
    expect(verdict(bed)).toMatch(/^denied .*Nothing was sent to web2\.$/);
    neverReleased(bed);
    await bed.enter('ls\r');
    expect(bed.executed).toEqual(['ls']);
  });

  test('is refused when it was used already', async () => {
    const bed = await held();
    await bed.enter(`${CODE}\r`, 500);
    await bed.hold('rm -r older');
    await bed.enter(`${CODE}\r`);
    expect(bed.seen).toContain('That code was used already; wait for the next one (12 s).');
    expect(bed.executed).toEqual(['rm -r old']);
  });

  test('is submitted by Enter, not by the sixth digit', async () => {
    const bed = await held();
    await bed.enter(CODE, 300);
    expect(bed.seen).toContain('Your code: *** ***');
    neverReleased(bed);
  });

  test.each([
    ['Esc', '\x1b'],
    ['Ctrl-C', '\x03'],
  ])('%s cancels', async (_name, key) => {
    const bed = await held();
    await bed.enter(`492${key}`, 500);
    expect(verdict(bed)).toBe('cancelled. Nothing was sent to web2.');
    expect(bed.seen.split('\n')[0]).toBe('root@web2:~# rm -r old');
    expect(bed.shell.line).toBe('');
    expect(bed.events.at(-1)).toBe('approval.cancelled');
    neverReleased(bed);
  });
});

describe('keys that came before the panel', () => {
  test('never answer it and wait for the line', async () => {
    const bed = new GateBed();
    await bed.enter(`rm -r old\r${CODE}\r`, 300);
    expect(bed.seen).toContain('Your code: ___ ___');
    neverReleased(bed);
    await bed.enter(`${CODE}\r`, 500);
    expect(bed.executed).toEqual(['rm -r old', CODE]);
  });

  test('are void when it is cancelled', async () => {
    const bed = new GateBed();
    await bed.enter('rm -r old\recho next\r', 300);
    await bed.enter('\x03', 500);
    await bed.enter('ls\r');
    expect(bed.executed).toEqual(['ls']);
  });
});

describe('somebody else', () => {
  test('approves within ten seconds: it runs at once', async () => {
    const bed = await held({ requirement: SECOND });
    expect(bed.seen).toContain('Waiting for one of role sre');
    await bed.pass(4000);
    expect(await bed.approvals.vote('bob', 'approve', 'go')).toBe('approved');
    await bed.pass(500);
    expect(bed.executed).toEqual(['rm -r old']);
    expect(verdict(bed)).toMatch(/^approved by bob after 4 s\. Running once\.$/);
  });

  test('approves later: Enter runs it, half a second after at the earliest', async () => {
    const bed = await held({ requirement: SECOND });
    await bed.pass(14_000);
    await bed.approvals.vote('bob', 'approve', 'go');
    await bed.enter('\r', 200);
    neverReleased(bed);
    expect(bed.seen).toContain('bob approved: "go". Enter runs it once, Esc drops it.');
    await bed.pass(400);
    await bed.enter('\r', 500);
    expect(bed.executed).toEqual(['rm -r old']);
  });

  test('approves and the user drops it', async () => {
    const bed = await held({ requirement: SECOND });
    await bed.pass(14_000);
    await bed.approvals.vote('bob', 'approve');
    await bed.pass(600);
    await bed.enter('\x1b', 500);
    expect(verdict(bed)).toBe('cancelled. Nothing was sent to web2.');
    neverReleased(bed);
  });

  test('approves while the user is detached: it waits for the user', async () => {
    const bed = await held({ requirement: SECOND });
    bed.presence = 'detached';
    bed.gate.presence('detached');
    await bed.approvals.vote('bob', 'approve');
    await bed.pass(2000);
    neverReleased(bed);
    bed.presence = 'attached';
    bed.gate.presence('attached');
    await bed.enter('\r', 500);
    expect(bed.executed).toEqual(['rm -r old']);
  });

  test('approves while the address is a new one: neither Enter nor a code releases it, until the user is back', async () => {
    const bed = await held({ requirement: SECOND });
    bed.presence = 'moved';
    bed.gate.presence('moved');
    await bed.approvals.vote('bob', 'approve');
    await bed.pass(2000);
    await bed.enter('\r', 500);
    neverReleased(bed);
    expect(bed.seen).toContain('Your address changed');
    bed.presence = 'attached';
    bed.gate.presence('attached');
    await bed.enter('\r', 500);
    expect(bed.executed).toEqual(['rm -r old']);
  });

  test('denies, with a word', async () => {
    const bed = await held({ requirement: SECOND });
    expect(await bed.approvals.vote('bob', 'deny', 'wait for the backup')).toBe('denied');
    await bed.pass(500);
    expect(verdict(bed)).toBe('denied by bob: "wait for the backup". Nothing was sent to web2.');
    neverReleased(bed);
  });

  test('is needed: the own code is not asked for', async () => {
    const bed = await held({ requirement: SECOND });
    await bed.enter(`${CODE}\r`, 500);
    expect(bed.approvals.open.votes).toEqual([]);
    neverReleased(bed);
  });
});

describe('a reason', () => {
  const asked: Requirement = { ...SECOND, reason: { required: true, minLength: 5 } };

  test('is asked for first, and the request is listed with it', async () => {
    const bed = await held({ requirement: asked });
    expect(await bed.approvals.desk.list()).toEqual([]);
    await bed.enter('abc\r');
    expect(bed.seen).toContain('A reason needs at least 5 characters.');
    await bed.enter('def 1\r');
    expect(bed.seen).toContain('Waiting for one of role sre');
    expect((await bed.approvals.desk.list()).map((request) => request.reason)).toEqual(['abcdef 1']);
  });
});

describe('a signature', () => {
  const by = (who: 'requester' | 'sre'): Requirement => ({
    ...SECOND,
    stages: [
      {
        who: who === 'sre' ? { kind: 'role', roles: ['sre'] } : who,
        count: 1,
        factors: ['sk-signature'],
        verify: true,
      },
    ],
  });

  test('of another person is waited for, and the panel says what kind', async () => {
    const bed = await held({ requirement: by('sre') });
    expect(bed.seen.replace(/[|\s]+/g, ' ')).toContain('Needs one of role sre (security key with PIN).');
    expect(bed.seen).toContain('Waiting for one of role sre');
  });

  test('of another person may be urgent: u says so, to those who are asked', async () => {
    const bed = await held({ requirement: by('sre') });
    await bed.pass(500);
    await bed.enter('u', 500);
    expect(bed.seen).toContain('Urgency: high.');
    expect(bed.approvals.open.urgency).toBe('high');
    await bed.enter('u', 500);
    expect(bed.approvals.open.urgency).toBe('low');
    expect(bed.approvals.audit.types().filter((type) => type === 'approval.urgency_set')).toHaveLength(2);
    expect(bed.approvals.open.requirement).toEqual(by('sre'));
    neverReleased(bed);
  });

  test('of the user is waited for, and says how; a code typed all the same is no answer', async () => {
    const bed = await held({ requirement: by('requester') });
    expect(bed.seen).toMatch(/Waiting for your signature \(approve [0-9A-Z]{4} --sign\)\./);
    await bed.enter(`${CODE}\r`, 500);
    expect(bed.approvals.open.votes).toEqual([]);
    neverReleased(bed);
  });
});

describe('time', () => {
  test('is counted down each second', async () => {
    const bed = await held();
    expect(bed.seen).toContain('2:00 |');
    await bed.pass(2000);
    expect(bed.seen).toContain('1:58 |');
  });

  test('runs out', async () => {
    const bed = await held();
    await bed.pass(121_000);
    expect(verdict(bed)).toBe('expired after 2 min without a decision. Nothing was sent to web2.');
    neverReleased(bed);
  });

  test('runs out by the wall clock too', async () => {
    const bed = await held();
    bed.clock.jump(130_000);
    await bed.pass(1500);
    expect(verdict(bed)).toMatch(/^expired/);
    neverReleased(bed);
  });

  test('that goes back suspends the approval', async () => {
    const bed = await held();
    bed.clock.jump(-60_000);
    await bed.enter(`${CODE}\r`, 500);
    expect(bed.seen).toContain("bastion's clock went back");
    neverReleased(bed);
  });
});

describe('from outside', () => {
  test('lockdown cancels at once', async () => {
    const bed = await held();
    bed.gate.drop('lockdown');
    await bed.pass(300);
    expect(verdict(bed)).toBe('cancelled: lockdown. Nothing was sent to web2.');
    neverReleased(bed);
  });

  test('the end of the connection cancels at once', async () => {
    const bed = await held();
    bed.gate.close('the connection ended');
    await bed.pass(300);
    expect(bed.events.at(-1)).toBe('approval.cancelled');
    expect(await bed.approvals.vote('bob', 'approve').catch(() => 'nothing is held')).toBe('nothing is held');
    neverReleased(bed);
  });

  test('a disabled approver’s approval is void', async () => {
    const bed = await held({ requirement: SECOND });
    await bed.pass(14_000);
    await bed.approvals.vote('bob', 'approve');
    const bob = bed.approvals.people.get('bob');
    if (bob !== undefined) bed.approvals.people.set('bob', { ...bob, disabled: true });
    await bed.approvals.desk.reviewPeople();
    await bed.enter('\r', 1000);
    neverReleased(bed);
  });
});

describe('the screen under the panel', () => {
  test('comes back exactly, with what was written meanwhile', async () => {
    const bed = await held();
    bed.output('\x1b7\r\n\x1b[31mbackground job done\x1b[0m\x1b8');
    await bed.pass(100);
    expect(bed.seen).not.toContain('background job done');
    await bed.enter('\x1b', 500);
    expect(bed.seen).toContain('background job done');
    expect(bed.seen).not.toContain('HELD');
  });

  test('is drawn anew in another size', async () => {
    const bed = await held();
    bed.screen.resize(60, 10);
    bed.gate.resize({ cols: 60, rows: 10 });
    await bed.pass(50);
    expect(bed.seen.split('\n').filter((line) => line.startsWith('+'))).toHaveLength(2);
    expect(Math.max(...bed.seen.split('\n').map((line) => line.length))).toBe(60);
    await bed.enter(`${CODE}\r`, 500);
    expect(bed.executed).toEqual(['rm -r old']);
  });

  test('is one line on a narrow terminal', async () => {
    const bed = await held({ cols: 30, rows: 8 });
    expect(bed.seen).toMatch(/^HELD [0-9A-Z]{4} code\?$/m);
    await bed.enter(`${CODE}\r`, 500);
    expect(bed.executed).toEqual(['rm -r old']);
  });

  test('pauses a target that writes too much', async () => {
    const bed = await held();
    for (let written = 0; written <= HELD_OUTPUT_LIMIT; written += 64 * 1024) bed.output('x'.repeat(64 * 1024));
    expect(bed.outputPaused).toBe(true);
    await bed.enter('\x1b', 500);
    expect(bed.outputPaused).toBe(false);
  });

  test('is covered only between two control sequences of the target', async () => {
    const bed = new GateBed();
    await bed.enter('rm -r old');
    bed.output('\x1b]0;tit');
    await bed.enter('\r');
    expect(bed.seen).not.toContain('HELD');
    bed.output('le\x07');
    await bed.pass(50);
    expect(bed.seen).toContain('HELD');
  });

  test('is covered even when the target never ends its sequence', async () => {
    const bed = new GateBed();
    await bed.enter('rm -r old');
    bed.output('\x1b]0;tit');
    await bed.enter('\r', 1000);
    expect(bed.seen).toContain('HELD');
  });
});

test('a command longer than the screen has to be read before it is approved', async () => {
  const bed = new GateBed({ rows: 12 });
  await bed.hold(`rm -r ${'directory/'.repeat(60)}`);
  expect(bed.seen).toContain('? next part (1/2)');
  await bed.enter(`${CODE}\r`);
  expect(bed.seen).toContain('Read all of it first');
  await bed.enter('??');
  await bed.enter(`${CODE}\r`, 500);
  expect(bed.executed).toHaveLength(1);
});
