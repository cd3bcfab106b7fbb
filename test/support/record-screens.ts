/**
 * Records what full-screen programs write, as asciicast v2 files for the tests of screen restoring. Run it by hand
 * when a recording has to be made anew: `npx tsx test/support/record-screens.ts`. Needs the Debian packages vim,
 * less, tmux, fish, htop, procps and python3, and root for namespaces.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { spawn } from 'node-pty';

interface Recipe {
  readonly name: string;
  readonly argv: readonly [string, ...string[]];
  /** Written one after the other, with a pause behind each. */
  readonly keys: readonly string[];
}

const COLS = 80;
const ROWS = 24;
const MOST_BYTES = 90_000;
const OUT = join(dirname(fileURLToPath(import.meta.url)), '../fixtures/screens');

/** A process table and a host name of its own, so that nothing of the recording machine shows. */
const ALONE = [
  '--pid',
  '--fork',
  '--kill-child',
  '--mount-proc',
  '--uts',
  'sh',
  '-c',
  'hostname web1; exec "$@"',
  'sh',
];

const CURSES = `
import curses, time
def main(s):
    curses.start_color(); curses.init_pair(1, 3, 4); curses.mousemask(curses.ALL_MOUSE_EVENTS)
    s.scrollok(True); s.setscrreg(5, 15)
    for i in range(40):
        s.addstr(15, 0, 'row %d \\u4e16\\u754c' % i, curses.color_pair(1) | (curses.A_BOLD if i % 2 else curses.A_REVERSE))
        s.scroll(1); s.hline(3, 2, curses.ACS_HLINE, 30); s.vline(4, 40, curses.ACS_VLINE, 9)
        s.addstr(20, 79 - i, 'x' * i, curses.A_UNDERLINE); s.refresh(); time.sleep(0.01)
    curses.curs_set(0); s.getch()
curses.wrapper(main)
`;
const MARGINS = [
  `printf '\\033[5;20r\\033[20;1H'; for i in $(seq 30); do printf 'line %d \\033[3%dmcolour\\033[0m\\n' $i $((i % 8)); done\r`,
  `printf '\\033[1;31;44m'\r`,
  `printf '\\033[3;7H\\0337\\033[20;1H\\033[?25l'\r`,
  `printf '\\033(0lqqqk\\033(B\\033[?7l'; seq 100 | tr '\\n' ' '; printf '\\033[?7h'\r`,
  `printf '%80s' full; printf '\\033[?1h\\033='\r`,
  `printf '\\033[r\\033[?25h\\033[0m\\033[?6h\\033[4h'; printf '\\033[4l\\033[?6l'\r`,
];
const VIM = [
  'ihello world\rsecond line\r\u4e16\u754c wide\x1b',
  ':set number\r',
  ':split\r',
  'yyppp',
  'V',
  'jj',
  '\x1b',
  '/second\r',
  ':vsplit\r',
  '\x17l',
  'dd',
  ':syntax on\r',
  ':set hlsearch\r',
  '\x06',
  ':qa!\r',
];
const FISH = [
  'echo hello',
  '\r',
  'for i in (seq 5)\r',
  'echo $i\r',
  'end\r',
  'ec',
  '\t',
  '\t',
  '\x03',
  'echo "a long line that goes on and on until it has to wrap around the right edge of the screen"',
  '\x01',
  '\x05',
  '\r',
  'exit\r',
];
const TMUX = [
  'seq 40\r',
  '\x02"',
  'ls -l /usr\r',
  '\x02%',
  'echo right pane\r',
  '\x02o',
  '\x02[',
  '\x1b[A\x1b[A',
  'q',
  '\x02z',
  '\x02z',
  '\x02d',
];

function recipes(home: string): Recipe[] {
  const shell = 'bash --norc --noprofile';
  return [
    { name: 'vim', argv: ['vim', '-u', 'NONE', '-N', '-n', join(home, 'file.c')], keys: VIM },
    {
      name: 'less',
      argv: ['less', '/usr/share/common-licenses/GPL-3'],
      keys: [' ', ' ', '/software\r', 'n', 'b', 'j', 'G', 'g', 'q'],
    },
    {
      name: 'tmux',
      argv: [
        'tmux',
        '-L',
        `fixture-${process.pid}`,
        '-f',
        '/dev/null',
        'new-session',
        shell,
        ';',
        'set',
        '-g',
        'default-command',
        shell,
        ';',
        'set',
        '-g',
        'mouse',
        'on',
      ],
      keys: TMUX,
    },
    { name: 'fish', argv: ['fish', '--no-config'], keys: FISH },
    { name: 'bash-margins', argv: ['bash', '--norc', '--noprofile'], keys: [...MARGINS, 'exit\r'] },
    { name: 'top', argv: ['top', '-d', '0.3'], keys: ['1', 'c', 'V', 'z', 'x', 'q'] },
    { name: 'htop', argv: ['htop', '-d', '3'], keys: ['\x1b[B', '\x1b[B', 't', '\x1b[15~', 'u', '\x1b', 'q'] },
    { name: 'curses', argv: ['python3', '-c', CURSES], keys: ['q'] },
  ];
}

async function record(recipe: Recipe, home: string): Promise<void> {
  const env = { HOME: home, LANG: 'C.UTF-8', TERM: 'xterm-256color', PATH: '/usr/bin:/bin', SHELL: '/bin/bash' };
  const pty = spawn('unshare', [...ALONE, ...recipe.argv], {
    cols: COLS,
    rows: ROWS,
    cwd: home,
    env,
    name: 'xterm-256color',
  });
  const events: string[] = [];
  let size = 0;
  const started = Date.now();
  pty.onData((data) => {
    if (size > MOST_BYTES) return;
    size += data.length;
    events.push(JSON.stringify([(Date.now() - started) / 1000, 'o', data]));
  });
  const ended = new Promise<void>((resolve) => pty.onExit(() => resolve()));
  await pause(1000);
  for (const keys of recipe.keys) {
    pty.write(keys);
    await pause(350);
  }
  await Promise.race([ended, pause(3000)]);
  pty.kill();
  const header = JSON.stringify({ version: 2, width: COLS, height: ROWS, title: recipe.name });
  await writeFile(join(OUT, `${recipe.name}.cast`), `${[header, ...events].join('\n')}\n`);
}

const home = await mkdtemp(join(tmpdir(), 'screens-'));
const wanted = process.argv.slice(2);
for (const recipe of recipes(home)) {
  if (wanted.length === 0 || wanted.includes(recipe.name)) await record(recipe, home);
}
await rm(home, { recursive: true });
