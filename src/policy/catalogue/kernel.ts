/** Kernel, boot and mandatory access control. */
import {
  all,
  any,
  flag,
  like,
  not,
  operand,
  operands,
  pathSet,
  sub,
  without,
  writes,
} from '../matching/command-test.ts';
import type { CatalogueEntry } from './entry.ts';
import { anyThat, on } from './entry.ts';

const PARAMETERS = pathSet('/proc/sys/**', '/sys/**');

export const KERNEL_ENTRIES: readonly CatalogueEntry[] = [
  {
    id: 'kernel.module',
    severity: 'high',
    why: 'Loading or removing modules changes the kernel.',
    cases: [
      on('insmod rmmod'),
      on(
        'modprobe',
        any(flag('-r|--remove'), all(operands(1), without('-n|--dry-run|-D|--show-depends|-c|--showconfig'))),
      ),
      on('dkms', sub('install', 'remove', 'add', 'build', 'uninstall')),
    ],
    positive: ['insmod x.ko', 'rmmod nf_conntrack', 'modprobe -r kvm'],
    negative: ['lsmod', 'modinfo x'],
  },
  {
    id: 'kernel.sysctl',
    severity: 'high',
    why: 'Kernel parameters change security and stability at once.',
    cases: [
      on(
        'sysctl',
        any(
          flag('-w|--write|-p|--load|--system'),
          operand((text) => text.includes('=')),
        ),
      ),
      anyThat('writes', writes(PARAMETERS)),
    ],
    positive: ['sysctl -w net.ipv4.ip_forward=1', 'echo 0 > /proc/sys/kernel/randomize_va_space'],
    negative: ['sysctl -a', 'sysctl net.ipv4.ip_forward'],
  },
  {
    id: 'kernel.boot',
    severity: 'critical',
    why: 'Boot loader or kexec changes can leave the host unbootable.',
    cases: [
      on(
        'grub-install grub2-install grub-mkconfig grub2-mkconfig update-grub update-grub2 update-initramfs dracut mkinitramfs kexec mkinitcpio grub-reboot grub-set-default grub2-set-default grubby kernel-install lilo',
        without('--help|--version|-V'),
      ),
      on('bootctl', not(sub('status', 'list'))),
      on('efibootmgr', flag('-B|-c|-o|-n|--create|--delete-bootnum|--bootorder|--bootnext')),
    ],
    positive: ['grub-install /dev/sda', 'kexec -e', 'efibootmgr -B -b 0', 'update-initramfs -u'],
    negative: ['efibootmgr', 'uname -r'],
  },
  {
    id: 'kernel.lsm-off',
    severity: 'critical',
    why: 'Turning off SELinux or AppArmor removes confinement.',
    cases: [
      on('setenforce', sub('0', 'Permissive', 'permissive')),
      on('aa-teardown aa-disable aa-complain'),
      on('systemctl', all(sub('stop', 'disable', 'mask'), operand(like(/^apparmor(?:\.service)?$/)))),
      anyThat('writes', writes(pathSet('/sys/fs/selinux/enforce', '/etc/selinux/config'))),
    ],
    positive: ['setenforce 0', 'aa-teardown', 'aa-disable nginx'],
    negative: ['getenforce', 'aa-status'],
  },
];
