/** Path sets that several families share. */
import type { Match, Word } from '../analysis.ts';
import { compilePathSet, type PathSet } from '../language/path-pattern.ts';
import type { CommandTest } from '../matching/command-test.ts';
import type { CommandView } from '../matching/command-view.ts';
import { sourcesOf } from '../matching/file-use.ts';
import { anyMatch } from '../matching/match-logic.ts';

/** The root, homes and top-level system directories themselves. */
const ROOTS: PathSet = compilePathSet([
  '/',
  '~',
  '~[a-z_]*',
  '/{bin,boot,dev,etc,home,lib,lib32,lib64,libx32,media,mnt,opt,proc,root,run,sbin,srv,sys,usr,var}',
  '/{Applications,Library,System,Users,private}',
]);

export const SYSTEM_FILES: PathSet = compilePathSet([
  '/etc/**',
  '/boot/**',
  '/usr/{bin,sbin,lib,lib64,libexec}/**',
  '/{bin,sbin,lib,lib64}/**',
]);

export const BLOCK_DEVICES: PathSet = compilePathSet([
  '/dev/{sd,hd,vd,xvd}[a-z]*',
  '/dev/{nvme,mmcblk,md,dm-,loop,sr,nbd,drbd,zd,ram,pmem,fd}[0-9]*',
  '/dev/{disk,mapper,md,zvol}/**',
  '/dev/root',
  '/dev/{vg,VG,lvm,ubuntu-vg,centos,rhel,pve,data,system}*/*',
  '/dev/rdisk[0-9]*',
]);

/** An operand is the root, a home or a top-level system directory, or everything in one (`/home/*`). */
export const namesRoot: CommandTest = (view) => anyMatch(view.operands.map((word) => rootMatch(view, word)));

/** A source of mv is one of these. */
export const sourceIsRoot: CommandTest = (view) => anyMatch(sourcesOf(view).map((word) => rootMatch(view, word)));

function rootMatch(view: CommandView, word: Word): Match {
  const direct = view.path(ROOTS, [word]);
  const parent = direct === 'yes' ? null : parentOfEverything(word);
  return parent === null ? direct : anyMatch([direct, view.path(ROOTS, [parent])]);
}

/** For a word whose last component is nothing but wildcards, the directory; null for others. */
function parentOfEverything(word: Word): Word | null {
  const pieces = word.pieces ?? [];
  const last = pieces.at(-1);
  const before = pieces.at(-2);
  if (last?.kind !== 'glob' || before === undefined) return null;
  const literal = /^(.*\/)\.?$/s.exec(before.kind === 'literal' ? before.text : '');
  if (literal?.[1] === undefined) return null;
  const rest = [...pieces.slice(0, -2), { kind: 'literal' as const, text: literal[1] }];
  const text = rest.map((piece) => piece.text).join('');
  const kind = rest.some((piece) => piece.kind === 'dynamic')
    ? 'dynamic'
    : rest.some((piece) => piece.kind === 'glob')
      ? 'glob'
      : 'static';
  return { text, kind, pieces: kind === 'static' ? null : rest, quoted: word.quoted };
}
