/** Hosts: `target add|list|show|edit|remove|test|trust` for administrators, `targets` over ssh. */
import { HeldlineError } from '../../base/heldline-error.ts';
import type { Labels, Target } from '../../model/target.ts';
import type { CredentialDraft } from '../../target/target-draft.ts';
import { columns } from '../columns.ts';
import { EXIT, type OptionSpec, type Verb, type VerbContext } from '../verb.ts';
import { callerName, flag, labelsFrom, list, printJson, text } from '../verb-values.ts';

const NAME = { name: 'NAME', help: 'the target', required: true } as const;

const DETAILS: readonly OptionSpec[] = [
  { name: 'host', value: 'H', help: 'name or address of the host' },
  { name: 'port', value: 'P', help: 'TCP port (default 22)' },
  {
    name: 'login',
    value: 'L',
    many: true,
    help: 'an account on the host; the first one is the default; may be given again',
  },
  { name: 'label', value: 'K=V', many: true, help: 'a label for policy and access rules; may be given again' },
  { name: 'description', value: 'TEXT', help: 'shown in the list of targets' },
  { name: 'key-file', value: 'F', file: 'text', help: "private key to sign in with instead of the bastion's own" },
  { name: 'password-file', value: 'F', file: 'line', help: 'password to sign in with' },
];

export const targetAdd: Verb = {
  spec: {
    path: ['target', 'add'],
    summary: 'add a host, or a program on this machine',
    arguments: [NAME],
    options: [
      ...DETAILS,
      { name: 'host-key', value: 'SHA256:...', many: true, help: 'pin this host key without asking' },
      { name: 'local', value: 'PROGRAM', help: 'a program on this machine instead of a host' },
    ],
    examples: [
      'target add db1 --host 10.0.3.11 --login root --label env=prod',
      'target add db1 --host 10.0.3.11 --login root --host-key SHA256:Zk1... --no-input',
      'target add lab --local /bin/bash --label env=dev',
    ],
    audience: 'local',
  },
  async run(context) {
    const [name = ''] = context.call.arguments;
    const program = text(context, 'local');
    const shared = { name, labels: labelsOf(context), description: text(context, 'description') ?? '' };
    const draft =
      program === undefined
        ? { ...shared, kind: 'ssh' as const, ...(await sshDetails(context, name)) }
        : { ...shared, kind: 'local' as const, argv: words(program), environment: localEnvironment() };
    const target = await context.services.targets.add(draft, callerName(context));
    if (context.io.json) printTarget(context, target);
    else if (target.kind === 'ssh') tellAuthorizedKeys(context, target.name, target.logins);
    else context.io.err(`Added ${name}.\n`);
    return EXIT.done;
  },
};

export const targetList: Verb = {
  spec: {
    path: ['target', 'list'],
    summary: 'list targets',
    arguments: [],
    options: [],
    examples: ['target list', 'target list --json'],
    audience: 'local',
  },
  async run(context) {
    const targets = await context.services.targets.list();
    if (context.io.json) for (const target of targets) printTarget(context, target);
    else context.io.out(columns(['NAME', 'KIND', 'ADDRESS', 'LOGINS', 'LABELS'], targets.map(rowOf)));
    return EXIT.done;
  },
};

export const targetShow: Verb = {
  spec: {
    path: ['target', 'show'],
    summary: 'show one target',
    arguments: [NAME],
    options: [],
    examples: ['target show db1'],
    audience: 'local',
  },
  async run(context) {
    const target = await existing(context);
    if (context.io.json) printTarget(context, target);
    else
      context.io.out(
        Object.entries(jsonOf(target))
          .map(([key, value]) => `${key.padEnd(12)}${plain(value)}\n`)
          .join(''),
      );
    return EXIT.done;
  },
};

