/**
 * How the options of the programs in the catalogue are spelled: which take a value, which style does not
 * cluster. Only what changes the reading of a line is listed; a program that is not here has plain options.
 */
import { type ArgumentGrammar, PLAIN_GRAMMAR } from '../language/arguments.ts';

const KUBECTL =
  'namespace context kubeconfig cluster user server token output selector container filename field-selector as as-group request-timeout replicas image type patch grace-period timeout sort-by kustomize cache-dir certificate-authority client-certificate client-key tls-server-name';
const GIT =
  'git-dir work-tree namespace exec-path config-env super-prefix message author date file reference depth branch';
const AWS = 'profile region output query endpoint-url cli-input-json ca-bundle color';
const CURL_LONG =
  'output upload-file data data-binary data-raw data-ascii data-urlencode json form form-string header user-agent user request url cert key cacert capath connect-timeout max-time proxy referer cookie cookie-jar retry retry-delay range config write-out interface resolve dump-header limit-rate netrc-file oauth2-bearer';

function grammar(shortValues: string, longNames = '', clusters = true): ArgumentGrammar {
  const longValues = longNames.split(' ').filter((name) => name !== '');
  return { clusters, shortValues, longValues: longValues.map((name) => (name.startsWith('-') ? name : `--${name}`)) };
}

const SSH = grammar('bcDEeFIiJLlmOopQRSWw');
const DATABASE = grammar(
  'hpUdcfvPFoTRL',
  'host port username dbname command file set variable output field-separator table-attr',
);
const MYSQL = grammar('huDePS', 'host user database execute port socket defaults-file defaults-extra-file');
const CONTAINER = grammar(
  'Hlvweupn',
  'host log-level context config volume env publish name network user workdir mount label file project-name hostname entrypoint env-file cap-add cap-drop security-opt device memory cpus add-host platform pid ipc userns uts restart volumes-from profile project-directory',
);
const IPTABLES = grammar(
  'tpsdjiomc',
  'table protocol source destination jump in-interface out-interface match dport sport to-destination to-source comment ctstate state limit',
);
const WHOLE = grammar('', '', false);

