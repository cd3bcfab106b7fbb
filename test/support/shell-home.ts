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
    return (await textOf(log)).split(SEPARATOR).slice(1);
  };
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
        program: 'strace',
        words: ['-qq', '-o', join(home, '.reads'), '-e', 'trace=read', '-s', '65536', '-xx', 'dash', '-i'],
        environment: { ...environment, ENV: join(home, '.dashrc') },
        truth: () => readLines(join(home, '.reads')),
      };
    case 'ksh':
      await writeFile(join(home, '.kshrc'), `PS1='$ '\nset -o emacs\n${gateCase.setup}\n`);
      return {
        program: 'ksh',
        words: ['-i'],
        environment: { ...environment, ENV: join(home, '.kshrc'), HISTFILE: join(home, '.history') },
        // Two bytes of a head, then every command with a newline and NUL behind it, padded to even length.
        truth: async () => (await textOf(join(home, '.history'))).slice(2).split('\n\0').map(withoutNul).filter(isText),
      };
    case 'busybox':
      // It writes no history file: the prompt does, from memory.
      await writeFile(join(home, '.ashrc'), `PS1='$(history > .lines)$ '\n${gateCase.setup}\n`);
      return {
        program: 'busybox',
        words: ['sh', '-i'],
        environment: { ...environment, ENV: join(home, '.ashrc') },
        truth: async () =>
          (await textOf(join(home, '.lines')))
            .split('\n')
            .map((line) => line.replace(/^ *\d+ /, ''))
            .filter(isText),
      };
    case 'sqlite3':
      await writeFile(join(home, '.sqliterc'), `${gateCase.setup}\n`);
      return {
        program: 'sqlite3',
        words: ['-interactive', '-init', join(home, '.sqliterc'), ':memory:'],
        environment: { ...environment, SQLITE_HISTORY: join(home, '.history') },
        // Written when it ends, as by `.quit`.
        truth: async () => (await textOf(join(home, '.history'))).split('\n').filter(isText),
      };
    case 'python':
      await writeFile(join(home, '.pythonrc.py'), `${PYTHON_START}${gateCase.setup}\n`);
      return {
        program: '/usr/bin/python3',
        words: ['-q'],
        environment: { ...environment, PYTHONSTARTUP: join(home, '.pythonrc.py') },
        truth: logged,
      };
    case 'psql':
      await writeFile(join(home, '.psqlrc'), gateCase.setup);
      return {
        program: 'psql',
        words: ['-q', '-L', join(home, '.queries'), '-h', '127.0.0.1', '-p', String(psqlPort), '-U', 'gate', 'gate'],
        environment: { ...environment, PAGER: 'cat' },
        truth: async () => {
          const log = await textOf(join(home, '.queries'));
          return [...log.matchAll(/^\*+ QUERY \*+\n([\s\S]*?)\n\*{26}\n/gm)].map((match) => match[1] ?? '');
        },
      };
    case 'node':
      return {
        program: 'node',
        words: [],
        environment: { ...environment, NODE_REPL_HISTORY: join(home, '.nh') },
        // Newest first.
        truth: async () => (await textOf(join(home, '.nh'))).split(/\r?\n/).filter(isText).reverse(),
      };
    default:
      return gateCase.shell satisfies never;
  }
}

/** Writes the line before down at every prompt. */
const PYTHON_START = `import os, sys, readline
class _Prompt:
    def __init__(self, text): self.text, self.seen = text, 0
    def __str__(self):
        count = readline.get_current_history_length()
        with open(os.environ['TRUTH'], 'a', encoding='utf-8') as log:
            for at in range(_Prompt.seen + 1, count + 1): log.write('\\x1e' + readline.get_history_item(at))
        _Prompt.seen = count
        return self.text
_Prompt.seen = readline.get_current_history_length()
sys.ps1, sys.ps2 = _Prompt('>>> '), _Prompt('... ')
`;

/** Empty when there is no such file. */
function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}

function isText(line: string): boolean {
  return line.trim() !== '';
}

function withoutNul(text: string): string {
  return text.replaceAll('\0', '');
}

/** The lines that a program without a line editor read from its terminal, by strace. */
async function readLines(log: string): Promise<readonly string[]> {
  const reads = [...(await textOf(log)).matchAll(/^read\(0, "((?:\\x[0-9a-f]{2})*)"/gm)];
  const bytes = Buffer.from(
    reads
      .map((match) => match[1] ?? '')
      .join('')
      .replaceAll('\\x', ''),
    'hex',
  );
  return bytes.toString('utf8').split('\n').filter(isText);
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
