/**
 * Which files a command reads, writes and removes, as far as its words tell. Every command reads what it names
 * unless it is known to show no content.
 */
import type { Redirection, Word } from '../analysis.ts';
import { compileFlags, staticWord, tailOf } from '../language/arguments.ts';
import { baseName } from '../language/path-normal-form.ts';
import type { ArgumentView } from './argument-view.ts';

/** Names files without showing what is in them, or takes words that are no files. */
const NO_CONTENT: ReadonlySet<string> = new Set(
  (
    'ls ll la dir stat test [ [[ chmod chown chgrp touch mkdir rmdir rm unlink shred srm wipe cd pushd popd pwd readlink realpath basename dirname du df ' +
    'find fd locate which whereis type command echo printf man info apropos whatis alias unalias export unset declare local readonly set shopt trap kill killall pkill pgrep ' +
    'ssh autossh slogin mosh ssh-keygen ssh-add ssh-copy-id git hg svn ln mount umount mountpoint findmnt lsblk blkid getfacl lsattr setfacl chattr setcap getcap file tree namei ' +
    'systemctl service journalctl docker podman nerdctl docker-compose kubectl oc k helm terraform tofu terragrunt aws gcloud az apt apt-get dpkg yum dnf rpm npm yarn pnpm pip pip3 cargo go make ' +
    'useradd usermod userdel groupadd groupdel adduser deluser passwd chsh chage gpasswd id groups getent sudo doas su env nohup nice timeout xargs parallel crontab at batch ' +
    'ip ifconfig route ping dig host nslookup ps top history read exit return source . sleep date tmux screen systemd-run ansible ansible-playbook gh tee truncate sql psql mysql'
  ).split(' '),
);

/** The first operand is a pattern or a program unless an option gives it. */
const PATTERN_FIRST: ReadonlyMap<string, string> = new Map(
  [
    ['grep egrep fgrep zgrep rg ag ack', '-e|-f|--regexp|--file'],
    ['sed', '-e|-f|--expression|--file'],
    ['awk gawk mawk nawk', '-f|--file|-e|--source'],
    ['jq yq', '-f|--from-file'],
  ].flatMap(([names, options]) => (names ?? '').split(' ').map((name) => [name, options ?? ''] as const)),
);

const EDITORS =
  'vi vim nvim ex vimdiff nano pico emacs emacsclient ed red joe jed micro mcedit kak hx helix gedit kate code sudoedit ne mg zile';
const COPIES: ReadonlySet<string> = new Set(['cp', 'mv', 'install', 'rsync', 'scp']);
const REMOVERS: ReadonlySet<string> = new Set(['rm', 'unlink', 'shred', 'srm', 'wipe', 'scrub']);
const CURL_OUTPUT = compileFlags('-o|--output|-D|--dump-header|-c|--cookie-jar');
const WGET_OUTPUT = compileFlags('-O|--output-document|-o|--output-file');
const PLAIN_OUTPUT = compileFlags('-o|--output');
const AWK_INCLUDE = compileFlags('-i|--include');
const WRITING_REDIRECTS: ReadonlySet<string> = new Set(['>', '>>', '<>', '>|', '&>', '&>>']);
const TARGET_DIRECTORY = compileFlags('-t|--target-directory');
const IN_PLACE = compileFlags('-i|--in-place');

/** Files whose content the command shows, copies or sends. */
export function filesRead(view: ArgumentView): readonly Word[] {
  const { command } = view;
  const fromRedirects = command.redirs
    .filter((redir) => redir.operator === '<' || redir.operator === '<>')
    .flatMap(targetOf);
  if (command.kind === 'sql') return [];
  if (view.name === 'dd') return [...fromRedirects, ...keyed(command.args, 'if=')];
  if (NO_CONTENT.has(view.name)) return fromRedirects;
  if (COPIES.has(view.name)) return [...fromRedirects, ...sourcesOf(view)];
  if (view.name === 'openssl' && isPublicOpenssl(view)) return fromRedirects;
  const values = view.parsed.flags.flatMap((flag) => (flag.value === null ? [] : [flag.value]));
  const attached = command.args.flatMap(fileInside);
  return [...fromRedirects, ...operandsButPattern(view), ...values, ...attached];
}

/** Files that the command creates, overwrites or appends to. */
export function filesWritten(view: ArgumentView): readonly Word[] {
  const redirected = view.command.redirs.filter(isWriting).flatMap(targetOf);
  return [...redirected, ...writtenByName(view)];
}

/** Files that are gone from where they were. */
export function filesRemoved(view: ArgumentView): readonly Word[] {
  if (REMOVERS.has(view.name)) return view.operands;
  if (view.name === 'mv') return sourcesOf(view);
  return [];
}

/** What cp, mv, install, ln, rsync and scp copy from. */
export function sourcesOf(view: ArgumentView): readonly Word[] {
  if (isFarSide(view)) return isSender(view) ? view.operands : [];
  return view.values(TARGET_DIRECTORY).length > 0 ? view.operands : view.operands.slice(0, -1);
}

