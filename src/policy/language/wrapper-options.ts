/**
 * Which options of each wrapper take a value in the next word, and how many operands come before the inner
 * command. Data only; from the manual pages of the programs.
 */

export interface WrapperOptions {
  /** Letters of short options with a value. */
  readonly short: string;
  /** Whole options with a value in the next word (or after `=`), dashes included. */
  readonly long: readonly string[];
  /** Long options known to take no separate value; others are resolved both ways. */
  readonly plain: readonly string[];
  /** Operands before the inner command. */
  readonly operands: number;
  /** `NAME=value` words may precede the inner command. */
  readonly assigns: boolean;
  /** With one of these options there is no inner command. */
  readonly inert: readonly string[];
}

const list = (text: string): readonly string[] => (text === '' ? [] : text.split(' '));

function options(short: string, long = '', operands = 0, plain = '', inert = '', assigns = false): WrapperOptions {
  return { short, long: list(long), plain: list(plain), operands, assigns, inert: list(inert) };
}

const HELP = '--help --version';

/** Programs whose words after options and operands are a command. */
export const ARGV_WRAPPERS: ReadonlyMap<string, WrapperOptions> = new Map([
  [
    'sudo',
    options(
      'ugpCrtThRDUac',
      '--user --group --prompt --close-from --role --type --command-timeout --host --chroot --chdir --other-user --auth-type --login-class',
      0,
      '--preserve-env --login --shell --non-interactive --background --set-home --stdin --askpass --bell --reset-timestamp --preserve-groups --no-update',
      '-l -v -V -K --list --validate --remove-timestamp --help --version',
      true,
    ),
  ],
  ['doas', options('uCa', '', 0, '', '-L -C', true)],
  [
    'run0',
    options(
      'uD',
      '--user --group --unit --property --description --slice --nice --chdir --setenv --background',
      0,
      '',
      HELP,
    ),
  ],
  ['pkexec', options('', '--user', 0, '--disable-internal-agent --keep-cwd', HELP)],
  ['gosu', options('', '', 1, '', HELP)],
  ['su-exec', options('', '', 1)],
  [
    'setpriv',
    options(
      '',
      '--clear-groups --groups --inh-caps --ambient-caps --bounding-set --ruid --euid --rgid --egid --reuid --regid --securebits --pdeathsig --selinux-label --apparmor-profile --landlock-access --landlock-rule',
      0,
      '--no-new-privs --nnp --init-groups --keep-groups --reset-env',
      '--dump -d --help --version',
    ),
  ],
  [
    'env',
    options(
      'uC',
      '--unset --chdir',
      0,
      '--ignore-environment --null --debug --block-signal --default-signal --ignore-signal --list-signal-handling',
      HELP,
      true,
    ),
  ],
  ['nohup', options('', '', 0, '', HELP)],
  ['nice', options('n', '--adjustment', 0, '', HELP)],
  ['ionice', options('cnpPu', '--class --classdata', 0, '--ignore', '-p -P -u --pid --pgid --uid --help --version')],
  [
    'chrt',
    options(
      'TPD',
      '--sched-runtime --sched-period --sched-deadline',
      1,
      '--all-tasks --batch --deadline --fifo --idle --other --rr --reset-on-fork --verbose',
      '-p -m --pid --max --help --version',
    ),
  ],
  ['taskset', options('', '', 1, '--all-tasks --cpu-list', '-p --pid --help --version')],
  ['timeout', options('ks', '--kill-after --signal', 1, '--foreground --preserve-status --verbose', HELP)],
  ['time', options('fo', '--format --output', 0, '--append --portability --quiet --verbose', HELP)],
  ['stdbuf', options('ioe', '--input --output --error', 0, '', HELP)],
  ['setsid', options('', '', 0, '--ctty --fork --wait', HELP)],
  ['chroot', options('', '--userspec --groups', 1, '--skip-chdir', HELP)],
  [
    'unshare',
    options(
      'SGRwl',
      '--setuid --setgid --root --wd --map-user --map-group --map-users --map-groups --propagation --setgroups --monotonic --boottime',
      0,
      '--mount --uts --ipc --net --pid --user --cgroup --time --fork --map-root-user --map-current-user --map-auto --mount-proc --kill-child --keep-caps',
      HELP,
    ),
  ],
  [
    'nsenter',
    options(
      'tSGW',
      '--target --setuid --setgid --wdns',
      0,
      '--all --mount --uts --ipc --net --pid --user --cgroup --time --root --wd --no-fork --follow-context --preserve-credentials --env --join-cgroup',
      HELP,
    ),
  ],
  [
    'numactl',
    options(
      'iwmNCpPB',
      '--interleave --membind --cpunodebind --physcpubind --preferred --preferred-many --weighted-interleave',
      0,
      '--localalloc --all --balancing',
      '--show -s --hardware -H --help',
    ),
  ],
  [
    'cpulimit',
    options(
      'lepPm',
      '--limit --exe --pid --path --monitor-forks',
      0,
      '--background --foreground --kill --lazy --include-children --verbose --quiet',
      '-p --pid -e --exe --help',
    ),
  ],
  [
    'strace',
    options(
      'abeEIoOPpsSuUX',
      '--attach --env --output --user --trace --signal --abbrev --verbose --raw --read --write --inject --status --string-limit --trace-path --columns --const-print-style --interruptible --summary-sort-by',
      0,
      '--follow-forks --summary --summary-only --instruction-pointer --stack-traces --debug --relative-timestamps',
      '-p --attach --help --version',
    ),
  ],
  ['ltrace', options('aADeFlLnopsuwx', '--align --output --library --config --indent', 0, '', '-p --help --version')],
  ['unbuffer', options('')],
  [
    'rlwrap',
    options(
      'abCDfgGHlmMOpPqQsStvwyz',
      '--always-readline --break-chars --command-name --history-no-dupes --file --forget-matching --history-filename --histsize --logfile --multi-line --substitute-prompt --prompt-colour --pre-given --quote-characters --wait-before-prompt',
      0,
      '',
      HELP,
    ),
  ],
  ['faketime', options('', '--exclude-monotonic', 1, '', HELP)],
  ['firejail', options('', '', 0, '', '--list --tree --top --help --version')],
  ['proxychains', options('f', '')],
  ['proxychains4', options('f', '')],
  ['torsocks', options('uaPp', '--user --pass --address --port', 0, '--isolate --quiet --debug', HELP)],
  ['torify', options('')],
  [
    'systemd-run',
    options(
      'pMHuE',
      '--property --unit --description --slice --uid --gid --nice --working-directory --setenv --host --machine --on-active --on-boot --on-startup --on-unit-active --on-unit-inactive --on-calendar --timer-property --path-property --socket-property --service-type --background',
      0,
      '--user --scope --pty --pipe --wait --quiet --collect --shell --remain-after-exit --send-sighup --same-dir --no-block --no-ask-password --slice-inherit --system --on-clock-change --on-timezone-change --expand-environment',
      HELP,
    ),
  ],
  ['ssh-agent', options('aEtP', '', 0, '', '-k')],
  ['dbus-run-session', options('', '--config-file --dbus-daemon', 0, '', HELP)],
  ['dbus-launch', options('', '--config-file', 0, '--exit-with-session --sh-syntax --csh-syntax --auto-syntax', HELP)],
  ['busybox', options('', '', 0, '', '--help --list --list-full --install')],
  ['toybox', options('', '', 0, '', '--help --long')],
  ['command', options('', '', 0, '', '-v -V')],
  ['builtin', options('')],
  ['exec', options('a', '')],
  ['noglob', options('')],
  ['nocorrect', options('')],
  ['-', options('')],
  ['sshpass', options('fdpPe', '', 0, '', '-V -h')],
  ['runcon', options('turl', '--type --user --role --range', 0, '--compute', HELP)],
  [
    'setarch',
    options(
      '',
      '',
      0,
      '--addr-no-randomize --fdpic-funcptrs --3gb --4gb --uname-2.6 --verbose',
      '--list --help --version',
    ),
  ],
  ['linux64', options('')],
  ['linux32', options('')],
  ['prlimit', options('op', '--output --pid', 0, '', '-p --pid --help --version')],
  ['eatmydata', options('')],
  ['fakeroot', options('lsibu', '--lib --faked --fd-base', 0, '--unknown-is-real', '-h -v --help --version')],
  ['catchsegv', options('')],
  ['chronic', options('')],
  ['entr', options('')],
  ['caffeinate', options('tw')],
  [
    'xvfb-run',
    options(
      'efnps',
      '--error-file --auth-file --server-num --xauth-protocol --server-args',
      0,
      '--auto-servernum --auto-display --listen-tcp --wait',
      HELP,
    ),
  ],
  ['valgrind', options('')],
  ['softlimit', options('acdflmnoprst')],
  ['setuidgid', options('', '', 1)],
  ['chpst', options('ueo/Pbnlmdfprct')],
  ['s6-setuidgid', options('', '', 1)],
  ['capsh', options('', '', 0, '', '--print --help')],
]);

