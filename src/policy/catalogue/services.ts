/** Services and the power of the host. */

import type { CommandTest } from '../matching/command-test.ts';
import { sub, without } from '../matching/command-test.ts';
import type { CatalogueEntry } from './entry.ts';
import { anyThat, on } from './entry.ts';

/** `/etc/init.d/NAME ACTION`. */
function initScript(...actions: readonly string[]): CommandTest {
  return (view) =>
    /^\/etc\/(?:rc\.d\/)?init\.d\//.test(view.command.program) && actions.includes(view.operands[0]?.text ?? '')
      ? 'yes'
      : 'no';
}

const SERVICE_SCRIPTS = 'service rc-service invoke-rc.d';

export const SVC_ENTRIES: readonly CatalogueEntry[] = [
  {
    id: 'svc.stop',
    severity: 'high',
    why: 'Stopping, disabling or masking a service causes an outage.',
    cases: [
      on('systemctl', sub('stop', 'disable', 'mask', 'kill')),
      on(SERVICE_SCRIPTS, sub('* stop')),
      on('initctl snap', sub('stop')),
      on('supervisorctl pm2 monit', sub('stop', 'delete', 'shutdown', 'kill', 'remove')),
      anyThat('init-script', initScript('stop')),
    ],
    positive: ['systemctl stop nginx', 'service mysql stop', 'systemctl mask sshd'],
    negative: ['systemctl status nginx', 'service --status-all'],
  },
  {
    id: 'svc.restart',
    severity: 'medium',
    why: 'A restart interrupts users and applies unreviewed configuration.',
    cases: [
      on(
        'systemctl',
        sub(
          'restart',
          'try-restart',
          'reload',
          'reload-or-restart',
          'try-reload-or-restart',
          'force-reload',
          'start',
          'daemon-reexec',
        ),
      ),
      on(SERVICE_SCRIPTS, sub('* restart', '* start', '* reload', '* force-reload', '* try-restart')),
      on('supervisorctl pm2', sub('restart', 'reload')),
      on('initctl snap', sub('restart', 'start')),
      on('apachectl apache2ctl', sub('restart', 'graceful', 'start')),
      anyThat('init-script', initScript('restart', 'start', 'reload', 'force-reload')),
    ],
    positive: ['systemctl restart nginx', 'service nginx restart'],
    negative: ['systemctl is-active nginx'],
  },
  {
    id: 'svc.power',
    severity: 'critical',
    why: 'Rebooting or powering off stops everything on the host.',
    cases: [
      on('reboot poweroff halt shutdown', without('--help|-c|--version')),
      on(
        'systemctl',
        sub(
          'reboot',
          'poweroff',
          'halt',
          'kexec',
          'rescue',
          'emergency',
          'isolate',
          'suspend',
          'hibernate',
          'hybrid-sleep',
          'soft-reboot',
        ),
      ),
      on('loginctl', sub('reboot', 'poweroff', 'halt', 'suspend')),
      on('init telinit', sub('0', '6', '1', 's', 'S')),
    ],
    positive: ['reboot', 'shutdown -h now', 'systemctl poweroff', 'init 0'],
    negative: ['last reboot', 'uptime', 'shutdown --help'],
  },
];
