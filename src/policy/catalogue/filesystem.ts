/** Files: removal, overwriting, extraction. */

import type { Word } from '../analysis.ts';
import { normalisePath } from '../language/path-normal-form.ts';
import {
  all,
  flag,
  like,
  oneOf,
  path,
  pathSet,
  sub,
  through,
  when,
  without,
  word,
  writes,
} from '../matching/command-test.ts';
import type { CommandView } from '../matching/command-view.ts';
import type { CatalogueEntry } from './entry.ts';
import { anyThat, on } from './entry.ts';
import { namesRoot, SYSTEM_FILES, sourceIsRoot } from './paths.ts';

const RECURSIVE = '-r|-R|--recursive';
const DELETERS = 'rm shred unlink srm wipe';
const NULL_DEVICE = pathSet('/dev/null');

/** A word that is only `*`, `.*` or `dir/*`. */
function isBareWildcard(one: Word): boolean {
  return one.kind === 'glob' && /^(?:[^*?[]*\/)?\.?(?:\*+|\?\*)$/.test(one.text);
}

/** Letters of tar's first word, which may stand without a dash, and of its short options. */
function tarLetters(view: CommandView): string {
  const first = view.command.args[0]?.text ?? '';
  const bare = /^[A-Za-z]+$/.test(first) ? first : '';
  return (
    bare +
    view.parsed.flags
      .filter((use) => !use.name.startsWith('--'))
      .map((use) => use.name.slice(1))
      .join('')
  );
}

function extractsOverSystem(view: CommandView): boolean {
  const letters = tarLetters(view);
  if (!letters.includes('x') && !view.has('--extract|--get')) return false;
  if (letters.includes('P') || view.has('--absolute-names')) return true;
  const directory = view.value('-C|--directory');
  return (
    directory !== undefined &&
    /^\/(?:etc|usr|bin|sbin|lib|lib64|boot|root)?$/.test(normalisePath(directory, view.command.cwd))
  );
}

export const FS_ENTRIES: readonly CatalogueEntry[] = [
  {
    id: 'fs.rm-root',
    severity: 'critical',
    why: 'Recursive removal of the root, a home or a top-level system directory destroys the host.',
    cases: [on('rm', all(flag(RECURSIVE), namesRoot))],
    hides: ['fs.rm-recursive'],
    positive: ['rm -rf /', 'sudo rm -fr /etc/../usr', 'rm -r --force ~'],
    negative: ['rm -rf ./build', 'rm -i notes.txt'],
  },
  {
    id: 'fs.rm-recursive',
    severity: 'high',
    why: 'Recursive removal is irreversible and its size is not visible in the line.',
    alternative: 'List it first (ls -d, du -sh), or move it aside with mv.',
    cases: [on('rm', flag(RECURSIVE))],
    positive: ['rm -rf build', 'rm -r -f /srv/app/releases/1'],
    negative: ['rm notes.txt', 'rmdir empty'],
  },
  {
    id: 'fs.rm-wildcard',
    severity: 'medium',
    why: 'rm with a bare wildcard removes whatever happens to be in the directory.',
    alternative: 'Name the files, or look with ls first.',
    cases: [
      on(
        'rm',
        when((view) => view.operands.some(isBareWildcard)),
      ),
    ],
    positive: ['rm *', 'rm -f ./*'],
    negative: ['rm *.tmp', 'rm a.txt b.txt'],
  },
  {
    id: 'fs.find-delete',
    severity: 'high',
    why: 'find with -delete or -exec rm removes every match in a tree at once.',
    alternative: 'Run it with -print first.',
    cases: [on('find', word(oneOf('-delete'))), on(DELETERS, through('find', 'fd', 'fdfind'))],
    positive: ['find /var -name "*.log" -delete', 'find . -type f -exec rm {} +'],
    negative: ['find . -name x -print', 'find /var -mtime +3 -ls'],
  },
  {
    id: 'fs.xargs-rm',
    severity: 'high',
    why: 'Removal driven by a list from another command deletes an unseen set of files.',
    cases: [on(DELETERS, through('xargs', 'parallel'))],
    positive: ['ls | xargs rm -f', 'find . -print0 | xargs -0 rm'],
    negative: ['ls | xargs wc -l'],
  },
  {
    id: 'fs.shred',
    severity: 'high',
    why: 'Secure erase defeats recovery.',
    cases: [on('shred wipe srm scrub', without('--help|--version'))],
    positive: ['shred -u key.pem', 'wipe -rf dir'],
    negative: ['shred --help'],
  },
  {
    id: 'fs.truncate-file',
    severity: 'medium',
    why: 'Emptying a file in place loses its content without an rm.',
    cases: [on('truncate', flag('-s|--size'))],
    positive: ['truncate -s 0 app.db', 'truncate --size=0 x'],
    negative: ['truncate --help'],
  },
  {
    id: 'fs.write-system',
    severity: 'high',
    why: 'Writing into system directories can break boot, log-in or every program.',
    cases: [anyThat('writes', writes(SYSTEM_FILES))],
    positive: ['cp x /etc/hosts', 'echo a > /usr/bin/ls', 'sed -i s/a/b/ /etc/fstab'],
    negative: ['cat /etc/hosts', 'cp /etc/hosts /tmp/hosts', 'sed s/a/b/ /etc/fstab'],
  },
  {
    id: 'fs.rm-system',
    severity: 'high',
    why: 'Removing a file under system directories can break the host.',
    cases: [on('rm unlink shred', path(SYSTEM_FILES))],
    positive: ['rm /etc/fstab', 'rm -f /usr/bin/python3'],
    negative: ['rm /tmp/x'],
  },
  {
    id: 'fs.mv-devnull',
    severity: 'critical',
    why: 'Moving files onto /dev/null (or replacing it) discards data.',
    cases: [on('mv', path(NULL_DEVICE))],
    positive: ['mv data /dev/null'],
    negative: ['cmd > /dev/null'],
  },
  {
    id: 'fs.mv-system',
    severity: 'high',
    why: 'Moving a top-level system directory makes the host unusable.',
    cases: [on('mv', sourceIsRoot)],
    positive: ['mv /etc /etc.bak', 'mv /usr /mnt'],
    negative: ['mv /etc-copy /tmp'],
  },
  {
    id: 'fs.rsync-delete',
    severity: 'high',
    why: 'rsync with a delete option removes files on the receiving side.',
    alternative: 'Run it with --dry-run first.',
    cases: [
      on(
        'rsync',
        word((text) => text.startsWith('--del') || text === '--remove-source-files'),
      ),
    ],
    positive: ['rsync -a --delete src/ dst/', 'rsync -a --delete-after a b'],
    negative: ['rsync -a src/ dst/'],
  },
  {
    id: 'fs.tar-absolute',
    severity: 'high',
    why: 'Extracting over the root or with absolute names overwrites system files.',
    cases: [on('tar gtar bsdtar', when(extractsOverSystem))],
    positive: ['tar -xPf a.tar', 'tar xf a.tgz -C /'],
    negative: ['tar tf a.tar', 'tar xf a.tar -C /tmp/x'],
  },
  {
    id: 'fs.chattr',
    severity: 'medium',
    why: 'Immutable/append attributes hide or lock changes, or remove log protection.',
    cases: [on('chattr', word(like(/^[-+=][A-Za-z]*[aiu]/)))],
    positive: ['chattr -i /etc/passwd', 'chattr +i x'],
    negative: ['lsattr /etc/passwd'],
  },
  {
    id: 'fs.git-clean',
    severity: 'medium',
    why: 'Removes untracked work that is nowhere else.',
    alternative: 'git clean -n shows what would go.',
    cases: [on('git', all(sub('clean'), flag('-f|--force'), without('-n|--dry-run')))],
    positive: ['git clean -fdx'],
    negative: ['git clean -n'],
  },
];
