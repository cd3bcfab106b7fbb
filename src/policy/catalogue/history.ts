/** The shell's own history. */
import {
  all,
  any,
  flag,
  like,
  oneOf,
  operand,
  pathSet,
  removes,
  setsVariable,
  when,
  writes,
} from '../matching/command-test.ts';
import type { CatalogueEntry } from './entry.ts';
import { anyThat, on } from './entry.ts';

const VARIABLES = /^(?:HISTFILE|HISTSIZE|HISTFILESIZE|HISTCONTROL|HISTIGNORE|SAVEHIST|HISTORY_IGNORE|HISTCMD)$/;
const ASSIGNMENT = /^(?:HISTFILE|HISTSIZE|HISTFILESIZE|HISTCONTROL|HISTIGNORE|SAVEHIST|HISTORY_IGNORE)\+?=/;
const HISTORY_FILES = pathSet('**/.*_history', '**/.*history', '**/fish_history', '**/.history');

export const HIST_ENTRIES: readonly CatalogueEntry[] = [
  {
    id: 'hist.tamper',
    severity: 'high',
    why: 'Hides what was typed.',
    cases: [
      on('history', flag('-c|-d|-w')),
      on(
        'unset export declare typeset readonly local',
        any(
          operand(like(ASSIGNMENT)),
          all(
            operand(like(VARIABLES)),
            when((view) => view.name === 'unset'),
          ),
        ),
      ),
      anyThat(
        'assigns',
        setsVariable((name) => VARIABLES.test(name)),
      ),
      on(
        'set',
        when((view) =>
          view.command.args.some((one, index, words) => one.text === 'history' && words[index - 1]?.text === '+o'),
        ),
      ),
      on('shopt', all(flag('-u'), operand(oneOf('history')))),
      anyThat('removes', removes(HISTORY_FILES)),
      anyThat('writes', writes(HISTORY_FILES)),
      on('fc', flag('-W')),
    ],
    positive: [
      'history -c',
      'unset HISTFILE',
      'export HISTFILE=/dev/null',
      'rm ~/.bash_history',
      'set +o history',
      'HISTSIZE=0',
    ],
    negative: ['history', 'history 20', 'echo $HISTFILE'],
  },
];
