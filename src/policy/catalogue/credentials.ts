/** Keys, passwords and other secrets. */

import type { CommandTest } from '../matching/command-test.ts';
import { all, flag, pathSet, reads, sub } from '../matching/command-test.ts';
import type { CatalogueEntry } from './entry.ts';
import { anyThat, on } from './entry.ts';

const PASSWORD_HASHES = pathSet(
  '/etc/{shadow,gshadow}',
  '/etc/{shadow,gshadow}-',
  '/etc/security/opasswd',
  '/etc/master.passwd',
  '/var/backups/{shadow,gshadow}*',
);
const PRIVATE_KEYS = pathSet(
  '**/.ssh/id_*',
  '**/id_{rsa,dsa,ecdsa,ed25519,ecdsa_sk,ed25519_sk}',
  '**/ssh_host_*_key',
  '**/*.pem',
  '**/*.ppk',
  '**/.gnupg/private-keys-v1.d/**',
  '/etc/ssl/private/**',
);
/** Public keys and certificates, which are no secrets. */
const PUBLIC = /\.pub$|(?:^|[/._-])(?:cert|certs|chain|fullchain|ca|cacert|bundle|public)[^/]*\.pem$/i;
const SECRET_FILES = pathSet(
  '**/.aws/credentials',
  '**/.kube/config',
  '**/.docker/config.json',
  '**/.config/gcloud/**',
  '**/.azure/**',
  '**/.pgpass',
  '**/.my.cnf',
  '**/.netrc',
  '**/.git-credentials',
  '**/.vault-token',
  '{/var,}/run/secrets/**',
  '**/.env',
  '**/.env.{local,production,prod,staging,development}',
  '**/.npmrc',
  '**/.pypirc',
  '/etc/kubernetes/*.conf',
  '**/kubeconfig',
  '**/*.tfstate',
  '**/.terraform.d/credentials.tfrc.json',
  '**/.config/gh/hosts.yml',
  '**/.s3cfg',
  '**/.boto',
  '**/rclone.conf',
  '/etc/rancher/k3s/k3s.yaml',
  '**/.config/rclone/**',
);
const PROCESS_MEMORY = pathSet(
  '/proc/*/{environ,mem}',
  '/proc/*/task/*/{environ,mem}',
  '/proc/kcore',
  '/dev/{mem,kmem}',
);
const OTHERS_HISTORY = pathSet('/home/*/.*_history', '/root/.*_history', '~[a-z_]*/.*_history');

/** Reads a private key, but not the public half beside it. */
const readsPrivateKey: CommandTest = (view) =>
  view.path(
    PRIVATE_KEYS,
    view.reads.filter((one) => !PUBLIC.test(one.text)),
  );

export const CRED_ENTRIES: readonly CatalogueEntry[] = [
  {
    id: 'cred.shadow',
    severity: 'critical',
    why: 'Password hashes.',
    cases: [
      anyThat('reads', reads(PASSWORD_HASHES)),
      on('getent', sub('shadow', 'gshadow')),
      on('unshadow john hashcat'),
    ],
    positive: ['cat /etc/shadow', 'cp /etc/gshadow /tmp', 'grep root /etc/shad?w'],
    negative: ['ls -l /etc/shadow', 'cat /etc/passwd'],
  },
  {
    id: 'cred.ssh-key',
    severity: 'critical',
    why: 'Private keys.',
    cases: [anyThat('reads', readsPrivateKey)],
    positive: ['cat ~/.ssh/id_rsa', 'cp /etc/ssh/ssh_host_rsa_key /tmp', 'base64 /home/a/.ssh/id_ed25519'],
    negative: ['cat ~/.ssh/id_rsa.pub', 'ls ~/.ssh', 'ssh-keygen -lf ~/.ssh/id_rsa'],
  },
  {
    id: 'cred.cloud-file',
    severity: 'high',
    why: 'Cloud, cluster, database and registry credential files.',
    cases: [anyThat('reads', reads(SECRET_FILES))],
    positive: ['cat ~/.aws/credentials', 'less ~/.kube/config', 'cat /run/secrets/db', 'cat .env'],
    negative: ['ls ~/.aws', 'kubectl config get-contexts'],
  },
  {
    id: 'cred.proc-environ',
    severity: 'high',
    why: "Other processes' environment and memory hold secrets.",
    cases: [
      anyThat('reads', reads(PROCESS_MEMORY)),
      on('gcore'),
      on('gdb strace ltrace bpftrace', flag('-p|--pid|--attach')),
    ],
    positive: ['cat /proc/1234/environ', 'strings /proc/self/environ', 'gcore 123', 'gdb -p 1', 'strace -p 99'],
    negative: ['cat /proc/meminfo', 'ps aux', 'strace ls'],
  },
  {
    id: 'cred.secret-store',
    severity: 'high',
    why: 'Reads a secret out of a vault.',
    cases: [
      on('vault bao', sub('kv get', 'read', 'token create', 'unwrap')),
      on(
        'aws',
        sub(
          'secretsmanager get-secret-value',
          'secretsmanager batch-get*',
          'ssm get-parameter*',
          'sts get-session-token',
          'sts assume-role*',
          'sts get-federation-token',
          'ecr get-login-password',
          'kms decrypt',
        ),
      ),
      on(
        'gcloud',
        sub(
          'secrets versions access',
          'auth print-access-token',
          'auth print-identity-token',
          'auth application-default print-access-token',
        ),
      ),
      on('az', sub('keyvault secret show', 'keyvault secret download', 'account get-access-token')),
      on('pass gopass', sub('show')),
      on('op', sub('read', 'item get', 'document get')),
      on('bw', sub('get')),
      on('chamber', sub('read', 'export')),
      on('doppler', sub('secrets')),
    ],
    positive: [
      'vault kv get secret/db',
      'aws secretsmanager get-secret-value --secret-id x',
      'pass show x',
      'gcloud secrets versions access latest --secret=x',
    ],
    negative: ['vault status', 'aws secretsmanager list-secrets'],
  },
  {
    id: 'cred.key-gen',
    severity: 'medium',
    why: 'Exporting or replacing keys changes who can log in.',
    cases: [
      on(
        'gpg gpg2',
        flag(
          '--export-secret-keys|--export-secret-key|--export-secret-subkeys|--delete-secret-keys|--delete-secret-key',
        ),
      ),
      on('ssh-keygen', flag('-A')),
      on('openssl', all(sub('rsa', 'pkey', 'ec', 'pkcs12'), flag('-in'))),
    ],
    positive: ['gpg --export-secret-keys', 'ssh-keygen -A', 'openssl rsa -in k.key'],
    negative: ['gpg --list-keys'],
  },
  {
    id: 'cred.other-history',
    severity: 'medium',
    why: "Another user's shell history often holds passwords.",
    cases: [anyThat('reads', reads(OTHERS_HISTORY))],
    positive: ['cat /home/bob/.bash_history'],
    negative: ['cat ~/.bash_history'],
  },
];
