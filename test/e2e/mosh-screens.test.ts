/**
 * Full-screen programs look the same through mosh as through ssh: two windows of one size, Debian's mosh and OpenSSH,
 * to one target through one bastion, compared cell by cell after each step.
 */
import { writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BastionAndHost } from '../support/bastion-and-host.ts';
import { moshWindow } from '../support/mosh-window.ts';
import { Person } from '../support/person.ts';
import { RunningProgram } from '../support/running-program.ts';
import type { ScreenTerminal } from '../support/screen-terminal.ts';
import { openSshTerminal } from '../support/ssh-terminal.ts';

const SIZE = { cols: 100, rows: 30 };
/** No line is held: editors and multiplexers are opaque, and holds have tests of their own. */
const policy = {
  '10-defaults.yaml': `version: 1
postures: [{ when: { any: true }, default: allow, on_opaque: allow, on_unparsable: allow }]
access: [{ who: { any: true }, targets: { any: true } }]
`,
};

let world: BastionAndHost;
let alice: Person;
let mosh: ScreenTerminal;
let ssh: ScreenTerminal;

beforeAll(async () => {
  world = await BastionAndHost.start({ policy });
  alice = await Person.join(world.bastion, 'alice');
  await writeFile(world.at('text'), text());
  await writeFile(world.at('code.c'), code());
});
afterAll(() => world[Symbol.asyncDispose]());

beforeEach(async () => {
  [mosh, ssh] = await Promise.all([moshWindow(alice, ['host'], SIZE), sshWindow()]);
  for (const window of [mosh, ssh]) {
    await window.waitFor(trimmed(/[$#]$/));
    window.type("exec env LC_ALL=C.UTF-8 PS1='$ ' bash --norc --noprofile\r");
    await window.waitFor(trimmed(/^\$$/m));
  }
  await step('clear\r', /^\$$/);
});

afterEach(async () => {
  await mosh[Symbol.asyncDispose]();
  await ssh[Symbol.asyncDispose]();
});

async function sshWindow(): Promise<ScreenTerminal> {
  const env = { ...process.env, LC_ALL: 'C.UTF-8' };
  return openSshTerminal(await alice.at('host'), { ...SIZE, env });
}

/** Types into both windows and waits until both show what is expected and look the same. */
async function step(keys: string, expected: RegExp): Promise<void> {
  for (const window of [mosh, ssh]) window.type(keys);
  await same(expected, JSON.stringify(keys));
}

async function same(expected: RegExp, after: string): Promise<void> {
  for (const window of [mosh, ssh]) await window.waitFor(trimmed(expected));
  await expect.poll(differences, { timeout: 10_000, message: `after ${after}` }).toBe('');
}

/** The rows that do not look the same. */
function differences(): string {
  const other = ssh.seen().split('\n');
  const rows = mosh
    .seen()
    .split('\n')
    .map((row, index) => ({ row, other: other[index] ?? '', index }));
  const different = rows.filter((one) => one.row !== one.other);
  return different.map(({ index, row, other }) => `row ${index}\n  mosh: ${row}\n   ssh: ${other}`).join('\n');
}

/** A client of mosh writes blanks where ssh leaves cells empty. */
function trimmed(expected: RegExp): (screen: string) => boolean {
  return (screen) => expected.test(screen.replaceAll(/ +$/gm, '').trimEnd());
}

function resize(cols: number, rows: number): void {
  for (const window of [mosh, ssh]) window.resize(cols, rows);
}

/** Colours, wide and combining characters, and lines that wrap. */
function text(): string {
  const line = (n: number): string =>
    `\x1b[${31 + (n % 7)}mline ${n}\x1b[0m of the text, äöü e\u0301 漢字 \x1b[48;5;${n % 256}mpaper\x1b[0m ${'x'.repeat(n % 120)}`;
  return Array.from({ length: 200 }, (_, n) => line(n)).join('\n');
}

function code(): string {
  const body = Array.from({ length: 80 }, (_, n) => `  printf("%d of 漢字\\n", ${n}); /* note ${n} */`);
  return ['#include <stdio.h>', 'int main(void) {', ...body, '  return 0;', '}', ''].join('\n');
}

describe('through mosh as through ssh', () => {
  test('less', async () => {
    await step(`less -R ${world.at('text')}\r`, /line 5 /);
    await step(' ', /line 30 /);
    await step('/line 120\r', /line 120 /);
    await step('b', /line 110 /);
    resize(72, 20);
    await same(/line 106 /, 'a smaller window');
    await step('G', /line 199 /);
    await step('q', /\$$/);
  });

  test('vim', async () => {
    const options = 'set number ruler hlsearch cursorline laststatus=2 nomore | syntax on';
    await step(`vim -n -u NONE -N -c '${options}' ${world.at('code.c')}\r`, /stdio/);
    await step('20jdd', /21,3/);
    await step('ohello 漢字\x1b', /hello/);
    await step(':vsplit\r', /hello.*hello/);
    await step('/note 4\r', /note 4\d/);
    await step('\x06', /note 60/);
    resize(90, 24);
    await same(/note/, 'a smaller window');
    await step(':help\r', /VIM REFERENCE|help.txt/);
    await step(':qa!\r', /\$$/);
  });

  test('tmux with splits', async () => {
    await writeFile(world.at('tmux.conf'), tmuxConfiguration());
    // A server for each window, named by its shell, so that the command lines are the same.
    await step(
      `tmux -S ${world.at('socket')}-$$ -f ${world.at('tmux.conf')} new-session -s work -n main\r`,
      /\[work\]/,
    );
    await step('\x02%', /│/);
    await step(`cat ${world.at('text')} | head -20\r`, /line 19 /);
    await step('\x02"', /─/);
    await step(`vim -n -u NONE -N ${world.at('code.c')}\r`, /stdio/);
    await step('\x02o', /\$/);
    await step('seq 40\r', /^40\b/m);
    await step('\x02[\x1b[5~', /\[\d+\/\d+\]/);
    await step('q', /^40\b/m);
    resize(80, 24);
    await same(/stdio/, 'a smaller window');
    await step('\x02z', /^40\b/m);
    await step('\x02:', /^:$/m);
    await step('kill-server\r', /server exited/);
  });

  test('htop', async () => {
    await using sleeper = await RunningProgram.start('sleep', ['1000']);
    await writeFile(world.at('htoprc'), htopConfiguration());
    await step(`HTOPRC=${world.at('htoprc')} htop --readonly -d 100 -p ${sleeper.pid}\r`, /sleep 1000/);
    await step('\x1bOQ', /Categories/);
    await step('\x1b', /sleep 1000/);
    resize(80, 20);
    await same(/sleep 1000/, 'a smaller window');
    await step('q', /\$$/);
  });
});

/** Nothing on the screen that changes by itself. */
function tmuxConfiguration(): string {
  return [
    'set -g status-right "fixed"',
    'set -g automatic-rename off',
    'set -g assume-paste-time 0',
    'set -g default-terminal screen-256color',
    'set -g default-command "env PS1=\'$ \' bash --norc --noprofile"',
    '',
  ].join('\n');
}

/** No meters, and columns of one sleeping process that stay as they are. */
function htopConfiguration(): string {
  return [
    'fields=0 48 17 18 2 1',
    'sort_key=0',
    'highlight_base_name=1',
    'header_layout=two_50_50',
    'column_meters_0=Hostname',
    'column_meter_modes_0=2',
    'column_meters_1=Blank',
    'column_meter_modes_1=2',
    '',
  ].join('\n');
}
