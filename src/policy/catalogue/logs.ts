/** Logs and auditing. */
import {
  all,
  flag,
  like,
  oneOf,
  operand,
  path,
  pathSet,
  removes,
  sub,
  when,
  word,
  writes,
} from '../matching/command-test.ts';
import type { CommandView } from '../matching/command-view.ts';
import type { CatalogueEntry } from './entry.ts';
import { anyThat, on } from './entry.ts';

const LOGS = pathSet('/var/log/**', '/run/log/**', '/var/adm/**', '{/var,}/run/utmp', '/var/account/**');
const AUDIT_FILES = pathSet(
  '/etc/audit/**',
  '/etc/rsyslog.conf',
  '/etc/rsyslog.d/**',
  '/etc/systemd/journald.conf',
  '/etc/systemd/journald.conf.d/**',
  '/etc/audisp/**',
);
const WATCHERS =
  /^(?:auditd|rsyslogd?|syslog|syslog-ng|syslogd|systemd-journald.*|journald|filebeat|auditbeat|packetbeat|elastic-agent|fluentd|fluent-bit|td-agent|td-agent-bit|vector|promtail|falco|falco-.*|falcon-sensor|osqueryd?|wazuh-agent|ossec.*|sysmon|splunkd?|SplunkForwarder|datadog-agent|newrelic-infra|tetragon|aide|amazon-cloudwatch-agent|audispd|kauditd|auoms|mdatp)(?:\.(?:service|socket|target))?$/;

/** Truncates, replaces or edits in place; appending is what logs are for. */
function overwritesLog(view: CommandView): boolean {
  const appended = view.command.redirs
    .filter((redir) => redir.operator === '>>' || redir.operator === '&>>')
    .map((redir) => redir.target);
  if (view.name === 'tee' && view.has('-a|--append')) return false;
  const words = view.writes.filter((one) => !appended.includes(one));
  return view.path(LOGS, words) === 'yes';
}

export const LOG_ENTRIES: readonly CatalogueEntry[] = [
  {
    id: 'log.tamper',
    severity: 'critical',
    why: 'Removes or empties evidence.',
    cases: [
      anyThat('removes', removes(LOGS)),
      anyThat('writes', when(overwritesLog)),
      on('find', all(word(oneOf('-delete')), path(LOGS))),
      on('journalctl', word(like(/^--(?:vacuum|rotate)/))),
      on('dmesg', flag('-C|-c|--clear|--read-clear')),
    ],
    positive: [
      'rm -f /var/log/auth.log',
      '> /var/log/syslog',
      'truncate -s0 /var/log/wtmp',
      'journalctl --vacuum-time=1s',
      'sed -i /x/d /var/log/auth.log',
      'shred /var/log/secure',
    ],
    negative: ['tail -f /var/log/syslog', 'journalctl -u nginx', 'gzip -dc /var/log/a.gz'],
  },
  {
    id: 'log.audit-off',
    severity: 'critical',
    why: 'Turns off auditing or log shipping.',
    cases: [
      on('auditctl', flag('-e|-D|-d|-W')),
      on('systemctl', all(sub('stop', 'disable', 'mask', 'kill'), operand(like(WATCHERS)))),
      on('service rc-service invoke-rc.d', all(sub('* stop'), operand(like(WATCHERS)))),
      on('killall pkill skill', operand(like(WATCHERS))),
      anyThat('writes', writes(AUDIT_FILES)),
    ],
    positive: ['auditctl -e 0', 'auditctl -D', 'systemctl stop auditd', 'service rsyslog stop'],
    negative: ['auditctl -l', 'systemctl status auditd', 'ausearch -k x'],
  },
];