/** Options of clients with an inner command at a place of their own. */
export const SSH_OPTIONS: WrapperOptions = options('BbcDEeFIiJLlmOopQRSWw', '', 1);
export const SU_OPTIONS: WrapperOptions = options(
  'cCgGswTP',
  '--command --session-command --group --supp-group --shell --whitelist-environment',
  0,
  '--login --fast --preserve-environment --pty --no-pty',
);
export const RUNUSER_OPTIONS: WrapperOptions = options(
  'ucgGswTP',
  '--user --command --session-command --group --supp-group --shell --whitelist-environment',
);
export const XARGS_OPTIONS: WrapperOptions = options(
  'aEdILnPs',
  '--arg-file --delimiter --max-lines --max-args --max-procs --max-chars --replace --process-slot-var',
  0,
  '--null --no-run-if-empty --interactive --verbose --open-tty --exit --show-limits --eof',
  HELP,
);
export const PARALLEL_OPTIONS: WrapperOptions = options(
  'jnNaSLIECds',
  '--jobs --max-args --max-replace-args --arg-file --sshlogin --sshloginfile --colsep --delay --retries --timeout --joblog --results --tmpdir --workdir --load --memfree --nice --halt --tagstring --header --delimiter --arg-sep --block --recstart --recend --env --basefile --return --transferfile',
  0,
  '--bar --dry-run --eta --group --keep-order --line-buffer --linebuffer --null --no-run-if-empty --pipe --pipepart --progress --quote --tag --tty --ungroup --verbose --will-cite --xargs --resume --resume-failed --no-notice --plain --onall --nonall --semaphore --bg --fg --wait',
  HELP,
);
export const WATCH_OPTIONS: WrapperOptions = options(
  'nqs',
  '--interval --equexit --shotsdir',
  0,
  '--beep --color --no-color --differences --errexit --chgexit --exec --precise --no-title --no-wrap --no-rerun --follow',
  HELP,
);
export const FLOCK_OPTIONS: WrapperOptions = options(
  'wEc',
  '--timeout --wait --conflict-exit-code --command',
  1,
  '--shared --exclusive --nonblock --nb --unlock --no-fork --close --verbose',
  HELP,
);
export const SCRIPT_OPTIONS: WrapperOptions = options(
  'cEBIOToTm',
  '--command --echo --log-in --log-out --log-io --log-timing --logging-format --output-limit',
  1,
  '--append --return --flush --force --quiet',
  HELP,
);
export const TMUX_OPTIONS: WrapperOptions = options('cfLST', '');
export const SCREEN_OPTIONS: WrapperOptions = options('cehpsStTX');
export const KUBECTL_OPTIONS: WrapperOptions = options(
  'cnsflpo',
  '--container --namespace --context --cluster --kubeconfig --user --server --token --as --as-group --as-uid --filename --pod-running-timeout --request-timeout --certificate-authority --client-certificate --client-key --cache-dir --tls-server-name --password --username --profile --profile-output --image --target --copy-to --env --overrides --restart --labels --selector --output --port --serviceaccount --annotations --field-manager --image-pull-policy --share-processes --custom',
);
export const DOCKER_GLOBAL_OPTIONS: WrapperOptions = options(
  'Hcl',
  '--host --context --config --log-level --tlscacert --tlscert --tlskey --connection --url --identity --root --runroot --storage-driver --namespace --address --cgroup-manager',
);
export const DOCKER_EXEC_OPTIONS: WrapperOptions = options(
  'euw',
  '--env --user --workdir --env-file --detach-keys --index --preserve-fds',
  1,
);
export const DOCKER_RUN_OPTIONS: WrapperOptions = options(
  'aceghlmpuvw',
  '--add-host --annotation --arch --attach --blkio-weight --blkio-weight-device --cap-add --cap-drop --cgroup-parent --cgroupns --cidfile --cpu-count --cpu-percent --cpu-period --cpu-quota --cpu-rt-period --cpu-rt-runtime --cpu-shares --cpus --cpuset-cpus --cpuset-mems --detach-keys --device --device-cgroup-rule --device-read-bps --device-read-iops --device-write-bps --device-write-iops --dns --dns-option --dns-search --domainname --entrypoint --env --env-file --expose --gpus --group-add --health-cmd --health-interval --health-retries --health-start-interval --health-start-period --health-timeout --hostname --ip --ip6 --ipc --isolation --kernel-memory --label --label-file --link --link-local-ip --log-driver --log-opt --mac-address --memory --memory-reservation --memory-swap --memory-swappiness --mount --name --net --network --network-alias --oom-score-adj --pid --pids-limit --platform --pod --publish --pull --restart --runtime --secret --security-opt --shm-size --stop-signal --stop-timeout --storage-opt --subuidname --sysctl --systemd --tmpfs --tz --ulimit --user --userns --uts --volume --volume-driver --volumes-from --workdir',
  1,
);
export const COMPOSE_GLOBAL_OPTIONS: WrapperOptions = options(
  'fpH',
  '--file --project-name --profile --env-file --project-directory --ansi --parallel --progress --host',
);
export const FD_OPTIONS: WrapperOptions = options(
  'dEeTtSocjxX',
  '--max-depth --min-depth --exact-depth --exclude --extension --type --size --owner --color --threads --changed-within --changed-before --base-directory --search-path --path-separator --max-results --format',
);

