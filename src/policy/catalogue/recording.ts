/** What would blind the recording. */
import { all, like, not, oneOf, operand, operands, sub, when, without, word } from '../matching/command-test.ts';
import type { CommandView } from '../matching/command-view.ts';
import type { CatalogueEntry } from './entry.ts';
import { on } from './entry.ts';

const RECORDERS = /^(?:script|asciinema|ttyrec|tlog|tlog-rec|tlog-rec-session|sshd|heldline|auditd)$/;

function silences(view: CommandView): boolean {
  return view.command.redirs.some(
    (redir) => redir.operator.includes('>') && redir.descriptor !== 2 && redir.target?.text === '/dev/null',
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
    id: 'rec.multiplexer',
    severity: 'medium',
    why: 'Multiplexers and detached jobs keep running after the broker stops watching.',
    cases: [
      on('tmux', all(not(sub('ls', 'list-*', 'show-*', 'info')), without('-V'))),
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
