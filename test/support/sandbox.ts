/**
 * A place where dangerous words may be run: a private set of namespaces (bubblewrap) in which the file system
 * is read-only, /dev holds no disk, no process of the machine can be seen, and every program that stops,
 * wipes or reconfigures a machine is one fake that writes down how it was called.
 *
 * The fakes lie over the real files in every folder where programs live, and stand in /usr/local/sbin and
 * /usr/local/bin besides, so that a login shell that resets PATH finds nothing else. Before anything runs
 * inside, every fake is compared byte by byte; one that is not in place ends the start with code 125.
 *
 * The network is the machine's own, for servers on 127.0.0.1.
 */
import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, realpath, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Disposals } from './disposals.ts';
import { findProgram } from './find-program.ts';
import { type ProgramResult, type RunOptions, runProgram } from './run-program.ts';
import { type TempDir, tempDir } from './temp-dir.ts';

/** What is faked, wherever it lies. `mkfs` brings every `mkfs.TYPE` along. */
const dangerous = [
  ...[
    'reboot',
    'shutdown',
    'poweroff',
    'halt',
    'init',
    'telinit',
    'runlevel',
    'kexec',
    'systemctl',
    'systemd',
    'loginctl',
  ],
  ...[
    'service',
    'invoke-rc.d',
    'update-rc.d',
    'mkfs',
    'mke2fs',
    'mkswap',
    'wipefs',
    'fdisk',
    'sfdisk',
    'cfdisk',
    'parted',
  ],
  ...[
    'blkdiscard',
    'badblocks',
    'shred',
    'hdparm',
    'cryptsetup',
    'lvremove',
    'vgremove',
    'pvremove',
    'mdadm',
    'zpool',
    'zfs',
  ],
  ...['swapoff', 'umount', 'mount', 'fstrim', 'iptables', 'ip6tables', 'nft', 'ufw', 'ifconfig', 'ifdown', 'tc'],
  ...[
    'userdel',
    'useradd',
    'usermod',
    'groupdel',
    'deluser',
    'adduser',
    'passwd',
    'chpasswd',
    'visudo',
    'crontab',
    'at',
  ],
  ...[
    'kubectl',
    'helm',
    'docker',
    'podman',
    'terraform',
    'aws',
    'gcloud',
    'az',
    'insmod',
    'rmmod',
    'modprobe',
    'sysctl',
  ],
  ...[
    'apt',
    'apt-get',
    'aptitude',
    'dpkg',
    'dnf',
    'yum',
    'pacman',
    'snap',
    'grub-install',
    'update-grub',
    'efibootmgr',
  ],
];

const mkfsTypes = [
  'ext2',
  'ext3',
  'ext4',
  'xfs',
  'btrfs',
  'vfat',
  'fat',
  'msdos',
  'ntfs',
  'minix',
  'bfs',
  'cramfs',
  'f2fs',
];

const systemFolders = ['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/games', '/lib/systemd'];

/** Below /usr/local; they come first in the PATH of login shells. */
const localFolders = ['sbin', 'bin'];

/** Of the kernel's own powers, those that nothing inside has any use for. */
const droppedPowers = ['SYS_ADMIN', 'SYS_BOOT', 'SYS_MODULE', 'SYS_RAWIO', 'SYS_TIME', 'MKNOD', 'NET_ADMIN'];

const namespaceWords = [
  ...['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--die-with-parent'],
  ...droppedPowers.flatMap((power) => ['--cap-drop', `CAP_${power}`]),
  ...['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc'],
  ...['--tmpfs', '/run', '--dir', '/run/sshd', '--perms', '1777', '--tmpfs', '/tmp'],
];

export interface SandboxOptions {
  /** Folders that may be written inside, besides `home`, /tmp and /run. They must exist. */
  readonly writable?: readonly string[];
  /** Further programs to fake. */
  readonly alsoFake?: readonly string[];
}

export interface WrappedCommand {
  readonly program: string;
  readonly words: readonly string[];
}

export interface Sandbox extends AsyncDisposable {
  /** A folder that may be written, inside and outside under the same path. */
  readonly home: string;
  /** The command that runs `program` inside. `writable` adds folders for this command only. */
  wrap(program: string, words: readonly string[], writable?: readonly string[]): WrappedCommand;
  /** Runs a program inside to its end. Code 125: the fakes were not in place, nothing was run. */
  run(program: string, words: readonly string[], options?: RunOptions): Promise<ProgramResult>;
  /** Every call of a fake so far, in order: its name and its words. */
  calls(): Promise<readonly (readonly string[])[]>;
}

