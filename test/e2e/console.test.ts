/** The console over ssh: picker, inbox, lockdown, as people at terminals of several sizes have them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Bastion } from '../support/bastion.ts';
import { Demo } from '../support/demo.ts';
import { Person } from '../support/person.ts';
import { runProgram } from '../support/run-program.ts';
import { ScreenTerminal, type ScreenTerminalOptions } from '../support/screen-terminal.ts';
import { openSshTerminal } from '../support/ssh-terminal.ts';
import { waitUntil } from '../support/wait-until.ts';

let demo: Demo;

beforeAll(async () => {
  demo = await Demo.start();
});
afterAll(() => demo[Symbol.asyncDispose]());

/** A window with `ssh -t HOST WORDS` in it. */
function open(words: readonly string[], options?: ScreenTerminalOptions): ScreenTerminal {
  return ScreenTerminal.start('ssh', ['-t', '-F', demo.ready.ssh_config, ...words], options);
}

const inbox = (options?: ScreenTerminalOptions): ScreenTerminal => open(['approvals', 'approvals'], options);

/** alice's held `./service.sh restart`. */
async function hold(): Promise<{ readonly terminal: ScreenTerminal; readonly id: string }> {
  const terminal = await demo.shell();
  terminal.type('./service.sh restart\r');
  const screen = await terminal.waitFor(/HELD \w{4}/);
  return { terminal, id: /HELD (\w{4})/.exec(screen)?.[1] ?? '' };
}

describe('the target picker', () => {
  test('filters, connects in place, and ends with the session', async () => {
    await using terminal = open(['bastion']);
    await terminal.waitFor(/heldline {3}alice .* 1 target, 0 waiting for you/);
    expect(terminal.isAlternateScreen).toBe(true);
    terminal.type('zz');
    await terminal.waitFor('nothing fits');
    terminal.type('\x1b');
    await terminal.waitFor(/\* sandbox/);
    terminal.type('sbx\r');
    await terminal.waitFor(/\$ $/);
    expect(terminal.isAlternateScreen).toBe(false);
    terminal.type('rm -r old-logs\r');
    await terminal.waitFor(/HELD \w{4}/);
    terminal.type('\x1b');
    await terminal.waitFor('cancelled');
    terminal.type('exit\r');
    expect(await terminal.waitForEnd()).toBe(0);
  });

  test('shows past sessions, replays one, and leaves the screen as it was', async () => {
    await using terminal = open(['bastion']);
    await terminal.waitFor(/\* sandbox/);
    terminal.type('h');
    await terminal.waitFor(/your sessions[\s\S]*sandbox/);
    terminal.type('\r');
    await terminal.waitFor(/playing|paused|ended/);
    terminal.type('q');
    await terminal.waitFor('Enter replay');
    terminal.type('\x1b');
    await terminal.waitFor(/\* sandbox/);
    terminal.type('\x1b');
    expect(await terminal.waitForEnd()).toBe(0);
    expect(terminal.isAlternateScreen).toBe(false);
    expect(terminal.screen()).not.toContain('sandbox');
  });

  test('is a plain list where pages cannot be drawn', async () => {
    await using terminal = open(['bastion'], { term: 'dumb' });
    expect(await terminal.waitForEnd()).toBe(0);
    expect(terminal.history()).toContain('sandbox');
    expect(terminal.output.toString()).not.toContain('\x1b[');
  });
});