export const targetEdit: Verb = {
  spec: {
    path: ['target', 'edit'],
    summary: 'change what is given and leave the rest; labels are replaced as a whole',
    arguments: [NAME],
    options: DETAILS,
    examples: ['target edit db1 --label env=prod --label tier=db'],
    audience: 'local',
  },
  async run(context) {
    const [name = ''] = context.call.arguments;
    const logins = list(context, 'login');
    const host = text(context, 'host');
    const description = text(context, 'description');
    const credential = credentialOf(context);
    const edit = {
      ...(host === undefined ? {} : { host }),
      ...(text(context, 'port') === undefined ? {} : { port: portOf(context) }),
      ...(logins.length === 0 ? {} : { logins }),
      ...(list(context, 'label').length === 0 ? {} : { labels: labelsOf(context) }),
      ...(description === undefined ? {} : { description }),
      ...(credential.kind === 'egress' ? {} : { credential }),
    };
    const target = await context.services.targets.edit(name, edit, callerName(context));
    if (context.io.json) printTarget(context, target);
    else context.io.err(`Changed ${name}.\n`);
    return EXIT.done;
  },
};

export const targetRemove: Verb = {
  spec: {
    path: ['target', 'remove'],
    summary: 'remove a target',
    arguments: [NAME],
    options: [],
    examples: ['target remove db1'],
    audience: 'local',
  },
  async run(context) {
    const [name = ''] = context.call.arguments;
    await context.services.targets.remove(name, callerName(context));
    context.io.err(`Removed ${name}.\n`);
    return EXIT.done;
  },
};

export const targetTest: Verb = {
  spec: {
    path: ['target', 'test'],
    summary: 'sign in to a target and out again',
    arguments: [NAME],
    options: [{ name: 'login', value: 'L', help: 'as this account instead of the default one' }],
    examples: ['target test db1'],
    audience: 'local',
  },
  async run(context) {
    const target = await existing(context);
    if (target.kind === 'local') {
      context.io.err(`${target.name} is a program on this machine; there is nothing to sign in to.\n`);
      return EXIT.done;
    }
    const login = text(context, 'login') ?? target.logins[0] ?? '';
    await context.services.probe.signIn(target.name, login);
    context.io.err(`ok: ${login}@${target.name} lets the bastion in.\n`);
    return EXIT.done;
  },
};

export const targetTrust: Verb = {
  spec: {
    path: ['target', 'trust'],
    summary: 'pin the host key that a target shows now, after you have compared it',
    arguments: [NAME],
    options: [
      { name: 'host-key', value: 'SHA256:...', many: true, help: 'pin this key; nothing is asked' },
      { name: 'yes', help: 'do not ask; only together with --host-key' },
    ],
    examples: ['target trust db1', 'target trust db1 --host-key SHA256:Zk1... --yes'],
    audience: 'local',
  },
  async run(context) {
    const target = await existing(context);
    if (target.kind !== 'ssh')
      throw new HeldlineError('target.kind', `${target.name} has no host key`, { kind: 'usage' });
    const given = list(context, 'host-key');
    if (flag(context, 'yes') && given.length === 0) {
      throw new HeldlineError('usage', '--yes needs the fingerprint: --host-key SHA256:...', { kind: 'usage' });
    }
    if (given.length === 0) context.io.err(`Pinned until now: ${target.hostKeys.join(' ')}\n`);
    const keys = given.length > 0 ? given : await compareHostKeys(context, target.host, target.port);
    await context.services.targets.trust(target.name, keys, callerName(context));
    context.io.err('Pinned.\n');
    return EXIT.done;
  },
};

export const targets: Verb = {
  spec: {
    path: ['targets'],
    summary: 'list the targets that you may reach or ask for',
    arguments: [],
    options: [],
    examples: ['targets', 'targets --json'],
    audience: 'everybody',
    where: 'ssh',
  },
  async run(context) {
    const { caller, io, services } = context;
    const user = caller.kind === 'person' ? caller.principal.user : caller.account;
    const visible = await services.accessControl.visibleTo(user);
    if (io.json) {
      for (const { target, logins, request } of visible) {
        printJson(io, {
          name: target.name,
          labels: target.labels,
          description: target.description,
          logins,
          requestable: request !== null,
        });
      }
      return EXIT.done;
    }
    const { suffix } = services.bastion;
    const rows = visible.map(({ target, logins }) => [
      target.name,
      logins.join(',') || '-',
      labelText(target.labels),
      target.description,
      logins.length > 0 ? `ssh ${target.name}${suffix}` : 'no access: access request',
    ]);
    io.out(columns(['TARGET', 'LOGINS', 'LABELS', 'DESCRIPTION', 'CONNECT'], rows));
    return EXIT.done;
  },
};

