/** Processes. */
import { flag, pathSet, when, without, writes } from '../matching/command-test.ts';
import type { CommandView } from '../matching/command-view.ts';
import type { CatalogueEntry } from './entry.ts';
import { anyThat, on } from './entry.ts';

/** What `kill` is aimed at, without the signal before it. */
function killTargets(view: CommandView): readonly string[] {
  const words = view.command.args.map((one) => one.text);
  const [first = '', ,] = words;
  const rest = /^-[sn]$/.test(first) ? words.slice(2) : /^-[^-]/.test(first) ? words.slice(1) : words;
  return rest.filter((text) => text !== '--');
}

export const PROC_ENTRIES: readonly CatalogueEntry[] = [
  {
    id: 'proc.kill-broad',
    severity: 'high',
    why: 'Killing by name or pid 1 / -1 hits more than intended.',
    cases: [
      on('killall pkill killall5 skill', without('-l|--list|--help|--version|-V')),
      on(
        'kill',
        when((view) => killTargets(view).some((text) => text === '-1' || text === '1')),
      ),
      on('fuser', flag('-k|--kill')),
    ],
    positive: ['killall -9 java', 'pkill -u www', 'kill -9 -1', 'kill -9 1'],
    negative: ['kill 4242', 'pgrep java', 'kill -l'],
  },
  {
    id: 'proc.sysrq',
    severity: 'critical',
    why: 'The sysrq trigger reboots or crashes at once.',
    cases: [anyThat('writes', writes(pathSet('/proc/sysrq-trigger')))],
    positive: ['echo b > /proc/sysrq-trigger'],
    negative: ['cat /proc/sys/kernel/sysrq'],
  },
  {
    id: 'proc.forkbomb',
    severity: 'critical',
    why: 'A function that starts itself in the background exhausts the host.',
    fact: 'fork-bomb',
    cases: [],
    positive: [':(){ :|:& };:'],
    negative: ['f(){ echo hi; }; f'],
  },
];
