/** Modes, owners, capabilities and access lists. */

import type { CommandTest } from '../matching/command-test.ts';
import { all, flag, path, pathSet, without } from '../matching/command-test.ts';
import type { CatalogueEntry } from './entry.ts';
import { on } from './entry.ts';
import { namesRoot } from './paths.ts';

const OWNED_BY_SYSTEM = pathSet('/etc/**', '/usr/**', '/bin/**', '/sbin/**', '/lib/**', '/lib64/**', '/boot/**');

/** The mode is the first operand of chmod, or the value of `-m`. */
function modeIs(accepts: (mode: string) => boolean): CommandTest {
  return (view) => {
    const mode = view.name === 'chmod' ? view.operands[0]?.text : view.value('-m|--mode');
    return mode !== undefined && accepts(mode) ? 'yes' : 'no';
  };
}

function isWorldWritable(mode: string): boolean {
  if (/^[0-7]{1,5}$/.test(mode)) return (Number.parseInt(mode, 8) & 0o2) !== 0;
  return mode.split(',').some((part) => /^[ugoa]*[oa][ugoa]*(?:[-+=][rwxXst]*)*[+=][rwxXst]*w/.test(part));
}

function setsIdentity(mode: string): boolean {
  if (/^[0-7]{4,5}$/.test(mode)) return (Number.parseInt(mode, 8) & 0o6000) !== 0;
  return mode.split(',').some((part) => /^[ugoa]*(?:[-+=][rwxXst]*)*[+=][rwxXt]*s/.test(part));
}

export const PERM_ENTRIES: readonly CatalogueEntry[] = [
  {
    id: 'perm.world-writable',
    severity: 'high',
    why: 'World-writable files let any account change them.',
    alternative: 'Give the group or the one account that needs it the right instead.',
    cases: [on('chmod mkdir install', modeIs(isWorldWritable))],
    positive: ['chmod 777 /srv/app', 'chmod -R a+w .', 'chmod o+rwx x'],
    negative: ['chmod 644 x', 'chmod u+x run.sh'],
  },
  {
    id: 'perm.recursive-system',
    severity: 'critical',
    why: 'Recursive mode or owner changes on system trees break log-in and services.',
    cases: [on('chmod chown chgrp setfacl', all(flag('-R|--recursive'), namesRoot))],
    positive: ['chmod -R 755 /', 'chown -R www-data /etc', 'chgrp -R x /usr'],
    negative: ['chown -R app ./data', 'chmod 755 /srv/x'],
  },
  {
    id: 'perm.setuid',
    severity: 'critical',
    why: 'Set-uid bits or file capabilities are a root back door.',
    cases: [on('chmod mkdir install', modeIs(setsIdentity)), on('setcap', without('-v|--help'))],
    positive: ['chmod u+s /bin/bash', 'chmod 4755 x', 'setcap cap_setuid+ep /usr/bin/python3'],
    negative: ['getcap /usr/bin/ping', 'chmod 0755 x'],
  },
  {
    id: 'perm.acl',
    severity: 'medium',
    why: 'ACL changes grant access that ls does not show.',
    cases: [on('setfacl', without('--test|--help|--version'))],
    positive: ['setfacl -m u:eve:rwx /srv'],
    negative: ['getfacl /srv'],
  },
  {
    id: 'perm.chown-system',
    severity: 'high',
    why: 'Changing owner or mode of system files changes who controls them.',
    cases: [on('chown chmod chgrp', path(OWNED_BY_SYSTEM))],
    positive: ['chown eve /etc/passwd', 'chmod 600 /etc/resolv.conf'],
    negative: ['chown app /srv/app/x'],
  },
];
