/** Packages and where they come from. */
import { all, any, flag, pathSet, sub, when, without, writes } from '../matching/command-test.ts';
import type { CatalogueEntry } from './entry.ts';
import { anyThat, on } from './entry.ts';

const APT = 'apt apt-get aptitude nala';
const RPM_FAMILY = 'yum dnf dnf5 zypper microdnf tdnf';
const NOT_REALLY = '-s|--simulate|--dry-run|--just-print|--no-act|--recon';
const SOURCES = pathSet(
  '/etc/apt/sources.list',
  '/etc/apt/sources.list.d/**',
  '/etc/apt/trusted.gpg',
  '/etc/apt/trusted.gpg.d/**',
  '/etc/apt/keyrings/**',
  '/usr/share/keyrings/**',
  '/etc/yum.repos.d/**',
  '/etc/yum.conf',
  '/etc/dnf/dnf.conf',
  '/etc/zypp/repos.d/**',
  '/etc/apk/repositories',
  '/etc/pacman.conf',
  '/etc/pacman.d/**',
);

export const PKG_ENTRIES: readonly CatalogueEntry[] = [
  {
    id: 'pkg.remove',
    severity: 'high',
    why: 'Removing packages takes dependants with them.',
    cases: [
      on(APT, all(sub('remove', 'purge', 'autoremove', 'autopurge'), without(NOT_REALLY))),
      on(RPM_FAMILY, sub('remove', 'erase', 'autoremove', 'rm')),
      on('rpm', flag('-e|--erase')),
      on('dpkg', flag('-r|--remove|-P|--purge')),
      on('apk', sub('del')),
      on('pacman yay paru', flag('-R|--remove')),
      on('snap flatpak', sub('remove', 'uninstall')),
      on('pip pip3 gem brew conda', sub('uninstall', 'remove')),
    ],
    positive: ['apt-get purge -y postgresql', 'yum remove httpd', 'rpm -e x', 'dpkg -P x'],
    negative: ['apt list --installed', 'rpm -q bash'],
  },
  {
    id: 'pkg.install',
    severity: 'medium',
    why: 'Installs run maintainer scripts as root and change the host.',
    cases: [
      on(APT, all(sub('install', 'reinstall', 'build-dep', 'satisfy'), without(NOT_REALLY))),
      on(
        RPM_FAMILY,
        sub('install', 'localinstall', 'reinstall', 'groupinstall', 'in', 'swap', 'module install', 'group install'),
      ),
      on('apk', sub('add')),
      on('pacman yay paru', all(flag('-S|-U|--sync|--upgrade'), without('-s|-i|-l|-g|-p|--search|--info|--list'))),
      on('dpkg', flag('-i|--install|--unpack')),
      on('rpm', all(flag('-i|-U|-F|--install|--upgrade|--freshen'), without('-q|--query|-V|--verify|-K'))),
      on('pip pip3 pipx gem conda brew cargo easy_install', all(sub('install'), without('--dry-run'))),
      on(
        'npm pnpm yarn',
        all(sub('install', 'i', 'add', 'global add', 'update'), any(flag('-g|--global'), sub('global'))),
      ),
      on('snap flatpak', sub('install', 'refresh')),
      on(
        'python*',
        when((view) => /(?:^| )-m pip install(?: |$)/.test(view.command.args.map((one) => one.text).join(' '))),
      ),
      on('uv', sub('pip install', 'tool install')),
    ],
    positive: ['apt install nginx', 'dnf -y install x', 'rpm -i x.rpm', 'pip install x'],
    negative: ['apt search nginx', 'pip list', 'apt-get update'],
  },
  {
    id: 'pkg.upgrade',
    severity: 'high',
    why: 'Mass upgrades change many services at once.',
    cases: [
      on(APT, all(sub('upgrade', 'dist-upgrade', 'full-upgrade', 'safe-upgrade'), without(NOT_REALLY))),
      on(RPM_FAMILY, sub('upgrade', 'update', 'distro-sync', 'dup', 'up', 'dist-upgrade', 'system-upgrade')),
      on('do-release-upgrade', without('-c|--check-dist-upgrade-only|--help')),
      on('apk', sub('upgrade')),
      on('pacman yay paru', all(flag('-S|--sync'), flag('-u|--sysupgrade'))),
      on('unattended-upgrade unattended-upgrades', without('--dry-run|--help')),
      on('brew', sub('upgrade')),
    ],
    positive: ['apt-get dist-upgrade -y', 'dnf upgrade', 'do-release-upgrade'],
    negative: ['apt-get -s upgrade', 'dnf check-update'],
  },
  {
    id: 'pkg.repo-change',
    severity: 'high',
    why: 'A new package source is a supply-chain path.',
    cases: [
      on('add-apt-repository apt-add-repository', without('-L|--list|--help')),
      on('apt-key', sub('add', 'adv', 'del')),
      on('rpm', flag('--import')),
      on('yum-config-manager'),
      on('dnf dnf5', sub('config-manager', 'copr enable')),
      on('zypper', sub('ar', 'addrepo', 'mr', 'modifyrepo', 'rr', 'removerepo')),
      on('apt', sub('edit-sources')),
      anyThat('writes', writes(SOURCES)),
    ],
    positive: ['add-apt-repository ppa:x/y', 'rpm --import k', 'apt-key add k'],
    negative: ['apt-cache policy'],
  },
];
