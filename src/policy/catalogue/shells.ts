/** Shells in shells, and programs started by options of other programs. */

import type { Word } from '../analysis.ts';
import { compileFlags } from '../language/arguments.ts';
import {
  all,
  any,
  flag,
  flagValue,
  like,
  operand,
  operands,
  setsVariable,
  sub,
  when,
  word,
} from '../matching/command-test.ts';
import type { CommandView } from '../matching/command-view.ts';
import type { CatalogueEntry } from './entry.ts';
import { anyThat, on } from './entry.ts';

const ORDINARY_VIEWERS =
  /^(?:(?:\/usr)?\/bin\/)?(?:cat|less|more|most|bat|vi|vim|nvim|nano|emacs|ed|true|delta|head|tail)?(?:\s+-[\w-]+(?:=\w+)?)*$/;
const VIEWER_VARIABLES =
  /^(?:PAGER|MANPAGER|GIT_PAGER|SYSTEMD_PAGER|AWS_PAGER|EDITOR|VISUAL|GIT_EDITOR|SUDO_EDITOR|SYSTEMD_EDITOR|KUBE_EDITOR|LESSOPEN|LESSCLOSE|BROWSER)$/;
const SSH_VARIABLES =
  /^(?:GIT_SSH_COMMAND|GIT_SSH|RSYNC_RSH|CVS_RSH|GIT_PROXY_COMMAND|GIT_ASKPASS|SSH_ASKPASS|GIT_EXTERNAL_DIFF)$/;
const PLAIN_SSH = /^(?:\S*\/)?ssh(?:\s+(?!.*(?:ProxyCommand|LocalCommand|KnownHostsCommand)=?).*)?$/is;
const SSH_COMMANDS = /^\s*(?:ProxyCommand|LocalCommand|KnownHostsCommand)\s*[= ]\s*(?!none\s*$)/i;
const GIT_PROGRAMS =
  /^(?:core\.(?:sshcommand|pager|editor|fsmonitor|hookspath|gitproxy|askpass)|alias\.[^=]*=!|diff\.external|diff\..*\.(?:command|textconv)|credential\.helper=!|gpg\.program|sequence\.editor|pager\.|protocol\.ext\.allow|filter\..*\.(?:clean|smudge)|.*\.(?:uploadpack|receivepack)=)/i;
const COMPRESSORS =
  /^(?:\S*\/)?(?:gzip|pigz|bzip2|pbzip2|lbzip2|xz|pixz|zstd|zstdmt|lz4|lzma|lzop|brotli)(?:\s+-[\w-]+)*$/;