async function sshDetails(context: VerbContext, name: string) {
  const host = text(context, 'host');
  const logins = list(context, 'login');
  if (host === undefined)
    throw new HeldlineError('usage', `target add ${name} needs --host or --local`, { kind: 'usage' });
  if (logins.length === 0) throw new HeldlineError('usage', `target add ${name} needs --login`, { kind: 'usage' });
  const port = portOf(context);
  const given = list(context, 'host-key');
  const hostKeys = given.length > 0 ? given : await compareHostKeys(context, host, port);
  return { host, port, logins, hostKeys, credential: credentialOf(context) };
}

/** Shows what the host presents and asks. @throws HeldlineError when nobody can be asked or the answer is no */
async function compareHostKeys(context: VerbContext, host: string, port: number): Promise<readonly string[]> {
  const { io, services } = context;
  const seen = await services.probe.hostKeys(host, port);
  io.err(`${host}:${port} answered with ${seen.join(' ')}. Is that right? Compare on the host with:\n`);
  io.err('  for f in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $f; done\n');
  if (!io.interactive) {
    throw new HeldlineError('target.host-key', 'nobody can be asked whether this key is right', {
      kind: 'usage',
      hint: 'Give it with --host-key SHA256:...',
    });
  }
  const answer = await io.ask('Pin it? [y/N] ');
  if (answer?.trim().toLowerCase() === 'y') return seen;
  throw new HeldlineError('target.not-pinned', 'nothing was pinned, nothing was changed', { kind: 'not-allowed' });
}

function credentialOf(context: VerbContext): CredentialDraft {
  const privateKey = text(context, 'key-file');
  const password = text(context, 'password-file');
  if (privateKey !== undefined && password !== undefined) {
    throw new HeldlineError('usage', 'give --key-file or --password-file, not both', { kind: 'usage' });
  }
  if (privateKey !== undefined) return { kind: 'key', privateKey };
  return password === undefined ? { kind: 'egress' } : { kind: 'password', password: password.replace(/\r?\n$/, '') };
}

function portOf(context: VerbContext): number {
  const given = text(context, 'port') ?? '22';
  const port = Number(given);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new HeldlineError('usage', `--port is "${given}"; it is a number from 1 to 65535`, { kind: 'usage' });
}

function labelsOf(context: VerbContext): Labels {
  return labelsFrom(list(context, 'label'));
}

function words(program: string): [string, ...string[]] {
  const [first = '', ...rest] = program.split(' ').filter((word) => word !== '');
  return [first, ...rest];
}

function localEnvironment(): Record<string, string> {
  return { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8' };
}

function tellAuthorizedKeys({ io, services }: VerbContext, name: string, logins: readonly string[]): void {
  io.err(`Added ${name}. On it, let the bastion in as ${logins.join(', ')}:\n`);
  io.err(`  echo 'restrict,pty ${services.egressKey}' >> ~/.ssh/authorized_keys\n`);
  io.err(`Check: heldline target test ${name}\n`);
}

async function existing(context: VerbContext): Promise<Target> {
  const [name = ''] = context.call.arguments;
  const target = await context.services.targets.find(name);
  if (target !== null) return target;
  throw new HeldlineError('target.unknown', `there is no target ${name}`, {
    kind: 'not-found',
    hint: 'See: target list',
  });
}

function jsonOf(target: Target): Record<string, unknown> {
  const { name, kind, labels, description } = target;
  if (target.kind === 'local') return { name, kind, labels, description, argv: target.argv };
  const { host, port, logins, hostKeys, credential } = target;
  return { name, kind, labels, description, host, port, logins, host_keys: hostKeys, credential: credential.kind };
}

function printTarget({ io }: VerbContext, target: Target): void {
  printJson(io, jsonOf(target));
}

function rowOf(target: Target): string[] {
  const address = target.kind === 'ssh' ? `${target.host}:${target.port}` : target.argv.join(' ');
  const logins = target.kind === 'ssh' ? target.logins.join(',') : '-';
  return [target.name, target.kind, address, logins, labelText(target.labels)];
}

function labelText(labels: Labels): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
