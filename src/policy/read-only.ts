/**
 * The shipped list of commands that only look. A line is read-only when every command of it is on the list,
 * writes nothing, matches no catalogue id from `low` up, and nothing in it is opaque.
 */
import { severityRank } from './catalogue/catalogue.ts';
import type { JudgedItem } from './judged-item.ts';
import type { CommandTest } from './matching/command-test.ts';
import { all, flag, not, operands, sub, without } from './matching/command-test.ts';
import type { CommandView } from './matching/command-view.ts';

const LOOKERS =
  'ls ll dir cat head tail grep egrep fgrep zgrep zcat bzcat xzcat less more ps df du stat id uptime whoami who w last groups hostname uname arch nproc date cal pwd cd echo printf true false test [ [[ ' +
  'wc sort uniq cut tr nl tac rev comm diff cmp column fold paste join expand basename dirname realpath readlink file which type whereis tree lsblk lscpu lsmod lspci lsusb lsof free vmstat iostat mpstat sar ' +
  'pgrep pstree getent getfacl lsattr findmnt ss netstat dig host nslookup ping traceroute tracepath mtr md5sum sha1sum sha256sum sha512sum cksum strings hexdump od xxd man apropos whatis info jq yq env printenv locale tty sleep seq';

const TESTS: ReadonlyMap<string, CommandTest> = new Map<string, CommandTest>([
  ...LOOKERS.split(' ').map((name) => [name, () => 'yes' as const] as const),
  ['systemctl', sub('status', 'list-*', 'is-*', 'show', 'cat', 'help')],
  ['journalctl', without('--vacuum-size|--vacuum-time|--vacuum-files|--rotate|--flush|--setup-keys')],
  ['git', sub('status', 'log', 'diff', 'show', 'blame', 'shortlog', 'rev-parse', 'ls-files', 'describe')],
  ['kubectl', sub('get', 'describe', 'logs', 'top', 'version', 'explain', 'api-resources', 'cluster-info')],
  ['docker', sub('ps', 'logs', 'inspect', 'images', 'top', 'stats', 'version', 'info', 'port', 'diff')],
  ['podman', sub('ps', 'logs', 'inspect', 'images', 'top', 'stats', 'version', 'info', 'port', 'diff')],
  ['ip', sub('* show', '* list', '* ls', '* get')],
  ['find', without('-delete|-exec|-execdir|-ok|-okdir|-fprint|-fprintf|-fls|-fprint0')],
  ['mount', not(operands(1))],
  ['sysctl', not(flag('-w|--write|-p|--load|--system'))],
  ['dmesg', without('-C|-c|--clear|--read-clear|-D|-E|-n')],
  ['rpm', flag('-q|--query')],
  ['dpkg', flag('-l|-L|-s|-S|--list|--listfiles|--status|--search')],
  ['dpkg-query', () => 'yes'],
  ['apt', sub('list', 'show', 'search', 'policy')],
  ['apt-cache', () => 'yes'],
  ['psql', all()],
  ['mysql', all()],
]);

/** Wrappers that change nothing by themselves. */
const TRANSPARENT: ReadonlySet<string> = new Set([
  'sudo',
  'doas',
  'nice',
  'ionice',
  'timeout',
  'time',
  'env',
  'nohup',
  'command',
  'stdbuf',
  'psql',
  'mysql',
  'watch',
]);
const INHERENTLY_WRITING = '-o|--output|-i|--in-place';

/** Whether the whole line only looks. False when there is nothing to look at. */
export function isReadOnly(items: readonly JudgedItem[]): boolean {
  return items.length > 0 && items.every(looks);
}

function looks(item: JudgedItem): boolean {
  if (item.kind !== 'command') return false;
  const { command } = item.view;
  if (item.hits.some((hit) => severityRank(hit.severity) >= severityRank('low'))) return false;
  if (command.kind === 'sql') return command.sqlReadOnly;
  if (writesSomething(item.view) || command.assigns.length > 0) return false;
  if (command.transparent) return TRANSPARENT.has(command.name);
  return TESTS.get(command.name)?.(item.view) === 'yes';
}

const HARMLESS_TARGETS = /^\/dev\/(?:null|stdout|stderr|tty)$/;

function writesSomething(view: CommandView): boolean {
  if (view.writes.some((word) => !HARMLESS_TARGETS.test(word.text))) return true;
  return (
    /^(?:sort|yq|tree|date)$/.test(view.name) &&
    (view.has(INHERENTLY_WRITING) || (view.name === 'date' && view.has('-s|--set')))
  );
}
