/** A scratch home with harmless things to delete and to restart, for the shell of the demo. */
import { accessSync, constants } from 'node:fs';
import { chmod, chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TargetDraft } from '../../target/target-draft.ts';

/** `nobody`, on every Linux and macOS close enough. */
const NOBODY = 65_534;

const FILES: Readonly<Record<string, string>> = {
  'README.txt': 'This home is scratch data of the heldline demo. Delete what you like.\n',
  'notes.txt': 'Remember to restart the service after the change.\n',
  'old-logs/app-2026-08.log': 'nothing happened\n',
  'old-logs/app-2026-09.log': 'nothing happened either\n',
  'service.sh': [
    '#!/bin/sh',
    'case "$1" in',
    '  restart) date >> restarts.log; echo "service restarted" ;;',
    '  status) echo "service is up" ;;',
    '  *) echo "usage: ./service.sh restart|status" ; exit 2 ;;',
    'esac',
    '',
  ].join('\n'),
};

const SHELLS = ['/bin/bash', '/usr/bin/bash', '/usr/local/bin/bash', '/bin/sh'];

/** Writes the home. As root everything in it belongs to an account without rights. */
export async function makeSandboxHome(home: string, asRoot: boolean): Promise<void> {
  await mkdir(join(home, 'old-logs'), { recursive: true, mode: 0o755 });
  for (const [name, text] of Object.entries(FILES)) await writeFile(join(home, name), text);
  await chmod(join(home, 'service.sh'), 0o755);
  if (!asRoot) return;
  for (const name of ['', 'old-logs', ...Object.keys(FILES)]) await chown(join(home, name), NOBODY, NOBODY);
}

/** The target `sandbox`: a plain shell in that home, with nothing of this process's environment. */
export function sandboxTarget(home: string, asRoot: boolean): TargetDraft {
  const shell = SHELLS.find(isRunnable) ?? '/bin/sh';
  const quiet = shell.endsWith('bash') ? ['--norc', '--noprofile'] : [];
  return {
    kind: 'local',
    name: 'sandbox',
    labels: { env: 'demo' },
    description: 'a shell on this machine, in a scratch home',
    argv: [shell, ...quiet],
    home,
    ...(asRoot ? { account: { uid: NOBODY, gid: NOBODY } } : {}),
    environment: {
      HOME: home,
      USER: 'sandbox',
      LOGNAME: 'sandbox',
      SHELL: shell,
      PATH: '/usr/local/bin:/usr/bin:/bin',
      LANG: 'C.UTF-8',
      PS1: shell.endsWith('bash') ? 'sandbox:\\w$ ' : 'sandbox$ ',
    },
  };
}

function isRunnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