describe('the inbox', () => {
  test('rings, shows the statement, and approves with the code in three keys', async () => {
    await using bob = inbox({ cols: 40, rows: 15 });
    await bob.waitFor('Nothing waits for you.');
    const { terminal, id } = await hold();
    await using alice = terminal;
    await bob.waitFor((screen) => screen.includes(id) && screen.includes('What: ./service.sh restart'));
    expect(bob.output.includes(0x07)).toBe(true);
    bob.type('a');
    await bob.waitFor(`approve ${id} for alice`);
    const wrong = demo.bob.wrong();
    bob.type(`${wrong}\r`);
    await bob.waitFor('That code is not right.');
    bob.type(`a${await demo.bob.code()}\r`);
    await bob.waitFor(`${id}: approved.`);
    expect(bob.output.toString()).not.toContain(wrong);
    await alice.waitFor(/approved|restarted/);
    alice.type('\r');
    await alice.waitFor('service restarted');
    bob.type('q');
    expect(await bob.waitForEnd()).toBe(0);
  });

  test('denies with a ready reason that the requester reads', async () => {
    const { terminal, id } = await hold();
    await using alice = terminal;
    await using bob = inbox();
    await bob.waitFor(`> ${id}`);
    bob.type('d');
    await bob.waitFor(/1 "not now".*4 "ask me first"/);
    bob.type('2\r');
    await bob.waitFor(`${id}: denied.`);
    await alice.waitFor(`${id} denied by bob: "wrong host?"`);
  });

  test('watches the session that asks, tells its user, and comes back', async () => {
    const { terminal, id } = await hold();
    await using alice = terminal;
    await using bob = inbox();
    await bob.waitFor(`> ${id}`);
    bob.type('w');
    await bob.waitFor('watching');
    bob.type('q');
    await bob.waitFor('You watched alice on sandbox');
    alice.type('\x1b');
    await alice.waitFor(`${id} cancelled`);
    await waitUntil('bob hears of it', () => bob.screen().includes('Nothing waits for you.'));
  });

  test('stays clean when the window changes its size', async () => {
    const { terminal, id } = await hold();
    await using alice = terminal;
    await using bob = inbox({ cols: 120, rows: 40 });
    await bob.waitFor((screen) => screen.includes(`> ${id}`) && screen.includes('q quit'));
    for (const [cols, rows] of [
      [80, 24],
      [40, 15],
      [100, 30],
    ] as const) {
      bob.resize(cols, rows);
      await bob.waitFor((screen) => {
        const lines = screen.split('\n');
        return (
          lines.length === rows &&
          lines.filter((line) => line.includes(id)).length === 1 &&
          (lines.at(-1) ?? '').includes('q quit')
        );
      });
    }
    alice.type('\x1b');
    await alice.waitFor('cancelled');
  });

  test('works inside tmux', async () => {
    const socket = `heldline-${process.pid}`;
    const ssh = ['ssh', '-t', '-F', demo.ready.ssh_config, 'approvals', 'approvals'];
    await using bob = ScreenTerminal.start('tmux', ['-L', socket, '-f', '/dev/null', 'new-session', ...ssh]);
    await bob.waitFor('Nothing waits for you.');
    const { terminal, id } = await hold();
    await using alice = terminal;
    await bob.waitFor(`> ${id}`);
    bob.type('d1\r');
    await bob.waitFor(`${id}: denied.`);
    bob.type('q');
    await bob.waitForEnd();
    await runProgram('tmux', ['-L', socket, 'kill-server']);
    await alice.waitFor('"not now"');
  });

  test('is the plain list without a terminal', async () => {
    const listed = await demo.ssh(['approvals', 'approvals']);
    expect(listed).toMatchObject({ code: 0 });
    expect(listed.text).toMatch(/^ID +STATE/);
  });
});

describe('access for a time', () => {
  const policy = `version: 1
postures: [{ when: { any: true }, default: allow }]
approvals: { peer: { stages: [{ who: { role: sre }, factor: totp }], expires: 10m } }
access: [{ who: { role: dev }, targets: { any: true }, request: { approval: peer, longest: 8h } }]
`;

  test('is asked for in the picker, approved in the inbox, and opens the target', async () => {
    await using bastion = await Bastion.start({ policy: { '10-defaults.yaml': policy } });
    await bastion.runOrFail(['target', 'add', 'lab', '--local', '/bin/sh', '--label', 'env=dev']);
    const alice = await Person.join(bastion, 'alice', ['dev']);
    const bob = await Person.join(bastion, 'bob', ['sre']);
    const config = (await alice.console()).configFile;
    await using picker = ScreenTerminal.start('ssh', ['-t', '-F', config, 'server']);
    await picker.waitFor('no access: Enter asks for it');
    picker.type('\r');
    await picker.waitFor('For how long');
    picker.type('1h\r');
    await picker.waitFor('Why do you need it?');
    picker.type('slow queries\r');
    await picker.waitFor(/request \w{4} sent/);
    await using inbox = openSshTerminal(await bob.console(), { command: 'approvals' });
    await inbox.waitFor((screen) => screen.includes('slow queries') && screen.includes('access'));
    inbox.type(`a${await bob.phone.code()}\r`);
    await inbox.waitFor(': approved.');
    await picker.waitFor('Enter goes back');
    picker.type('\r');
    await picker.waitFor(/until \d\d:\d\d UTC/);
    picker.type('\r');
    await picker.waitFor('This session is recorded');
  });
});

