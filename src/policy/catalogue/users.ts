/** Accounts, groups and passwords. */

import { compileFlags } from '../language/arguments.ts';
import { all, any, flag, operands, pathSet, removes, when, without, writes } from '../matching/command-test.ts';
import type { CommandView } from '../matching/command-view.ts';
import type { CatalogueEntry } from './entry.ts';
import { anyThat, on } from './entry.ts';

const ADMIN_GROUPS = new Set(
  'sudo wheel root docker adm lxd libvirt disk admin shadow incus incus-admin kmem podman 0'.split(' '),
);
const GROUPS = compileFlags('-G|--groups|-g|--gid|--ingroup');
const USER_ID = compileFlags('-u|--uid');
const SUDO_FILES = pathSet(
  '/etc/sudoers',
  '/etc/sudoers.d/**',
  '/etc/doas.conf',
  '/etc/doas.d/**',
  '/usr/local/etc/{sudoers,doas.conf}',
  '/usr/local/etc/sudoers.d/**',
);

/** Gives an administrative group or the user id 0. */
function becomesAdmin(view: CommandView): boolean {
  const groups = view.values(GROUPS).flatMap((one) => one.text.split(','));
  if (groups.some((group) => ADMIN_GROUPS.has(group))) return true;
  if (view.values(USER_ID).some((one) => /^0+$/.test(one.text))) return true;
  if (view.name === 'usermod' || view.name === 'useradd') return false;
  const named = view.name === 'gpasswd' ? view.operands : view.operands.slice(1);
  return named.some((one) => ADMIN_GROUPS.has(one.text));
}

export const USER_ENTRIES: readonly CatalogueEntry[] = [
  {
    id: 'user.delete',
    severity: 'high',
    why: 'Removing accounts or groups locks people out and orphans files.',
    cases: [on('userdel deluser groupdel delgroup')],
    positive: ['userdel -r bob', 'deluser bob', 'groupdel ops'],
    negative: ['id bob', 'getent passwd bob'],
  },
  {
    id: 'user.create',
    severity: 'medium',
    why: 'New accounts are a persistence path and an access change.',
    cases: [on('useradd adduser groupadd addgroup newusers')],
    positive: ['useradd -m eve', 'adduser eve'],
    negative: ['getent passwd'],
  },
  {
    id: 'user.privilege',
    severity: 'critical',
    why: 'Adding someone to an administrative group or uid 0 grants root.',
    cases: [on('usermod useradd gpasswd adduser', when(becomesAdmin))],
    positive: ['usermod -aG sudo eve', 'gpasswd -a eve wheel', 'useradd -o -u 0 x', 'adduser eve docker'],
    negative: ['groups eve', 'usermod -c "Eve" eve'],
  },
  {
    id: 'user.modify',
    severity: 'medium',
    why: 'Changing shell, home, lock state or expiry of an account changes access.',
    cases: [on('usermod groupmod chsh chfn gpasswd'), on('chage', without('-l|--list'))],
    positive: ['usermod -s /bin/bash www-data', 'chsh -s /bin/sh x', 'usermod -L bob', 'chage -E 0 bob'],
    negative: ['chage -l bob'],
  },
  {
    id: 'user.password',
    severity: 'high',
    why: 'Setting another account password or feeding passwords in bulk takes accounts over.',
    cases: [
      on('passwd', any(all(operands(1), without('-S|--status')), flag('-d|--delete|-l|--lock|-u|--unlock|-e'))),
      on('chpasswd chgpasswd'),
      on('usermod', flag('-p|--password')),
    ],
    positive: ['passwd root', 'echo "root:x" | chpasswd', 'usermod -p x bob', 'passwd -d bob'],
    negative: ['passwd --status bob', 'passwd -S'],
  },
  {
    id: 'user.sudoers',
    severity: 'critical',
    why: 'Editing sudo rules grants or removes root.',
    cases: [
      on('visudo', without('-c|--check')),
      anyThat('writes', writes(SUDO_FILES)),
      anyThat('removes', removes(SUDO_FILES)),
    ],
    positive: ['visudo', 'echo "x ALL=(ALL) NOPASSWD:ALL" >> /etc/sudoers', 'cp x /etc/sudoers.d/y'],
    negative: ['sudo -l', 'visudo -c'],
  },
];
