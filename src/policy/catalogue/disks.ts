/** Disks, partitions, volumes and mounts. */
import { all, any, flag, leadingWord, oneOf, operands, sub, when, without, writes } from '../matching/command-test.ts';
import type { CatalogueEntry } from './entry.ts';
import { anyThat, on } from './entry.ts';
import { BLOCK_DEVICES } from './paths.ts';

const HARMLESS = '--help|--version';

export const DISK_ENTRIES: readonly CatalogueEntry[] = [
  {
    id: 'disk.mkfs',
    severity: 'critical',
    why: 'Making a file system erases the device.',
    cases: [
      on(
        'mkfs mkfs.* mke2fs mkswap mkdosfs mkntfs newfs',
        all(
          without(HARMLESS),
          when((view) => !/ext[234]|mke2fs/.test(view.name) || !view.has('-n')),
        ),
      ),
    ],
    positive: ['mkfs.ext4 /dev/sdb1', 'mke2fs /dev/vdb', 'mkswap /dev/sdc'],
    negative: ['mkfs.ext4 -n /dev/sdb1 --help', 'lsblk'],
  },
  {
    id: 'disk.dd-device',
    severity: 'critical',
    why: 'dd onto a block device overwrites it.',
    cases: [on('dd dcfldd dc3dd', writes(BLOCK_DEVICES))],
    positive: ['dd if=/dev/zero of=/dev/sda bs=1M'],
    negative: ['dd if=/dev/sda of=disk.img', 'dd if=a of=b'],
  },
  {
    id: 'disk.write-device',
    severity: 'critical',
    why: 'Redirecting or copying onto a block device overwrites it.',
    cases: [
      anyThat(
        'writes',
        all(
          writes(BLOCK_DEVICES),
          when((view) => !/^(?:dd|dcfldd|dc3dd)$/.test(view.name)),
        ),
      ),
    ],
    positive: ['cat img > /dev/sda', 'cp img /dev/nvme0n1', 'tee /dev/sdb < img'],
    negative: ['cat /dev/sda1 > part.img', 'echo x > /dev/null'],
  },
  {
    id: 'disk.partition',
    severity: 'critical',
    why: 'Changing the partition table can lose every partition.',
    cases: [
      on(
        'fdisk sfdisk cfdisk gdisk cgdisk',
        all(without('-l|--list|-d|--dump|--help|-h|-v|-V|--version'), operands(1)),
      ),
      on(
        'sgdisk',
        any(
          flag('-Z|--zap-all|-z|--zap|-o|--clear|-n|--new|-d|--delete'),
          without('-p|--print|-i|--info|-v|--verify|--help'),
        ),
      ),
      on('wipefs', all(flag('-a|--all|-o|--offset'), without('-n|--no-act'))),
      on('parted', leadingWord(20, oneOf('rm', 'mkpart', 'mklabel', 'mktable', 'resizepart'))),
    ],
    positive: ['fdisk /dev/sda', 'sgdisk -Z /dev/sda', 'wipefs -a /dev/sdb', 'parted /dev/sda rm 1'],
    negative: ['fdisk -l', 'parted -l', 'sgdisk -p /dev/sda', 'wipefs /dev/sdb'],
  },
  {
    id: 'disk.lvm-remove',
    severity: 'critical',
    why: 'Removing or shrinking logical volumes loses data.',
    cases: [
      on('lvremove vgremove pvremove lvreduce vgreduce', without('--help|--version|-t|--test')),
      on('lvm', sub('lvremove', 'vgremove', 'pvremove', 'lvreduce', 'vgreduce')),
    ],
    positive: ['lvremove -f vg0/data', 'vgremove vg0', 'lvreduce -L 1G vg0/x'],
    negative: ['lvs', 'vgdisplay'],
  },
  {
    id: 'disk.raid',
    severity: 'critical',
    why: 'Stopping an array or zeroing its metadata can lose it.',
    cases: [on('mdadm', flag('-S|--stop|--zero-superblock|-r|--remove|-f|--fail|-C|--create'))],
    positive: ['mdadm --stop /dev/md0', 'mdadm --zero-superblock /dev/sdb'],
    negative: ['mdadm --detail /dev/md0'],
  },
  {
    id: 'disk.zfs',
    severity: 'critical',
    why: 'Destroying or rolling back data sets is irreversible.',
    cases: [
      on('zfs', all(sub('destroy', 'rollback'), without('-n'))),
      on('zpool', sub('destroy', 'labelclear', 'offline', 'remove', 'detach')),
      on('btrfs', sub('subvolume delete', 'device remove', 'device delete')),
    ],
    positive: ['zfs destroy -r tank/a', 'zpool destroy tank', 'zfs rollback tank/a@x'],
    negative: ['zfs list', 'zpool status'],
  },
  {
    id: 'disk.crypt',
    severity: 'critical',
    why: 'Formatting or erasing a LUKS header loses all data.',
    cases: [on('cryptsetup', sub('luksFormat', 'erase', 'luksErase', 'luksKillSlot', 'luksRemoveKey', 'reencrypt'))],
    positive: ['cryptsetup luksFormat /dev/sdb', 'cryptsetup erase /dev/sdb'],
    negative: ['cryptsetup status x', 'cryptsetup luksDump /dev/sdb'],
  },
  {
    id: 'disk.discard',
    severity: 'critical',
    why: 'Discards or firmware erase wipe a device in seconds.',
    cases: [
      on('blkdiscard', without(HARMLESS)),
      on('nvme', sub('format', 'sanitize', 'delete-ns')),
      on('hdparm', flag('--security-erase|--security-erase-enhanced|--trim-sector-ranges')),
    ],
    positive: ['blkdiscard /dev/sdb', 'nvme format /dev/nvme0n1', 'hdparm --security-erase p /dev/sda'],
    negative: ['hdparm -I /dev/sda', 'nvme list'],
  },
  {
    id: 'disk.mount',
    severity: 'medium',
    why: 'Mounting, remounting or unmounting changes what paths mean or stops services.',
    cases: [on('umount swapoff', without(HARMLESS)), on('mount', any(operands(1), flag('-a|--all')))],
    positive: ['umount -l /data', 'mount -o remount,rw /', 'swapoff -a'],
    negative: ['mount', 'mount -l', 'findmnt'],
  },
];
