/** `config` over ssh prints what belongs into ssh_config; `config reload` and `config known-hosts` for both doors. */
import { HeldlineError } from '../../base/heldline-error.ts';
import { EXIT, type Verb } from '../verb.ts';
import { callerName, flag } from '../verb-values.ts';

export const configSnippet: Verb = {
  spec: {
    path: ['config'],
    summary: 'print lines for your ~/.ssh/config',
    arguments: [],
    options: [{ name: 'known-hosts', help: 'print lines for ~/.ssh/known_hosts instead' }],
    examples: ['config >> ~/.ssh/config', 'config --known-hosts >> ~/.ssh/known_hosts'],
    audience: 'everybody',
    where: 'ssh',
  },
  run: async (context) => {
    const { caller, io, services } = context;
    const user = caller.kind === 'person' ? caller.principal.user : caller.account;
    const { hostName, port, suffix } = services.bastion;
    if (flag(context, 'known-hosts')) {
      const visible = await services.accessControl.visibleTo(user);
      io.out(
        services
          .knownHosts(visible.map(({ target }) => target.name))
          .map((line) => `${line}\n`)
          .join(''),
      );
      return EXIT.done;
    }
    const day = new Date(services.clock.now()).toISOString().slice(0, 10);
    const alias = /^[\d.]+$/.test(hostName) ? 'bastion' : (hostName.split('.')[0] ?? hostName);
    io.out(`# heldline, ${hostName}, written ${day}\n`);
    io.out(`Host ${alias}\n  HostName ${hostName}\n  Port ${port}\n  User ${user}\n`);
    io.out(`Host *${suffix}\n  ProxyJump ${alias}\n  User auto\n`);
    return EXIT.done;
  },
};

export const configReload: Verb = {
  spec: {
    path: ['config', 'reload'],
    summary: 'read policy and notifications again; what is wrong is shown and what is in force stays',
    arguments: [],
    options: [],
    examples: ['config reload'],
    audience: 'local',
  },
  run: async (context) => {
    const report = await context.services.reload(callerName(context));
    for (const line of report.lines) context.io.err(`${line}\n`);
    if (report.ok) return EXIT.done;
    throw new HeldlineError('config.invalid', 'what was in force stays in force', { kind: 'check-failed' });
  },
};