/** Prepares a sandbox; nothing runs in it yet. Disposing of it ends nothing: stop what was started first. */
export async function makeSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  await using stack = new Disposals();
  const folder = stack.use(await tempDir({ name: 'sandbox', open: true }));
  const names = [...new Set([...dangerous, ...mkfsTypes.map((type) => `mkfs.${type}`), ...(options.alsoFake ?? [])])];
  const covered = await realPlaces(names);
  await layOut(folder, names, covered);
  const home = folder.at('home');
  const mounts = [
    ...namespaceWords,
    ...mountWords(folder, covered),
    ...(await groupWords(folder)),
    ...writableWords([home, ...(options.writable ?? [])]),
  ];
  const owned = stack.move();
  const wrap: Sandbox['wrap'] = (program, words, writable = []) => ({
    program: findProgram('bwrap'),
    words: [...mounts, ...writableWords(writable), '--', folder.at('check'), findProgram(program), ...words],
  });
  return {
    home,
    wrap,
    run: (program, words, runOptions) => {
      const command = wrap(program, words);
      return runProgram(command.program, command.words, runOptions);
    },
    calls: async () => parseCalls(await readFile(folder.at('calls'), 'utf8')),
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  };
}

/** Where the named programs lie on this machine, links followed: what the fake has to cover. */
async function realPlaces(names: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(
    systemFolders.flatMap((folder) => names.map((name) => realpath(join(folder, name)).catch(() => null))),
  );
  // On a machine whose reboot is a link to busybox, the link in /usr/local/sbin has to do: covering it would fake
  // every other program too.
  return [...new Set(found)].filter((path) => path !== null).filter((path) => basename(path) !== 'busybox');
}

/** Writes the fake, the check that runs first, and the folders that go over /usr/local/{sbin,bin}. */
async function layOut(folder: TempDir, names: readonly string[], covered: readonly string[]): Promise<void> {
  const fake = fakeScript(folder.at('calls'));
  await writeFile(folder.at('fake'), fake, { mode: 0o755 });
  await writeFile(folder.at('calls'), '');
  await mkdir(folder.at('home'));
  for (const [path, mode] of [
    ['calls', 0o666],
    ['home', 0o777],
  ] as const)
    await chmod(folder.at(path), mode);
  for (const local of localFolders) await layOutLocal(folder, local, names);
  const shadowed = localFolders.flatMap((local) => names.map((name) => join('/usr/local', local, name)));
  const digest = createHash('sha256').update(fake).digest('hex');
  const sums = [...covered, ...shadowed].map((path) => `${digest}  ${path}\n`);
  await writeFile(folder.at('sums'), sums.join(''));
  await writeFile(folder.at('check'), checkScript(folder.at('sums')), { mode: 0o755 });
}

/** One of the folders that come first in PATH: a link to the fake for every name, and links to what was there. */
async function layOutLocal(folder: TempDir, local: string, names: readonly string[]): Promise<void> {
  await mkdir(folder.at(local));
  await mkdir(folder.at(`real-${local}`));
  const others = (await readdir(join('/usr/local', local))).filter((name) => !names.includes(name));
  for (const name of names) await symlink(folder.at('fake'), folder.at(local, name));
  for (const name of others) await symlink(folder.at(`real-${local}`, name), folder.at(local, name));
}

function mountWords(folder: TempDir, covered: readonly string[]): readonly string[] {
  return [
    ...['--ro-bind', folder.path, folder.path, '--bind', folder.at('calls'), folder.at('calls')],
    ...localFolders.flatMap((local) => ['--ro-bind', join('/usr/local', local), folder.at(`real-${local}`)]),
    ...localFolders.flatMap((local) => ['--ro-bind', folder.at(local), join('/usr/local', local)]),
    ...covered.flatMap((path) => ['--ro-bind', folder.at('fake'), path]),
  ];
}

/**
 * Without root, sshd may not give a terminal to the group `tty`, which has no place in the sandbox's user
 * namespace, and ends. In a machine without that group it leaves the terminal to the user.
 */
async function groupWords(folder: TempDir): Promise<readonly string[]> {
  if (process.getuid?.() === 0) return [];
  const groups = await readFile('/etc/group', 'utf8');
  await writeFile(folder.at('group'), groups.replace(/^tty:.*\n/m, ''));
  return ['--ro-bind', folder.at('group'), '/etc/group'];
}

function writableWords(folders: readonly string[]): readonly string[] {
  return folders.flatMap((folder) => ['--bind', folder, folder]);
}

/** Notes its name and words, which are divided by US (0x1f) and ended by RS (0x1e), and succeeds in silence. */
function fakeScript(log: string): string {
  return [
    '#!/bin/sh',
    `call=\${0##*/}`,
    `for word do call="$call\x1f$word"; done`,
    `printf '%s\x1e' "$call" >> '${log}'`,
    '',
  ].join('\n');
}

function checkScript(sums: string): string {
  return [
    '#!/bin/sh',
    'refuse() { echo "sandbox: $1, nothing was run" >&2; exit 125; }',
    `sha256sum --quiet --strict --check '${sums}' >&2 || refuse "a fake is not in place"`,
    'if touch /usr/heldline-probe /etc/heldline-probe 2>/dev/null; then refuse "the file system can be written"; fi',
    'exec "$@"',
    '',
  ].join('\n');
}

function parseCalls(log: string): readonly (readonly string[])[] {
  return log
    .split('\x1e')
    .slice(0, -1)
    .map((call) => call.split('\x1f'));
}
