/** What would blind the recording. */
import {
  all,
  any,
  flag,
  like,
  not,
  oneOf,
  operand,
  operands,
  setsVariable,
  sub,
  when,
  without,
  word,
} from '../matching/command-test.ts';
import type { CommandView } from '../matching/command-view.ts';
import type { CatalogueEntry } from './entry.ts';
import { anyThat, on } from './entry.ts';

const RECORDERS = /^(?:script|asciinema|ttyrec|tlog|tlog-rec|tlog-rec-session|sshd|heldline|auditd)$/;

function silences(view: CommandView): boolean {
  return view.command.redirs.some(
    (redir) => redir.operator.includes('>') && redir.descriptor !== 2 && redir.target?.text === '/dev/null',
  );
}

/** Special characters of a terminal, and modes that turn one character into another. */
const KEY_SETTING =
  /^(?:intr|quit|kill|eof|eol2?|swtch|start|stop|susp|dsusp|rprnt|werase|lnext|discard|flush|igncr|inlcr|-icrnl|istrip|iuclc|-iexten)$/;

/** Other than giving the erase key one of its two usual values. */
function changesKeys({ command }: CommandView): boolean {
  const words = command.args.map((word) => word.text);
  return words.some(
    (word, at) => KEY_SETTING.test(word) || (word === 'erase' && !/^(?:\^[?hH])$/.test(words[at + 1] ?? '')),
  );
}

export const REC_ENTRIES: readonly CatalogueEntry[] = [
  {
    id: 'rec.hide',
    severity: 'high',
    why: 'Makes the recording or the command tracker blind.',
    cases: [
      on('stty', word(oneOf('-echo', 'raw', '-icanon', '-isig'))),
      on('exec', all(not(operands(1)), when(silences))),
      on('pkill killall skill', operand(like(RECORDERS))),
    ],
    positive: ['stty -echo', 'pkill script', 'exec >/dev/null 2>&1'],
    negative: ['stty size', 'stty sane'],
  },
  {
    id: 'rec.keys',
    severity: 'high',
    why: 'Changes what keys do, so that what is seen need not be what runs.',
    cases: [
      on('stty', when(changesKeys)),
      on('tset reset', flag('-e|-k|-i')),
      on('bind', any(operands(1), flag('-x|-f'))),
      on('bindkey zle', operands(1)),
      anyThat(
        'assigns',
        setsVariable((name) => name === 'INPUTRC'),
      ),
    ],
    positive: ['stty eof q', "stty erase ' '", 'tset -e x', 'bind -x \'"a":ls\'', 'bindkey a b', 'INPUTRC=x true'],
    negative: ['stty erase ^H', 'stty -a', 'stty rows 40', 'bind -p', 'reset', 'bindkey -v'],
  },
  {
    id: 'rec.multiplexer',
    severity: 'medium',
    why: 'Multiplexers and detached jobs keep running after the broker stops watching.',
    cases: [
      on('tmux', all(not(sub('ls', 'list-*', 'show-*', 'info', 'has', 'has-session')), without('-V'))),
      on(
        'screen',
        when((view) => !/^-(?:ls|list|wipe|v|-version|-help)$/.test(view.command.args[0]?.text ?? '')),
      ),
      on('nohup setsid disown dtach abduco byobu', without('--help|--version')),
      on('zellij', not(sub('ls', 'list-sessions'))),
    ],
    positive: ['tmux new -s x', 'screen -dmS a ./job', 'nohup ./x &', 'setsid ./x'],
    negative: ['tmux ls', 'screen -ls'],
  },
];