/** The end of scp or rsync that a client starts on the other host: `scp -t DIR`, `rsync --server ...`. */
function isFarSide(view: ArgumentView): boolean {
  if (view.name === 'rsync') return view.has('--server');
  return view.name === 'scp' && (view.has('-t') || view.has('-f'));
}

function isSender(view: ArgumentView): boolean {
  return view.name === 'rsync' ? view.has('--sender') : view.has('-f');
}

function isWriting(redir: Redirection): boolean {
  if (WRITING_REDIRECTS.has(redir.operator)) return true;
  return redir.operator === '>&' && !/^(\d+-?|-)$/.test(redir.target?.text ?? '-');
}

function targetOf(redir: Redirection): readonly Word[] {
  return redir.target === null ? [] : [redir.target];
}

type Writer = (view: ArgumentView) => readonly Word[];

const everyOperand: Writer = (view) => view.operands;
const inPlace: Writer = (view) => (view.flag(IN_PLACE) === 'yes' ? operandsButPattern(view) : []);
const outputFile: Writer = (view) => keyed(view.command.args, 'of=');
const inPlaceAwk: Writer = (view) =>
  view.values(AWK_INCLUDE).some((word) => word.text === 'inplace') ? operandsButPattern(view) : [];
const edited: Writer = (view) => (view.has('-R') && view.name.startsWith('v') ? [] : view.operands);
const sudoEdited: Writer = (view) => (view.has('-e|--edit') ? view.operands : []);

const WRITERS: ReadonlyMap<string, Writer> = new Map<string, Writer>([
  ...each('tee sponge truncate', everyOperand),
  ...each(EDITORS, edited),
  ...each('cp mv install ln rsync scp', destinations),
  ...each('sed perl yq', inPlace),
  ...each('awk gawk', inPlaceAwk),
  ...each('dd dcfldd dc3dd', outputFile),
  ...each('sudo doas', sudoEdited),
  ['patch', (view) => view.operands.slice(0, 1)],
  ['openssl', (view) => wordsAfter(view.command.args, '-out')],
  ['curl', (view) => view.values(CURL_OUTPUT)],
  ['wget', (view) => view.values(WGET_OUTPUT)],
  ...each('sort gpg gpg2', (view) => view.values(PLAIN_OUTPUT)),
]);

function each(names: string, writer: Writer): (readonly [string, Writer])[] {
  return names.split(' ').map((name) => [name, writer] as const);
}

function writtenByName(view: ArgumentView): readonly Word[] {
  return WRITERS.get(view.name)?.(view) ?? [];
}

/** The destination itself, and what appears inside when it is a directory. */
function destinations(view: ArgumentView): readonly Word[] {
  if (isFarSide(view)) return isSender(view) ? [] : view.operands.slice(-1);
  const named = view.values(TARGET_DIRECTORY);
  const last = view.operands.at(-1);
  const targets = named.length > 0 ? named : last === undefined || view.operands.length < 2 ? [] : [last];
  const local = targets.filter((word) => !isRemotePath(word.text));
  if (view.name === 'ln' && view.operands.length > 2 && named.length === 0) return local;
  const sources = sourcesOf(view).filter((word) => word.kind === 'static');
  return local.flatMap((word) => [word, ...sources.map((source) => inside(word, baseName(source.text)))]);
}

function inside(directory: Word, name: string): Word {
  const text = `${directory.text.replace(/\/+$/, '')}/${name}`;
  if (directory.pieces === null) return { ...staticWord(text), quoted: directory.quoted };
  return { ...directory, text, pieces: [...directory.pieces, { kind: 'literal', text: `/${name}` }] };
}

/** `host:path` as scp and rsync read it. */
export function isRemotePath(text: string): boolean {
  return /^(?:[a-z]+:\/\/|[^/:]+::?)/.test(text);
}

function operandsButPattern(view: ArgumentView): readonly Word[] {
  const options = PATTERN_FIRST.get(view.name);
  if (options === undefined || view.has(options)) return view.operands;
  return view.operands.slice(1);
}

function keyed(args: readonly Word[], key: string): readonly Word[] {
  return args.filter((word) => word.text.startsWith(key)).map((word) => tailOf(word, key.length));
}

function wordsAfter(args: readonly Word[], option: string): readonly Word[] {
  return args.filter((_, index) => args[index - 1]?.text === option);
}

/** `@file`, `name=@file`, `--option=file`. */
function fileInside(word: Word): readonly Word[] {
  const at = word.text.indexOf('@');
  if (at < 0 || at + 1 >= word.text.length || word.text.includes('://')) return [];
  if (at > 0 && word.text.charAt(at - 1) !== '=') return [];
  return [tailOf(word, at + 1)];
}

function isPublicOpenssl(view: ArgumentView): boolean {
  return /^(x509|verify|s_client|req|crl|version|ciphers|dgst|rand)$/.test(view.command.args[0]?.text ?? '');
}