const AWK_PROGRAMS = /\bsystem\s*\(|\|&?\s*"|\|\s*getline/;
const SED_RUNS = /(?:^|[;{}\n])\s*(?:\d+|\$|\/[^/]*\/)?\s*e(?:\s|$)|s(.)(?:(?!\1).)*\1(?:(?!\1).)*\1[gpiImM0-9]*e/s;

/** The program text of awk or sed: the first operand unless options give it. */
function programText(view: CommandView): readonly string[] {
  const given = view.values(compileFlags('-e|--expression|--source')).map((one) => one.text);
  return given.length > 0 || view.has('-f|--file') ? given : view.operands.slice(0, 1).map((one) => one.text);
}

/** `PAGER=...` and the like with anything but an ordinary viewer. */
function strangeProgram(name: string, value: Word | null): boolean {
  const text = value?.text ?? '';
  if (VIEWER_VARIABLES.test(name)) return !ORDINARY_VIEWERS.test(text);
  return SSH_VARIABLES.test(name) && !PLAIN_SSH.test(text) && !/askpass/i.test(text);
}

function editorRuns(view: CommandView): boolean {
  const commands = view.values(compileFlags('-c|--cmd|-S')).map((one) => one.text);
  const plus = view.command.args.filter((one) => one.text.startsWith('+')).map((one) => one.text.slice(1));
  return [...commands, ...plus].some((text) =>
    /!|\bsystem\(|\bterm(?:inal)?\b|\bpy(?:thon|3|thon3)?\b|\blua\b|\bruby\b|\bperl\b/.test(text),
  );
}

export const SHELL_ENTRIES: readonly CatalogueEntry[] = [
  {
    id: 'shell.root',
    severity: 'high',
    why: 'An interactive root shell widens everything that follows.',
    fact: 'root-shell',
    cases: [],
    positive: ['sudo -i', 'sudo su -', 'su -', 'sudo bash', 'su root'],
    negative: ['sudo -l', 'su --help', 'sudo id'],
  },
  {
    id: 'shell.nested',
    severity: 'low',
    why: 'A nested shell or REPL hides the prompt that the tracker relies on.',
    fact: 'nested-shell',
    cases: [],
    positive: ['bash', 'zsh -l', 'python3', 'node', 'fish'],
    negative: ['bash --version', 'python3 --version'],
  },
  {
    id: 'shell.remote-script',
    severity: 'critical',
    why: 'Runs code fetched from the network without review.',
    alternative: 'Download the script, read it, then run the file.',
    fact: 'remote-script',
    cases: [],
    hides: ['shell.pipe-interpreter'],
    positive: [
      'curl -fsSL https://x/i.sh | sh',
      'wget -qO- x | sudo bash',
      'bash <(curl -s x)',
      'sh -c "$(curl -fsSL x)"',
    ],
    negative: ['curl -O https://x/i.sh', 'curl x | jq .'],
  },
  {
    id: 'shell.pipe-interpreter',
    severity: 'high',
    why: 'Pipes unseen text into a shell; its meaning cannot be known statically.',
    fact: 'stdin-not-static',
    cases: [],
    positive: ['cat x.sh | bash', 'base64 -d p | sh'],
    negative: ['cat x | grep y', 'echo "ls" | sh'],
  },
  {
    id: 'shell.escape-option',
    severity: 'high',
    why: 'An option of an ordinary tool that starts a program.',
    cases: [
      on('vi vim nvim ex view vimdiff gvim', when(editorRuns)),
      on(
        'tar gtar bsdtar',
        any(
          flag('--checkpoint-action|--to-command|--info-script|--new-volume-script|--rmt-command|--rsh-command'),
          flagValue('-I|--use-compress-program', (text) => !COMPRESSORS.test(text)),
        ),
      ),
      on(
        'awk gawk mawk nawk',
        when((view) => programText(view).some((text) => AWK_PROGRAMS.test(text))),
      ),
      on('ssh scp sftp slogin autossh', flagValue('-o', like(SSH_COMMANDS))),
      // On the far side of a transfer, -e carries protocol flags.
      on(
        'rsync',
        when(
          (view) =>
            !view.has('--server') && view.values(compileFlags('-e|--rsh')).some((one) => !PLAIN_SSH.test(one.text)),
        ),
      ),
      on(
        'git',
        any(
          flagValue('-c|--config-env', like(GIT_PROGRAMS)),
          operand(like(/^ext::/)),
          all(sub('config'), operand(like(/^!/))),
          flag('--upload-pack|--receive-pack|--exec|--extcmd'),
          all(sub('rebase'), flag('-x')),
        ),
      ),
      on(
        'sed',
        when((view) => programText(view).some((text) => SED_RUNS.test(text))),
      ),
      anyThat('assigns', setsVariable(strangeProgram)),
      on('less more', word(like(/^\+{1,2}!/))),
      on('man', flag('-P|--pager|-H|--html')),
      on('split', flag('--filter')),
      on('sort', flag('--compress-program')),
      on('zip', word(like(/^(?:-TT|--unzip-command)/))),
      on('gdb', word(like(/^(?:!|shell |python |pipe )/))),
      on('tcpdump', flag('-z')),
      on('make gmake', flag('--eval')),
      on('mapfile readarray', flag('-C')),
      on('complete', flag('-C|-F')),
      on('enable', flag('-f')),
      on('hash', flag('-p')),
      on('start-stop-daemon', flag('--exec|-x|--startas|-a')),
      on('capsh', word(like(/^--$/))),
      on('sg', operands(2)),
      on('ld.so ld-linux*', operands(1)),
      on('run-parts', operands(1)),
    ],
    positive: [
      'vim -c "!sh" x',
      'tar cf /dev/null x --checkpoint=1 --checkpoint-action=exec=sh',
      "tar -I 'sh -c x' -cf x y",
      'make --eval=x:',
      'mapfile -C ./x -c 1 < y',
      'git rebase -x ./x HEAD~1',
      'hash -p ./x ls',
      '/lib64/ld-linux-x86-64.so.2 ./x',
      'awk "BEGIN{system(\\"id\\")}"',
      'ssh -o ProxyCommand=id h',
      'git -c core.sshCommand=id fetch',
    ],
    negative: ['vim x', 'awk "{print $1}" x', 'tar cf a.tar x'],
  },
];