const GRAMMARS: ReadonlyMap<string, ArgumentGrammar> = new Map<string, ArgumentGrammar>([
  ...spread('cp mv ln', grammar('tS', 'target-directory suffix')),
  ['install', grammar('mogtS', 'mode owner group target-directory suffix')],
  [
    'rsync',
    grammar(
      'efTBM',
      'rsh exclude include exclude-from include-from files-from rsync-path port password-file log-file bwlimit temp-dir partial-dir compare-dest link-dest',
    ),
  ],
  ...spread('scp sftp', grammar('cDFiJloPSX')),
  ...spread('ssh autossh slogin', SSH),
  ['mosh', grammar('p', 'ssh predict port server client')],
  ['sed', grammar('efl', 'expression file line-length')],
  ...spread('awk gawk mawk nawk', grammar('Fvfei', 'field-separator assign file source include')),
  ...spread(
    'grep egrep fgrep zgrep rg ag',
    grammar(
      'efmABCdgtT',
      'regexp file max-count after-context before-context context include exclude exclude-dir glob type color',
    ),
  ),
  [
    'tar',
    grammar(
      'fCTXbgIFHVKNL',
      'file directory files-from exclude exclude-from use-compress-program checkpoint-action to-command transform strip-components',
    ),
  ],
  ['find', WHOLE],
  ['truncate', grammar('sr', 'size reference')],
  ...spread('head tail', grammar('nc', 'lines bytes')),
  ['sort', grammar('koStT', 'key output field-separator buffer-size temporary-directory')],
  ['curl', grammar('oTdFHAuXEbcCDeKmPQrtUwxyYz', CURL_LONG)],
  [
    'wget',
    grammar(
      'OoaPUtTQeiAR',
      'output-document output-file post-file body-file post-data body-data header user-agent directory-prefix tries timeout method input-file',
    ),
  ],
  ['git', grammar('CcmFb', GIT)],
  ...spread('kubectl oc k kubectl.exe', grammar('nfolcLskp', KUBECTL)),
  ...spread('docker podman nerdctl docker-compose', CONTAINER),
  ['helm', grammar('nfo', 'namespace kube-context kubeconfig values set version output timeout')],
  ['systemctl', grammar('HMtpno', 'host machine type property lines output signal kill-who state root')],
  ['service', grammar('')],
  [
    'journalctl',
    grammar('unopDSUtgFM', 'unit lines output priority directory since until identifier grep field machine'),
  ],
  ...spread('iptables ip6tables', IPTABLES),
  ['psql', DATABASE],
  ...spread(
    'pg_dump pg_restore pg_dumpall dropdb createdb dropuser',
    grammar('hpUdfFjntTNS', 'host port username dbname file format jobs table schema'),
  ),
  ...spread('mysql mariadb mysqladmin mariadb-admin mysqldump mariadb-dump', MYSQL),
  ['redis-cli', grammar('hpanisu', 'user pass sni cacert cert key')],
  ...spread('mongo mongosh', grammar('up', 'eval host port username password authenticationDatabase file')),
  ['aws', grammar('', AWS)],
  ['gcloud', grammar('', 'project account configuration format zone region filter')],
  ['az', grammar('ongs', 'subscription output query name resource-group')],
  ...spread('terraform tofu terragrunt', WHOLE),
  ...spread('openssl java keytool xinit', WHOLE),
  ['ip', WHOLE],
  ...spread(
    'usermod useradd',
    grammar(
      'cdegGkpsuKbfZ',
      'comment home-dir home expiredate gid groups skel password shell uid base-dir inactive login',
    ),
  ),
  ['adduser', grammar('hgsGu', 'home shell ingroup uid gid gecos firstuid lastuid')],
  ['gpasswd', grammar('adAMR', 'add delete administrators members')],
  ['chage', grammar('dEImMW', 'lastday expiredate inactive mindays maxdays warndays')],
  ['crontab', grammar('u')],
  ...spread('pkill pgrep', grammar('uUgGsPtF', 'euid uid pgroup group session parent terminal pidfile signal')),
  ['killall', grammar('usoynZ', 'user signal older-than younger-than')],
  ...spread(
    'nc ncat netcat nc.traditional nc.openbsd',
    grammar('pwsxXqgGiIOTVmec', 'exec sh-exec source-port wait source proxy'),
  ),
  ['fuser', grammar('n', 'namespace')],
  ['vault', grammar('', '-address -format -field -namespace -mount', false)],
  [
    'ansible',
    grammar('aimulfMtBPTeo', 'args inventory module-name user limit forks extra-vars become-user private-key'),
  ],
  [
    'ansible-playbook',
    grammar(
      'iulfMteT',
      'inventory user limit forks extra-vars tags skip-tags become-user private-key vault-password-file',
    ),
  ],
  ...spread('apt apt-get aptitude nala', grammar('otc', 'option target-release config-file')),
  ...spread('yum dnf microdnf', grammar('cde', 'config enablerepo disablerepo installroot releasever setopt repo')),
  ['zypper', grammar('cRr', 'config root repo')],
  ['setfacl', grammar('mxMX', 'modify remove modify-file remove-file set restore')],
  ...spread('vi vim nvim view ex vimdiff', grammar('cSuUiTwW', 'cmd')),
  ['screen', grammar('SctTp')],
  ['tmux', grammar('LSfstnT')],
  ['watch', grammar('n', 'interval')],
  ['sysctl', grammar('r', 'pattern')],
  ['mount', grammar('toLU', 'types options source target')],
  ['dpkg', grammar('', 'root admindir')],
  ['rpm', grammar('', 'root dbpath')],
  ['supervisorctl', grammar('csup', 'configuration serverurl username password')],
  ['mdadm', grammar('lnxzec', 'level raid-devices spare-devices')],
  ['mkfs', grammar('t', 'type')],
]);

function spread(names: string, value: ArgumentGrammar): (readonly [string, ArgumentGrammar])[] {
  return names.split(' ').map((name) => [name, value] as const);
}

/** The grammar of a program by its base name. */
export function grammarOf(name: string): ArgumentGrammar {
  return GRAMMARS.get(name) ?? PLAIN_GRAMMAR;
}