describe('what happened', () => {
  test('a trace tells every step of a request, in text and as JSON', async () => {
    const { terminal, id } = await hold();
    await using alice = terminal;
    await using bob = inbox();
    await bob.waitFor(`> ${id}`);
    const denied = await demo.ssh(['approvals', `deny ${id} -r "not today"`]);
    expect(denied).toMatchObject({ code: 0 });
    await alice.waitFor('not today');
    const shown = await demo.ssh(['bastion', 'requests', 'show', id, '--trace']);
    expect(shown.text).toMatch(
      /command\.submitted[\s\S]*command\.held[\s\S]*approval\.requested[\s\S]*approval\.seen +bob +door=console[\s\S]*approval\.denied +bob.*"not today"/,
    );
    expect(shown.text).toMatch(/Policy {3}sha256:[0-9a-f]{64} \(still in force\)/);
    const { text } = await demo.cli(['requests', 'show', id, '--trace', '--json']);
    const lines: Readonly<Record<string, unknown>>[] = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.every((line) => line['v'] === 1)).toBe(true);
    expect(lines.map((line) => line['step'])).toContain('approval.denied');
    expect(lines.at(-1)).toMatchObject({
      same_policy_now: true,
      facts_then: {},
      explain: { effect: 'approve', rule: 'restarts' },
    });
  });

  test('stats count it', async () => {
    const { text } = await demo.cli(['stats', '--json']);
    const stats: Readonly<Record<string, unknown>> = JSON.parse(text);
    expect(Number(stats['denied'])).toBeGreaterThan(0);
    expect(JSON.stringify(stats['rules'])).toContain('restarts');
    expect((await demo.cli(['stats'])).text).toMatch(/Waiting for a decision: p50 \d/);
    expect(await demo.ssh(['approvals', 'stats'])).toMatchObject({ code: 2 });
  });
});

describe('lockdown', () => {
  test('holds everything for everybody until it is lifted, at every door and in open sessions', async () => {
    const { terminal, id } = await hold();
    await using alice = terminal;
    expect(await demo.cli(['lockdown', 'on'])).toMatchObject({ code: 2 });
    expect(await demo.cli(['lockdown', 'on', '-r', 'incident 88'])).toMatchObject({ code: 0 });
    await alice.waitFor(`${id} cancelled`);
    alice.type('ls\r');
    await alice.waitFor((screen) => screen.includes('blocked by rule lockdown') && screen.includes('incident 88'));
    expect(await demo.ssh(['sandbox', 'ls'])).toMatchObject({ code: 77, text: '' });
    expect((await demo.ssh(['approvals', 'requests'])).errorText).toContain('incident 88');
    expect((await demo.cli(['doctor'])).text).toContain('incident 88');
    await using picker = open(['bastion']);
    await picker.waitFor('LOCKED DOWN');
    expect(await demo.cli(['lockdown', 'off'])).toMatchObject({ code: 0 });
    await picker.waitFor((screen) => !screen.includes('LOCKED DOWN'));
    expect(await demo.ssh(['sandbox', 'ls'])).toMatchObject({ code: 0 });
    alice.type('\x15ls\r');
    await alice.waitFor(/old-logs/);
    expect(await demo.cli(['lockdown', 'off'])).toMatchObject({ code: 5 });
    const log = (await demo.cli(['audit', 'export', '--type', 'lockdown.on'])).text;
    expect(log).toContain('incident 88');
  });
});
