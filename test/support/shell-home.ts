/** A home directory and the words that start each shell in it, with a log of what the shell really executed. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GateCase } from './gate-case.ts';

export interface ShellStart {
  readonly program: string;
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** What the shell executed so far, one entry a command; null when this shell keeps no such log. */
  truth(): Promise<readonly string[] | null>;
}

const SEPARATOR = '\x1e';

/** Lays out `home` for the case: files to complete, start-up file, history. Never a login shell. */
export async function layOutShell(home: string, gateCase: GateCase, psqlPort: number): Promise<ShellStart> {
  for (const folder of ['data-dir', 'wd/srv-alpha', 'wd/srv-beta', 'wd/srv-gamma']) {
    await mkdir(join(home, folder), { recursive: true });
  }
  await writeFile(join(home, 'data-file.txt'), 'data\n');
  const log = join(home, '.truth');
  const environment = {
    HOME: home,
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    TERM: 'xterm-256color',
    LANG: 'C.UTF-8',
    USER: 'user',
    SHELL: '/bin/bash',
    TRUTH: log,
  };
  const logged = async (): Promise<readonly string[]> => {
    const text = await readFile(log, 'utf8').catch(() => '');
    return text.split(SEPARATOR).slice(1);
  };
  const none = (): Promise<null> => Promise.resolve(null);
  switch (gateCase.shell) {
    case 'bash': {
      await writeFile(join(home, '.bashrc-case'), bashStart(gateCase.setup));
      const truth = async (): Promise<readonly string[]> =>
        (await logged()).map((entry) => entry.replace(/^ *\d+\*? {2}/, '').replace(/\n$/, ''));
      return {
        program: 'bash',
        words: ['--noprofile', '--rcfile', join(home, '.bashrc-case'), '-i'],
        environment,
        truth,
      };
    }
    case 'zsh': {
      const preexec = `preexec() { print -rn -- $'\\x1e'"$1" >> $TRUTH }\n`;
      await writeFile(join(home, '.zshrc'), `PROMPT='user@host %# '\n${preexec}${gateCase.setup}\n`);
      return { program: 'zsh', words: ['-d', '-i'], environment: { ...environment, ZDOTDIR: home }, truth: logged };
    }
    case 'fish':
      await layOutFish(home, gateCase);
      return { program: 'fish', words: ['-i'], environment: { ...environment, SHELL: '/usr/bin/fish' }, truth: logged };
    case 'dash':
      await writeFile(join(home, '.dashrc'), `PS1='$ '\n${gateCase.setup}\n`);
      return {
        program: 'dash',
        words: ['-i'],
        environment: { ...environment, ENV: join(home, '.dashrc') },
        truth: none,
      };
    case 'python':
      await writeFile(join(home, '.pythonrc.py'), gateCase.setup);
      return {
        program: '/usr/bin/python3',
        words: ['-q'],
        environment: { ...environment, PYTHONSTARTUP: join(home, '.pythonrc.py') },
        truth: none,
      };
    case 'psql':
      await writeFile(join(home, '.psqlrc'), gateCase.setup);
      return {
        program: 'psql',
        words: ['-q', '-h', '127.0.0.1', '-p', String(psqlPort), '-U', 'gate', 'gate'],
        environment: { ...environment, PAGER: 'cat' },
        truth: none,
      };
    case 'node':
      return {
        program: 'node',
        words: [],
        environment: { ...environment, NODE_REPL_HISTORY: join(home, '.nh') },
        truth: none,
      };
    default:
      return gateCase.shell satisfies never;
  }
}

function bashStart(setup: string): string {
  return [
    "PS1='user@host:~$ '",
    'shopt -s lithist',
    'unset HISTFILE HISTCONTROL',
    `PS0='$(printf "\\036" >> "$TRUTH"; HISTTIMEFORMAT= history 1 >> "$TRUTH")'`,
    setup,
    '',
  ].join('\n');
}

async function layOutFish(home: string, gateCase: GateCase): Promise<void> {
  await mkdir(join(home, '.config/fish'), { recursive: true });
  await mkdir(join(home, '.local/share/fish'), { recursive: true });
  const start = [
    'set -g fish_greeting',
    "function fish_prompt; echo -n 'user@host> '; end",
    "function log_line --on-event fish_preexec; printf '\\x1e%s' $argv[1] >> $TRUTH; end",
    gateCase.setup,
    '',
  ];
  await writeFile(join(home, '.config/fish/config.fish'), start.join('\n'));
  const entries = (gateCase.history ?? []).map((line) => `- cmd: ${line}\n  when: 1700000000\n`);
  await writeFile(join(home, '.local/share/fish/fish_history'), entries.join(''));
}
