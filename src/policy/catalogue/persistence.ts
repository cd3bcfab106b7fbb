/** What runs later or lets somebody in again. */
import { flag, like, pathSet, setsVariable, sub, without, word, writes } from '../matching/command-test.ts';
import type { CatalogueEntry } from './entry.ts';
import { anyThat, on } from './entry.ts';

const CRON_FILES = pathSet('/etc/cron*/**', '/etc/{crontab,anacrontab}', '/var/spool/{cron,at,anacron}/**');
const START_FILES =
  '{bashrc,bash_profile,bash_login,bash_logout,bash_aliases,profile,zshrc,zprofile,zlogin,zlogout,zshenv,kshrc,mkshrc,cshrc,tcshrc,login,logout,inputrc,xprofile,xinitrc,xsession,pam_environment}';
const RC_FILES = pathSet(
  `{~,~[a-z_]*,/root,/home/*}/.${START_FILES}`,
  `.${START_FILES}`,
  '{~,/root,/home/*}/.config/{fish,environment.d,autostart}/**',
  '**/.ssh/rc',
  '/etc/ssh/sshrc',
  '/etc/{profile,bash.bashrc,bashrc,zshrc,zprofile,environment,rc.local,csh.cshrc,csh.login,inputrc}',
  '/etc/{profile.d,zsh,fish,environment.d,rc.d,skel}/**',
);
const UNITS = pathSet(
  '/etc/systemd/**',
  '{/usr,}/lib/systemd/**',
  '/usr/local/lib/systemd/**',
  '/run/systemd/{system,user,generator}/**',
  '{~,/root,/home/*}/.config/systemd/**',
  '/etc/init.d/**',
  '/etc/init/**',
);
const HOOKS =
  /^(?:LD_PRELOAD|LD_AUDIT|BASH_ENV|PROMPT_COMMAND|DYLD_INSERT_LIBRARIES|PERL5OPT|PYTHONSTARTUP|GCONV_PATH|RUBYOPT)$/;
const HOOK_ASSIGNMENT =
  /^(?:LD_PRELOAD|LD_AUDIT|BASH_ENV|PROMPT_COMMAND|DYLD_INSERT_LIBRARIES|PERL5OPT|PYTHONSTARTUP|GCONV_PATH|RUBYOPT)\+?=/;
const SIGN_IN_FILES = pathSet(
  '/etc/ssh/**',
  '/etc/pam.d/**',
  '/etc/pam.conf',
  '/etc/{passwd,shadow,group,gshadow,login.defs,shells,securetty,nologin}',
  '/etc/security/**',
);

export const PERSIST_ENTRIES: readonly CatalogueEntry[] = [
  {
    id: 'persist.cron',
    severity: 'high',
    why: 'Scheduled jobs run later, outside the session.',
    cases: [on('crontab', without('-l|-r|--help|-V')), anyThat('writes', writes(CRON_FILES))],
    hides: ['fs.write-system'],
    positive: ['crontab -e', 'echo "* * * * * id" | crontab -', 'cp x /etc/cron.d/y'],
    negative: ['crontab -l', 'ls /etc/cron.d'],
  },
  {
    id: 'persist.cron-remove',
    severity: 'high',
    why: 'Removes every scheduled job of a user.',
    cases: [on('crontab', flag('-r'))],
    positive: ['crontab -r', 'crontab -u bob -r'],
    negative: ['crontab -l'],
  },
  {
    id: 'persist.at',
    severity: 'medium',
    why: 'Deferred jobs run outside the recording.',
    cases: [
      on('at batch', without('-l|-V|-c')),
      on(
        'systemd-run',
        word((text) => text.startsWith('--on-')),
      ),
    ],
    positive: ['at now + 5 minutes', 'echo reboot | at 23:00', 'systemd-run --on-active=60 reboot'],
    negative: ['atq', 'at -l'],
  },
  {
    id: 'persist.authorized-keys',
    severity: 'critical',
    why: 'Adds a key that can log in.',
    cases: [anyThat('writes', writes(pathSet('**/.ssh/authorized_keys*'))), on('ssh-copy-id', without('-n|--help'))],
    hides: ['fs.write-system'],
    positive: ['echo k >> ~/.ssh/authorized_keys', 'ssh-copy-id h', 'tee -a /root/.ssh/authorized_keys'],
    negative: ['cat ~/.ssh/authorized_keys'],
  },
  {
    id: 'persist.rcfile',
    severity: 'high',
    why: 'Shell start-up files run at every log-in.',
    cases: [anyThat('writes', writes(RC_FILES))],
    hides: ['fs.write-system'],
    positive: ['echo x >> ~/.bashrc', 'vim /etc/profile', 'cp x /etc/profile.d/y.sh'],
    negative: ['cat ~/.bashrc', 'source ~/.bashrc'],
  },
  {
    id: 'persist.systemd',
    severity: 'high',
    why: 'Units start at boot or on a timer.',
    cases: [
      on(
        'systemctl',
        sub('enable', 'link', 'edit', 'reenable', 'preset', 'preset-all', 'add-wants', 'add-requires', 'set-default'),
      ),
      anyThat('writes', writes(UNITS)),
      on('update-rc.d insserv'),
      on('rc-update', sub('add')),
      on('chkconfig', without('--list')),
    ],
    hides: ['fs.write-system'],
    positive: ['systemctl enable evil', 'cp x.service /etc/systemd/system/', 'systemctl edit nginx'],
    negative: ['systemctl list-units', 'systemctl cat nginx'],
  },
  {
    id: 'persist.ld-preload',
    severity: 'critical',
    why: 'Preloaded libraries hook every program.',
    cases: [
      anyThat('writes', writes(pathSet('/etc/ld.so.*', '/etc/ld.so.conf.d/**'))),
      anyThat(
        'assigns',
        setsVariable((name) => HOOKS.test(name)),
      ),
      on('env export declare typeset readonly local sudo doas setenv', word(like(HOOK_ASSIGNMENT))),
    ],
    hides: ['fs.write-system'],
    positive: ['echo /tmp/x.so > /etc/ld.so.preload', 'LD_PRELOAD=/tmp/x.so sudo id'],
    negative: ['ldd /bin/ls', 'cat /etc/ld.so.preload'],
  },
  {
    id: 'persist.sshd-pam',
    severity: 'critical',
    why: 'Log-in configuration of sshd or PAM.',
    cases: [anyThat('writes', writes(SIGN_IN_FILES)), on('vipw vigr')],
    hides: ['fs.write-system'],
    positive: ['vim /etc/ssh/sshd_config', 'sed -i s/a/b/ /etc/pam.d/sshd', 'tee /etc/ssh/sshd_config.d/x'],
    negative: ['cat /etc/ssh/sshd_config', 'sshd -T'],
  },
];
