/** Strict line mode: what reaches the target, when, and what the user sees. */
import { describe, expect, test } from 'vitest';
import { GateBed, type GateBedOptions } from '../../../test/support/gate-bed.ts';
import { decideAbout } from '../../../test/support/gate-parts.ts';
import { CODE } from '../../../test/support/memory-approvals.ts';
import { HeldlineError } from '../../base/heldline-error.ts';
import { LineTracker } from '../../terminal/line-tracker.ts';

/** With the real tracker; the first prompt stands there long enough to be believed. */
async function strictBed(options: GateBedOptions = {}): Promise<GateBed> {
  const bed = new GateBed({
    strict: true,
    tracker: (emulator, clock) => new LineTracker({ emulator, clock, roundTrip: () => 1 }),
    ...options,
  });
  await bed.pass(400);
  return bed;
}

function sentTo(bed: GateBed): string {
  return bed.sent.map(({ bytes }) => Buffer.from(bytes).toString()).join('');
}

function textsOf(bed: GateBed, type: string): unknown[] {
  return bed.approvals.audit.events.filter((event) => event.type === type).map((event) => event.command?.text);
}

describe('a line', () => {
  test('is edited by the bastion: nothing of it reaches the target before Enter', async () => {
    const bed = await strictBed();
    await bed.enter('ecko\x7f\x7fho one\x1b[D\x1b[D\x1b[C\t\x12\x1b[A\x1b', 500);
    expect(bed.sent).toEqual([]);
    expect(bed.seen).toBe('root@web2:~# echo one');
    await bed.enter('\r', 600);
    expect(bed.executed).toEqual(['echo one']);
    expect(sentTo(bed)).toBe('\x1b[200~echo one\x1b[201~\r');
    expect(textsOf(bed, 'command.submitted')).toEqual(['echo one']);
  });

  test('is written down before it runs', async () => {
    const bed = await strictBed();
    let ranBefore = -1;
    bed.approvals.audit.before = () => {
      ranBefore = bed.executed.length;
      return Promise.resolve();
    };
    await bed.enter('ls -l\r', 600);
    expect(bed.executed).toEqual(['ls -l']);
    expect(ranBefore).toBe(0);
  });

  test('is typed without paste marks where the target takes none', async () => {
    const bed = await strictBed({ bracketedPaste: false });
    await bed.enter('echo one\r', 600);
    expect(sentTo(bed)).toBe('echo one\r');
    expect(bed.executed).toEqual(['echo one']);
  });

  test('that is empty is an Enter', async () => {
    const bed = await strictBed();
    await bed.enter('\r', 600);
    expect(bed.executed).toEqual(['']);
    expect(sentTo(bed)).toBe('\r');
  });

  test('comes back with the arrow keys, and can be as long as the row is not', async () => {
    const bed = await strictBed({ cols: 40 });
    const long = `echo ${'word '.repeat(20)}end`;
    await bed.enter(`${long}\r`, 800);
    await bed.enter('\x1b[A', 100);
    expect(bed.seen).toMatch(/root@web2:~# <.* end$/);
    await bed.enter('\r', 800);
    expect(bed.executed).toEqual([long, long]);
  });

  test('of fish that is half drawn for long has its abbreviation looked for once it is whole', async () => {
    const bed = await strictBed();
    bed.output('\x1b[30m\x1b(B\x1b[m');
    bed.shell.echo = false;
    bed.type('echo a; gone\r');
    while (bed.sent.length === 0) await bed.pass(5);
    bed.output('echo a; ');
    await bed.pass(600);
    expect(sentTo(bed)).toBe('\x1b[200~echo a; gone\x1b[201~');
    bed.output('gone');
    await bed.pass(600);
    expect(sentTo(bed)).toBe('\x1b[200~echo a; gone\x1b[201~ ');
    // The blank changes nothing on the screen: what the abbreviation stands for is not known.
    await bed.pass(5000);
    expect(bed.executed).toEqual([]);
  });

  test('does not run when it cannot be written down', async () => {
    const bed = await strictBed();
    bed.approvals.audit.before = () => Promise.reject(new HeldlineError('test.disk', 'full'));
    await bed.enter('ls\r', 3000);
    expect(bed.executed).toEqual([]);
    expect(bed.shell.line).toBe('');
    expect(bed.seen).toContain('something failed on the way, so the line was dropped.');
  });

  test('does not run when the policy never answers', async () => {
    const bed = await strictBed();
    bed.judge = () => new Promise(() => {});
    await bed.enter('ls\r', 15_000);
    expect(bed.sent).toEqual([]);
  });

  test('waits while the recording does not work', async () => {
    const bed = await strictBed();
    bed.failure = new HeldlineError('test.disk', 'full');
    await bed.enter('ls\r', 2000);
    expect(bed.sent).toEqual([]);
  });

  test('that is forbidden leaves the target untouched and the next one usable', async () => {
    const bed = await strictBed();
    await bed.enter('mkfs /dev/sda\recho typed ahead', 600);
    expect(bed.sent).toEqual([]);
    expect(bed.events).toEqual(['command.submitted', 'command.blocked']);
    expect(bed.seen).toBe(
      [
        'root@web2:~# mkfs /dev/sda',
        'heldline: blocked by rule disk-wipe: writing to a block device is never',
        '          allowed. Nothing was sent to web2.',
        'root@web2:~#',
      ].join('\n'),
    );
    await bed.enter('ls\r', 600);
    expect(bed.executed).toEqual(['ls']);
  });
});

describe('a held line', () => {
  test('reaches the target once it is approved, by the one release', async () => {
    const bed = await strictBed();
    await bed.enter('rm -r old\r', 600);
    expect(bed.sent).toEqual([]);
    expect(bed.seen).toContain('HELD');
    await bed.enter(`${CODE}\r`, 2000);
    expect(bed.executed).toEqual(['rm -r old']);
    expect(bed.released).toHaveLength(1);
    expect(bed.seen).toMatch(/^root@web2:~# rm -r old\nheldline: .{4} approved by alice .*\nroot@web2:~#$/);
  });

  test('is given up with Ctrl-C, which does not reach the target then', async () => {
    const bed = await strictBed();
    await bed.enter('rm -r old\r', 600);
    await bed.enter('\x03', 600);
    expect(bed.sent).toEqual([]);
    expect(bed.seen).toMatch(/^root@web2:~# rm -r old\nheldline: .{4} cancelled\. .*\nroot@web2:~#$/);
  });

  test('expires', async () => {
    const bed = await strictBed();
    await bed.enter('rm -r old\r', 600);
    await bed.pass(bed.requirement.expires + 1000);
    expect(bed.sent).toEqual([]);
    expect(bed.seen).toContain('expired after');
  });

  test('is void when the prompt is another one meanwhile', async () => {
    const bed = await strictBed();
    await bed.enter('rm -r old\r', 600);
    bed.output('\r\nroot@db1:~# ');
    await bed.enter(`${CODE}\r`, 3000);
    expect(bed.executed).toEqual([]);
    expect(bed.released).toEqual([]);
  });
});

describe('keys', () => {
  test.each([
    ['Ctrl-C', '\x03'],
    ['Ctrl-Z', '\x1a'],
    ['Ctrl-\\', '\x1c'],
  ])('%s goes to the target at once', async (_, key) => {
    const bed = await strictBed();
    await bed.enter(`half a line${key}`, 5);
    expect(sentTo(bed)).toBe(key);
  });

  test('Ctrl-D goes to the target only where nothing is typed', async () => {
    const bed = await strictBed();
    await bed.enter('ab\x1b[D\x04', 5);
    expect(sentTo(bed)).toBe('');
    await bed.enter('\x7f\x04', 5);
    expect(sentTo(bed)).toBe('\x04');
  });

  test.each([
    ['Tab', 'rm -r o\t'],
    ['a search', '\x12rm'],
    ['history of the shell', '\x10\x1bp'],
    ['vi commands', '\x1b1#v@a.'],
    ['accepting Meta keys', '\x1ba\x1bh\x1b#\x1b!\x1b^'],
    ['macros and editors', '\x18e\x18\x05\x18\x18'],
    ['reports of the terminal', '\x1b[?62;1;6c\x1b[24;80R\x1b]11;rgb:00/00/00\x07\x1bP>|rm -rf x\x1b\\'],
    ['mouse and focus', '\x1b[I\x1b[O\x1b[<0;3;3M\x1b[M !!'],
    ['encoded keys', '\x1b[99;5u\x1b[27;5;99~\x1b[1;5Z'],
    ['bytes that are no text', '\xff\xfe\x80\x9b31m'],
    ['an unfinished paste', '\x1b[200~rm -rf /srv'],
  ])('%s: nothing of it reaches the target', async (_, bytes) => {
    const bed = await strictBed();
    bed.output('\x1b[?1000h\x1b[?1004h\x1b[c\x1b[6n\x1b]11;?\x07');
    await bed.pass(400);
    bed.gate.input(Buffer.from(bytes, 'latin1'));
    await bed.pass(800);
    expect(bed.sent).toEqual([]);
  });

  test.each([
    ['Enter of every kind', 'rm -r a\x1b[13;5u'],
    ['Ctrl-J', 'rm -r a\n'],
    ['Ctrl-O', 'rm -r a\x0f'],
    ['the keypad', 'rm -r a\x1bOM'],
    ['Alt-Enter', 'rm -r a\x1b\r'],
    ['Enter inside of an unfinished sequence', '\x1b]\x15rm -r a\r'],
    ['a paste with line ends', '\x1b[200~rm -r a\recho b\r\x1b[201~'],
  ])('%s: the line is held', async (_, bytes) => {
    const bed = await strictBed();
    await bed.enter(bytes, 800);
    expect(bed.sent).toEqual([]);
    expect(bed.approvals.open.statement.command).toBe('rm -r a');
  });
});

describe('several lines', () => {
  test('of a paste are judged one by one', async () => {
    const bed = await strictBed();
    await bed.enter('\x1b[200~echo one\necho two\r\nrm -r old\rhalf\x1b[201~', 2000);
    expect(bed.executed).toEqual(['echo one', 'echo two']);
    expect(bed.approvals.open.statement.command).toBe('rm -r old');
    expect(textsOf(bed, 'command.submitted')).toEqual(['echo one', 'echo two', 'rm -r old']);
  });

  test('typed while no prompt is there stay here, and are shown', async () => {
    const bed = await strictBed();
    bed.output('\r\nworking\r\n');
    await bed.enter('echo one\recho tw', 2000);
    expect(bed.sent).toEqual([]);
    expect(bed.seen).toContain('echo one ⏎ echo tw');
    bed.output('done\r\nroot@web2:~# ');
    await bed.pass(1000);
    expect(bed.executed).toEqual(['echo one']);
    expect(bed.seen).toMatch(/root@web2:~# echo one\nroot@web2:~# echo tw$/);
  });

  test('wait while output goes on behind something like a prompt', async () => {
    const bed = await strictBed();
    bed.output('\r\nloading: ');
    bed.type('echo one\r');
    for (let part = 0; part < 5; part += 1) {
      bed.output('.');
      await bed.pass(250);
    }
    expect(bed.sent).toEqual([]);
  });

  test('are all dropped by Ctrl-C', async () => {
    const bed = await strictBed();
    bed.output('\r\nworking\r\n');
    await bed.enter('echo one\recho two\r\x03', 100);
    bed.output('root@web2:~# ');
    await bed.pass(1000);
    expect(bed.executed).toEqual([]);
  });
});

describe('what stands on the target', () => {
  test('in another form than it was typed does not run, and is cleared', async () => {
    const bed = await strictBed();
    bed.shell.distort = (typed) => (typed === 'x' ? '; rm -r old' : typed);
    await bed.enter('echo x\r', 3000);
    expect(bed.executed).toEqual([]);
    expect(bed.shell.line).toBe('');
    expect(bed.events).toEqual(['command.submitted', 'command.blocked']);
    expect(bed.seen).toContain('heldline: this line was not run: the target shows');
    await bed.enter('echo y\r', 1000);
    expect(bed.executed).toEqual(['echo y']);
  });

  test('though nobody typed it does not run', async () => {
    const bed = await strictBed();
    await bed.enter('echo one\r', 800);
    bed.shell.receive(Buffer.from('rm -r old; '));
    await bed.pass(600);
    await bed.enter('echo two\r', 3000);
    await bed.enter('\r', 3000);
    expect(bed.executed.filter((line) => line.includes('rm'))).toEqual([]);
  });

  test('and cannot be cleared ends the session', async () => {
    const bed = await strictBed();
    bed.shell.distort = (typed) => (typed === 'x' ? 'y' : typed);
    bed.shell.stubborn = true;
    await bed.enter('echo x\r', 5000);
    expect(bed.executed).toEqual([]);
    expect(bed.ended).toEqual(['a refused line could not be cleared']);
  });

  test('after Ctrl-C came before Enter is no part of the next line', async () => {
    const bed = await strictBed();
    bed.judge = async (text) => {
      if (bed.shell.line !== '') bed.type('\x03');
      return decideAbout(text, bed.requirement, bed.policyHash);
    };
    bed.shell.stubborn = true;
    await bed.enter('echo a; r\r', 1000);
    bed.judge = (text) => Promise.resolve(decideAbout(text, bed.requirement, bed.policyHash));
    bed.output('\x07');
    await bed.enter('m -r old\r', 5000);
    expect(bed.executed).toEqual([]);
    expect(bed.ended).toEqual(['a refused line could not be cleared']);
  });

  test('is not shown at a prompt that showed lines before: it does not run', async () => {
    const bed = await strictBed();
    await bed.enter('echo one\r', 800);
    await bed.enter('echo two\r', 800);
    bed.shell.echo = false;
    await bed.enter('echo three\r', 3000);
    expect(bed.executed).toEqual(['echo one', 'echo two']);
    expect(bed.seen).toContain('the target did not show what was typed');
  });

  test("takes text from the shell's history: it does not run", async () => {
    const bed = await strictBed();
    await bed.enter('echo !!\r', 2000);
    expect(bed.sent).toEqual([]);
    expect(bed.seen).toContain("it takes text from the shell's history");
  });
});

describe('what is not echoed', () => {
  async function passwordBed(prompt = 'Password: '): Promise<GateBed> {
    const bed = await strictBed({ prompt, bracketedPaste: false });
    bed.shell.echo = false;
    return bed;
  }

  test('is shown nowhere and written nowhere', async () => {
    const bed = await passwordBed();
    await bed.enter('hunter2', 100);
    expect(bed.seen).toBe('Password:');
    await bed.enter('\r', 1500);
    expect(bed.executed).toEqual(['hunter2']);
    expect(textsOf(bed, 'command.submitted')).toEqual([null]);
    await bed.enter('\x1b[A', 100);
    const written = JSON.stringify([bed.approvals.audit.events, bed.recorded, bed.markers, bed.seen]);
    expect(written).not.toContain('hunter2');
  });

  test('is written nowhere when the program shows stars for it', async () => {
    const bed = await passwordBed();
    bed.shell.echo = true;
    bed.shell.mask = '*';
    await bed.enter('hunter2\r', 1500);
    expect(bed.executed).toEqual(['hunter2']);
    expect(textsOf(bed, 'command.submitted')).toEqual([null]);
  });

  test('and matches a rule is denied, and written nowhere', async () => {
    const bed = await passwordBed();
    await bed.enter('rm -r hunter2\r', 1500);
    expect(bed.sent).toEqual([]);
    expect(bed.seen).toContain('hidden input matches a rule');
    const written = JSON.stringify([bed.approvals.audit.events, bed.recorded, bed.markers, bed.seen]);
    expect(written).not.toContain('hunter2');
  });
});

describe('a code', () => {
  test('that is good now and typed where no panel asks for it is used up and not sent', async () => {
    const bed = await strictBed({ prompt: 'Your code: ' });
    await bed.enter(`${CODE}\r`, 1500);
    expect(bed.sent).toEqual([]);
    expect(bed.seen).toContain('that was a valid one-time code');
  });
});

describe('a full-screen program', () => {
  test('that nobody approved gets no keys, and the user is told how to leave it', async () => {
    const bed = await strictBed();
    await bed.enter('top\r', 800);
    bed.output('\x1b[?1049h\x1b[Hprogram ');
    const before = bed.sent.length;
    await bed.enter('q:!rm -rf x\r\x1b[A', 1000);
    expect(bed.sent).toHaveLength(before);
    expect(bed.seen).toContain('heldline: strict line mode: this full-screen program was not approved');
    await bed.enter('\x03', 10);
    expect(sentTo(bed).endsWith('\x03')).toBe(true);
  });

  test('that was approved gets them, and its Enters are judged', async () => {
    const bed = await strictBed();
    await bed.enter('rmedit file\r', 600);
    await bed.enter(`${CODE}\r`, 100);
    bed.output('\x1b[?1049h\x1b[H');
    await bed.pass(2000);
    const before = bed.sent.length;
    await bed.enter('\x1b[A', 300);
    expect(sentTo(bed).endsWith('\x1b[A')).toBe(true);
    bed.output('\x1b[H\x1b[2Jrm -r old');
    await bed.enter('\r', 2000);
    expect(bed.sent).toHaveLength(before + 1);
    expect(bed.seen).toContain('HELD');
  });

  test('leaves no key behind for the prompt after it', async () => {
    const bed = await strictBed();
    await bed.enter('rmedit file\r', 600);
    await bed.enter(`${CODE}\r`, 100);
    bed.output('\x1b[?1049h\x1b[H');
    await bed.pass(2000);
    bed.type(':q\rrm -r old\r');
    bed.output('\x1b[?1049l');
    await bed.pass(3000);
    expect(bed.executed.filter((line) => line.includes('old'))).toEqual([]);
  });
});

describe('a prompt that is drawn by a program', () => {
  test.each([
    ['a shell prompt', '\r\nroot@web2:~# '],
    ['a prompt mark', '\r\n\x1b]133;A\x07fake$ \x1b]133;B\x07'],
    ['a prompt with text behind it', '\r\nroot@web2:~# rm -r old'],
    ['a search', "\r\n(reverse-i-search)`': rm -r old"],
  ])('%s: nothing runs that was not judged', async (_, drawn) => {
    const bed = await strictBed();
    await bed.enter('echo one\r', 800);
    bed.output(drawn);
    await bed.pass(600);
    await bed.enter('echo two\r', 4000);
    await bed.enter('\r', 4000);
    expect(bed.executed.filter((line) => line !== '' && !bed.judged.includes(line))).toEqual([]);
    expect(bed.executed.filter((line) => line.includes('rm'))).toEqual([]);
  });

  test('of a database: what a shell would make of the line is judged too', async () => {
    const bed = await strictBed();
    const read: string[] = [];
    bed.judge = (text, line) => {
      read.push(`${line.context}: ${text}`);
      return Promise.resolve(decideAbout(text, bed.requirement, bed.policyHash));
    };
    await bed.enter('psql\r', 800);
    bed.output('\r\npostgres=# ');
    await bed.pass(600);
    await bed.enter('select 1;\r', 1500);
    expect(read.filter((one) => one === 'psql: select 1;').length).toBeGreaterThan(1);
  });
});

test('the screen after a resize is what the target drew, with the line on it', async () => {
  const bed = await strictBed();
  await bed.enter('echo one\r', 800);
  await bed.enter('echo two', 100);
  bed.screen.resize(60, 20);
  bed.gate.resize({ cols: 60, rows: 20 });
  await bed.pass(100);
  expect(bed.seen).toBe('root@web2:~# echo one\nroot@web2:~# echo two');
});
