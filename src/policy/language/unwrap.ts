/** Which reader looks inside which program. One table; the readers are in the unwrap-*.ts files. */
import { unwrapArgv, unwrapEnv, unwrapNamespace, unwrapSudo } from './unwrap-argv.ts';
import { unwrapEditor } from './unwrap-editor.ts';
import { unwrapFd, unwrapFind, unwrapParallel, unwrapXargs } from './unwrap-list.ts';
import {
  unwrapCloudShell,
  unwrapCompose,
  unwrapContainer,
  unwrapKubectl,
  unwrapMosh,
  unwrapSsh,
  unwrapSubcommand,
} from './unwrap-remote.ts';
import { unwrapAt, unwrapFlock, unwrapScreen, unwrapScript, unwrapTmux, unwrapWatch } from './unwrap-session.ts';
import {
  INTERPRETER_NAMES,
  unwrapAlias,
  unwrapEval,
  unwrapInterpreter,
  unwrapShell,
  unwrapSource,
  unwrapSu,
  unwrapTrap,
} from './unwrap-shell.ts';
import { unwrapMysql, unwrapPsql } from './unwrap-sql-client.ts';
import type { Unwrapper } from './unwrapping.ts';
import { ARGV_WRAPPERS, SUBCOMMAND_WRAPPERS } from './wrapper-options.ts';

const SHELL_NAMES = 'sh bash dash zsh ksh ksh93 mksh pdksh ash fish csh tcsh rbash rksh yash elvish nu';

function named(names: string, reader: Unwrapper): readonly (readonly [string, Unwrapper])[] {
  return names.split(' ').map((name) => [name, reader] as const);
}

const READERS: ReadonlyMap<string, Unwrapper> = new Map<string, Unwrapper>([
  ...[...ARGV_WRAPPERS].map(([name, options]) => [name, (call) => unwrapArgv(call, options)] as [string, Unwrapper]),
  ...[...SUBCOMMAND_WRAPPERS.keys()].map((name) => [name, unwrapSubcommand] as const),
  ...named('sudo doas run0', unwrapSudo),
  ...named('env', unwrapEnv),
  ...named('nsenter chroot unshare', unwrapNamespace),
  ...named(SHELL_NAMES, unwrapShell),
  ...named('su runuser sg', unwrapSu),
  ...named('eval', unwrapEval),
  ...named('source .', unwrapSource),
  ...named('trap', unwrapTrap),
  ...named('alias', unwrapAlias),
  ...INTERPRETER_NAMES.map((name) => [name, unwrapInterpreter] as const),
  ...named('xargs gxargs', unwrapXargs),
  ...named('parallel', unwrapParallel),
  ...named('find gfind', unwrapFind),
  ...named('fd fdfind', unwrapFd),
  ...named('ssh autossh slogin', unwrapSsh),
  ...named('mosh', unwrapMosh),
  ...named('docker podman nerdctl', unwrapContainer),
  ...named('docker-compose podman-compose', unwrapCompose),
  ...named('kubectl oc k kubectl.exe', unwrapKubectl),
  ...named('vagrant gcloud az', unwrapCloudShell),
  ...named('watch', unwrapWatch),
  ...named('script', unwrapScript),
  ...named('flock', unwrapFlock),
  ...named('tmux', unwrapTmux),
  ...named('screen', unwrapScreen),
  ...named('at batch', unwrapAt),
  ...named('psql', unwrapPsql),
  ...named('mysql mariadb', unwrapMysql),
  ...named('visudo vipw vigr crontab fc', unwrapEditor),
]);

/** The reader of a program by its base name; also of versioned names such as `python3.11`. */
export function unwrapperOf(name: string): Unwrapper | null {
  const exact = READERS.get(name);
  if (exact !== undefined) return exact;
  const last = name.charCodeAt(name.length - 1);
  if (last < 48 || last > 57) return null;
  return READERS.get(name.replace(/-?[\d.]+$/u, '')) ?? null;
}