/** Sub-commands of clients that run a command elsewhere, with the options up to it. */
export interface SubcommandWrapper {
  /** Words of the sub-command; the options below may stand between and before them. */
  readonly words: readonly string[];
  readonly options: WrapperOptions;
  readonly remote: boolean;
}

const after = (words: string, wrapper: WrapperOptions, remote = false): SubcommandWrapper => ({
  words: words.split(' '),
  options: wrapper,
  remote,
});

export const SUBCOMMAND_WRAPPERS: ReadonlyMap<string, readonly SubcommandWrapper[]> = new Map([
  [
    'ip',
    [
      after('netns exec', options('n', '--netns', 1)),
      after('net exec', options('n', '', 1)),
      after('vrf exec', options('n', '', 1)),
    ],
  ],
  ['crictl', [after('exec', options('r', '--runtime-endpoint --image-endpoint --timeout --config', 1))]],
  ['lxc', [after('exec', options('', '--cwd --env --mode --user --group --project', 1))]],
  ['incus', [after('exec', options('', '--cwd --env --mode --user --group --project', 1))]],
  [
    'lxc-attach',
    [
      after(
        '',
        options(
          'nsefuglLp',
          '--name --namespaces --elevated-privileges --rcfile --uid --gid --set-var --keep-var --logfile --logpriority --lxcpath',
        ),
      ),
    ],
  ],
  ['multipass', [after('exec', options('d', '--working-directory', 1))]],
  ['machinectl', [after('shell', options('ME', '--machine --setenv --uid', 1))]],
  [
    'systemd-nspawn',
    [
      after(
        '',
        options(
          'DiMupEo',
          '--directory --image --machine --user --property --setenv --chdir --bind --bind-ro --hostname --uuid --slice',
        ),
      ),
    ],
  ],
  [
    'nomad',
    [
      after('alloc exec', options('', '-task -job -address -region -namespace -token', 1)),
      after('exec', options('', '-task -job -address -region -namespace -token', 1)),
    ],
  ],
  [
    'perf',
    [
      after('stat', options('eopCrIDG', '--event --output --pid --cpu --repeat')),
      after('record', options('eopCFcGD', '--event --output --pid --cpu --freq')),
    ],
  ],
  ['bundle', [after('exec', options(''))]],
  ['poetry', [after('run', options('C', '--directory --project'))]],
  ['pipenv', [after('run', options(''))]],
  ['conda', [after('run', options('np', '--name --prefix --cwd'))]],
  ['direnv', [after('exec', options('', '', 1))]],
  [
    'git',
    [
      after('submodule foreach', options('cC', '--git-dir --work-tree')),
      after('bisect run', options('cC', '--git-dir --work-tree')),
    ],
  ],
]);
