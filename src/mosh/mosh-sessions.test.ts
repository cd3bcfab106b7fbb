import { describe, expect, test } from 'vitest';
import { FakeClock } from '../base/fake-clock.ts';
import type { Principal } from '../model/principal.ts';
import type { MoshRoute } from './bootstrap/mosh-command.ts';
import { MoshSessions } from './mosh-sessions.ts';
import { MoshUserLeg } from './mosh-user-leg.ts';
import type { MoshPlace } from './ports.ts';

const SILENCE = 20_000;
const clock = new FakeClock();

function person(user: string): Principal {
  const proof = { keyFingerprint: `SHA256:${user}`, keyType: 'ssh-ed25519', secondFactor: false };
  return { user, roles: [], proof, address: '192.0.2.1' };
}

/** A session that has just lost its client. */
function lost(sessions: MoshSessions, user: string, place: MoshPlace | null): MoshUserLeg {
  const options = { size: { cols: 80, rows: 24 }, clock, detached: 3_600_000, clipboard: false };
  const leg = new MoshUserLeg({ ...options, onPresence: () => {}, onEnded: () => {} });
  sessions.add({ principal: person(user), place: () => place, startedAt: clock.now(), leg });
  return leg;
}

describe('the session that lost its client', () => {
  const sessions = new MoshSessions();
  const deploy = lost(sessions, 'alice', { target: 'db1', login: null, labels: {} });
  const root = lost(sessions, 'alice', { target: 'db1', login: 'root', labels: {} });
  lost(sessions, 'alice', null);
  lost(sessions, 'bob', { target: 'web1', login: null, labels: {} });
  clock.advance(SILENCE);

  test.each<[string, MoshRoute | null, MoshUserLeg | undefined]>([
    ['wherever it is, and never a picker', null, root],
    ['the newest on the target when no login is named', { target: 'db1', login: null }, root],
    ['under the login that is named', { target: 'db1', login: 'root' }, root],
    ['not under another login', { target: 'db1', login: 'app' }, undefined],
    ["not somebody else's", { target: 'web1', login: null }, undefined],
  ])('%s', (_name, route, leg) => {
    expect(sessions.openTo('alice', route)?.leg).toBe(leg);
  });

  test('a console window that was left behind ends with the next one; others stay', () => {
    const mine = new MoshSessions();
    const [left, working, theirs] = [
      lost(mine, 'alice', null),
      lost(mine, 'alice', { target: 'db1', login: null, labels: {} }),
      lost(mine, 'bob', null),
    ];
    clock.advance(SILENCE);
    const fresh = lost(mine, 'alice', null);
    mine.closeLeftBehind('alice');
    expect([left, working, theirs, fresh].map(({ open }) => open)).toEqual([false, true, true, true]);
  });

  test('is none any more once it has ended', () => {
    root.close();
    expect(sessions.openTo('alice', { target: 'db1', login: null })?.leg).toBe(deploy);
    sessions.closeWhere(({ proof }) => proof.keyFingerprint === 'SHA256:alice', 'your key was removed');
    expect(sessions.openTo('alice', null)).toBeUndefined();
    expect(sessions.openTo('bob', null)?.principal.user).toBe('bob');
  });
});
