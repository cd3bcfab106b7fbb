import { beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../base/fake-clock.ts';
import type { AuditDraft } from '../model/audit-event.ts';
import type { Target } from '../model/target.ts';
import type { TargetStore } from './ports.ts';
import { TargetDirectory } from './target-directory.ts';
import type { SshTargetDraft } from './target-draft.ts';

const HOST_KEY = `SHA256:${'a'.repeat(43)}`;
const OTHER_KEY = `SHA256:${'b'.repeat(43)}`;
const draft: SshTargetDraft = {
  kind: 'ssh',
  name: 'db1',
  host: 'db1.example.com',
  port: 22,
  logins: ['root'],
  labels: { env: 'prod' },
  description: '',
  hostKeys: [HOST_KEY],
  credential: { kind: 'password', password: 'hunter2' },
};

let targets: Map<string, Target>;
let events: AuditDraft[];
let changes: string[];
let directory: TargetDirectory;

beforeEach(() => {
  targets = new Map();
  events = [];
  changes = [];
  const store: TargetStore = {
    find: async (name) => targets.get(name) ?? null,
    list: async () => [...targets.values()],
    add: async (target) => {
      targets.set(target.name, target);
      return 'added';
    },
    replace: async (previous, next) => {
      targets.set(previous.name, next);
      return 'replaced';
    },
    remove: async (name) => targets.delete(name),
  };
  directory = new TargetDirectory({
    store,
    sealer: {
      seal: (plain, owner) => `${owner}|${Buffer.from(plain).toString('hex')}`,
      unseal: (sealed, owner) => {
        const [sealedTo, hex = ''] = sealed.split('|');
        if (sealedTo !== owner) throw new RangeError('sealed to somebody else');
        return Buffer.from(hex, 'hex');
      },
    },
    audit: { append: async (event) => events.push(event) },
    clock: new FakeClock(),
    isReserved: (name) => name === 'approve',
    onListenerFailure: (failure) => {
      throw failure;
    },
  });
  directory.onChange((change) => changes.push(`${change.kind} ${change.target}`));
});

describe('targets', () => {
  test('are added, edited, trusted anew and removed, each in the log and told', async () => {
    await directory.add(draft, 'root');
    await directory.edit('db1', { logins: ['app'], labels: { env: 'dev' } }, 'root');
    await directory.trust('db1', [OTHER_KEY], 'root');
    expect(await directory.find('db1')).toMatchObject({
      logins: ['app'],
      labels: { env: 'dev' },
      hostKeys: [OTHER_KEY],
    });
    await directory.remove('db1', 'root');
    expect(await directory.list()).toEqual([]);
    expect(changes).toEqual(['added db1', 'edited db1', 'trusted db1', 'removed db1']);
    expect(events.map((event) => event.type)).toEqual([
      'target.added',
      'target.edited',
      'target.trusted',
      'target.removed',
    ]);
    expect(JSON.stringify(events)).not.toContain('hunter2');
  });

  test('keep their credential sealed to their name, over edits', async () => {
    const target = await directory.add(draft, 'root');
    expect(JSON.stringify(target)).not.toContain('hunter2');
    await directory.edit('db1', { host: 'db1b.example.com' }, 'root');
    const edited = await directory.find('db1');
    expect(edited?.kind === 'ssh' && directory.openCredential(edited)).toEqual({
      kind: 'password',
      password: 'hunter2',
    });
    const stolen = edited?.kind === 'ssh' ? { ...edited, name: 'db2' } : null;
    expect(() => stolen !== null && directory.openCredential(stolen)).toThrow('somebody else');
  });

  test('of this machine have a program and no host key', async () => {
    const local = {
      kind: 'local',
      name: 'sandbox',
      labels: {},
      description: '',
      argv: ['/bin/bash'],
      environment: {},
    } as const;
    await directory.add(local, 'root');
    await expect(directory.trust('sandbox', [HOST_KEY], 'root')).rejects.toMatchObject({ code: 'target.kind' });
    await expect(directory.edit('sandbox', { host: 'x' }, 'root')).rejects.toMatchObject({ code: 'target.kind' });
    expect(await directory.edit('sandbox', { description: 'play' }, 'root')).toMatchObject({ description: 'play' });
    await expect(directory.add({ ...local, name: 'other', argv: [''] }, 'root')).rejects.toMatchObject({
      code: 'target.program',
    });
  });

  test.each<[string, Partial<SshTargetDraft>]>([
    ['target.name', { name: 'Db1' }],
    ['target.reserved', { name: 'approve' }],
    ['target.reserved', { name: 'db1.gate' }],
    ['target.host', { host: '-oProxyCommand=x' }],
    ['target.host', { host: 'a b' }],
    ['target.port', { port: 0 }],
    ['target.port', { port: 1.5 }],
    ['target.login', { logins: [] }],
    ['target.login', { logins: ['auto'] }],
    ['target.login', { logins: ['-l root'] }],
    ['target.host-key', { hostKeys: [] }],
    ['target.host-key', { hostKeys: ['MD5:00'] }],
    ['target.label', { labels: { env: 'a b' } }],
    ['target.label', { labels: { 'x y': 'a' } }],
    ['target.password', { credential: { kind: 'password', password: '' } }],
    ['target.key', { credential: { kind: 'key', privateKey: 'ssh-ed25519 AAAA' } }],
  ])('%s for %j', async (code, wrong) => {
    await expect(directory.add({ ...draft, ...wrong }, 'root')).rejects.toMatchObject({ code, kind: 'usage' });
    expect(events).toEqual([]);
  });

  test('that exist, or do not, are said so', async () => {
    await directory.add(draft, 'root');
    await expect(directory.add(draft, 'root')).rejects.toMatchObject({ code: 'target.exists', kind: 'conflict' });
    await expect(directory.remove('db9', 'root')).rejects.toMatchObject({ code: 'target.unknown', kind: 'not-found' });
  });
});
