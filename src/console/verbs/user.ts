/** People: `user add|list|show|disable|enable|remove`, `key add|list|remove`. */
import { HeldlineError } from '../../base/heldline-error.ts';
import type { User, UserKey } from '../../model/user.ts';
import { columns } from '../columns.ts';
import { EXIT, type Verb, type VerbContext } from '../verb.ts';
import { callerName, lines, list, printJson, text } from '../verb-values.ts';

const NAME = { name: 'NAME', help: 'the person', required: true } as const;
const KEY_FILE = {
  name: 'key-file',
  value: 'F',
  file: 'text',
  help: 'public keys, one a line, "-" for standard input',
} as const;

export const userAdd: Verb = {
  spec: {
    path: ['user', 'add'],
    summary: 'add a person',
    arguments: [NAME],
    options: [{ name: 'role', value: 'R', many: true, help: 'a role; may be given again' }, KEY_FILE],
    examples: ['user add bob --role sre --key-file bob.pub'],
    audience: 'local',
  },
  async run(context) {
    const { users, enrolment, bastion } = context.services;
    const [name = ''] = context.call.arguments;
    const draft = { name, roles: list(context, 'role'), keys: lines(text(context, 'key-file') ?? '') };
    const user = await users.add(draft, callerName(context));
    const word = await enrolment.issueWord(name, callerName(context));
    if (context.io.json) return printUser(context, user, { enrolment_word: word });
    context.io.out(`Added ${name}. Enrols with: ssh -t ${bastion.reach(name)} enroll\n`);
    context.io.out(`One-time word, valid for 15 minutes: ${word}\n`);
    return EXIT.done;
  },
};

export const userList: Verb = {
  spec: {
    path: ['user', 'list'],
    summary: 'list people',
    arguments: [],
    options: [],
    examples: ['user list', 'user list --json'],
    audience: 'local',
  },
  async run(context) {
    const users = await context.services.users.list();
    if (context.io.json) {
      for (const user of users) await printUser(context, user);
      return EXIT.done;
    }
    const rows = users.map((user) => [
      user.name,
      user.roles.join(',') || '-',
      String(user.keys.length),
      user.disabled ? 'disabled' : 'active',
    ]);
    context.io.out(columns(['NAME', 'ROLES', 'KEYS', 'STATE'], rows));
    return EXIT.done;
  },
};

export const userShow: Verb = {
  spec: {
    path: ['user', 'show'],
    summary: 'show one person',
    arguments: [NAME],
    options: [],
    examples: ['user show bob'],
    audience: 'local',
  },
  async run(context) {
    const user = await existing(context);
    if (context.io.json) return printUser(context, user);
    const { io } = context;
    io.out(`${user.name}${user.disabled ? ' (disabled)' : ''}\nroles: ${user.roles.join(', ') || 'none'}\n`);
    io.out(keyTable(user.keys));
    return EXIT.done;
  },
};

export const userDisable: Verb = {
  spec: {
    path: ['user', 'disable'],
    summary: "end a person's sessions, holds and votes, and let nobody in under the name",
    arguments: [NAME],
    options: [],
    examples: ['user disable bob'],
    audience: 'local',
  },
  async run(context) {
    const [name = ''] = context.call.arguments;
    await context.services.users.disable(name, callerName(context));
    context.io.err(`Disabled ${name}. Sessions, holds, votes and tokens of ${name} have ended.\n`);
    return EXIT.done;
  },
};

export const userEnable: Verb = {
  spec: {
    path: ['user', 'enable'],
    summary: 'let a disabled person in again',
    arguments: [NAME],
    options: [],
    examples: ['user enable bob'],
    audience: 'local',
  },
  async run(context) {
    const [name = ''] = context.call.arguments;
    await context.services.users.enable(name, callerName(context));
    context.io.err(`Enabled ${name}.\n`);
    return EXIT.done;
  },
};

export const userRemove: Verb = {
  spec: {
    path: ['user', 'remove'],
    summary: 'remove a person with keys and one-time codes',
    arguments: [NAME],
    options: [],
    examples: ['user remove bob'],
    audience: 'local',
  },
  async run(context) {
    const [name = ''] = context.call.arguments;
    await context.services.users.remove(name, callerName(context));
    context.io.err(`Removed ${name}.\n`);
    return EXIT.done;
  },
};

export const keyAdd: Verb = {
  spec: {
    path: ['key', 'add'],
    summary: 'add public keys to a person',
    arguments: [NAME],
    options: [KEY_FILE],
    examples: ['key add alice --key-file laptop.pub'],
    audience: 'local',
  },
  async run(context) {
    const [name = ''] = context.call.arguments;
    const keys = lines(text(context, 'key-file') ?? '');
    if (keys.length === 0)
      throw new HeldlineError('usage', 'key add needs --key-file with a public key', { kind: 'usage' });
    for (const line of keys) {
      const key = await context.services.users.addKey(name, line, callerName(context));
      context.io.err(`Added ${key.fingerprint} to ${name}.\n`);
    }
    return EXIT.done;
  },
};

export const keyList: Verb = {
  spec: {
    path: ['key', 'list'],
    summary: 'list public keys',
    arguments: [{ ...NAME, required: false }],
    options: [],
    examples: ['key list alice'],
    audience: 'everybody',
  },
  async run(context) {
    const user = await existing(context);
    if (context.io.json) for (const key of user.keys) printJson(context.io, { user: user.name, ...key });
    else context.io.out(keyTable(user.keys));
    return EXIT.done;
  },
};

export const keyRemove: Verb = {
  spec: {
    path: ['key', 'remove'],
    summary: 'remove a public key and end the sessions that it opened',
    arguments: [NAME, { name: 'FINGERPRINT', help: 'SHA256:...', required: true }],
    options: [],
    examples: ['key remove alice SHA256:Zk1pL0...'],
    audience: 'local',
  },
  async run(context) {
    const [name = '', fingerprint = ''] = context.call.arguments;
    await context.services.users.removeKey(name, fingerprint, callerName(context));
    context.io.err(`Removed ${fingerprint} from ${name}.\n`);
    return EXIT.done;
  },
};

/** The person named by the call; over ssh always the caller. @throws HeldlineError `user.unknown` */
async function existing(context: VerbContext): Promise<User> {
  const { caller, call, services } = context;
  const name = caller.kind === 'person' ? caller.principal.user : (call.arguments[0] ?? '');
  const user = await services.users.find(name);
  if (user === null) throw new HeldlineError('user.unknown', `there is no user ${name}`, { kind: 'not-found' });
  return user;
}

function printUser(context: VerbContext, user: User, more: Readonly<Record<string, unknown>> = {}): Promise<number> {
  const { name, roles, disabled, keys, createdAt, createdBy } = user;
  const keysShown = keys.map(({ fingerprint, type, comment }) => ({ fingerprint, type, comment }));
  printJson(context.io, {
    name,
    roles,
    disabled,
    keys: keysShown,
    created_at: new Date(createdAt).toISOString(),
    created_by: createdBy,
    ...more,
  });
  return Promise.resolve(EXIT.done);
}

function keyTable(keys: readonly UserKey[]): string {
  return columns(
    ['FINGERPRINT', 'TYPE', 'COMMENT'],
    keys.map((key) => [key.fingerprint, key.type, key.comment]),
  );
}
