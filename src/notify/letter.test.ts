import { expect, test } from 'vitest';
import { draft, requirement, stage } from '../../test/support/desk-world.ts';
import { requestFrom } from '../approval/hold-draft.ts';
import type { HeldRequest } from '../approval/ports.ts';
import type { RequestId, RequestUid } from '../model/names.ts';
import { type Letter, requestLetter } from './letter.ts';
import type { Shows } from './receiver.ts';

const HELD = requestFrom(draft(requirement([stage({ role: 'sre' })])), 'boot', 1000);
const SENDER = { words: 'bastion', url: null, logHead: () => ({ seq: 1, hash: 'h' }) };
const GLASS = { uid: 'u' as RequestUid, id: '7KQ2' as RequestId, lifts: [] };

function letterOf(changes: Partial<HeldRequest>, shows: Shows = 'full'): Letter {
  const entry = {
    id: 'm',
    receiver: 'ops',
    uid: HELD.statement.uid,
    news: { kind: 'asked' },
    queuedAt: 1,
    number: 1,
  } as const;
  return requestLetter(entry, { ...HELD, ...changes }, shows, SENDER);
}

test('a message and a reminder are said, the last one to people and all to programs', () => {
  const messages = ['one', 'two'].map((text, at) => ({ text, at }));
  const letter = letterOf({ messages, reminded: { times: 1, at: 1 } });
  expect(letter.title.text).toContain('alice still waits on root@db1');
  expect(letter.lines.map(({ text }) => text).filter((text) => text.startsWith('Message'))).toEqual(['Message: two']);
  expect(letter.data['messages']).toMatchObject([{ text: 'one' }, { text: 'two' }]);
});

test('a message leaves the bastion no more than a command does', () => {
  const letter = letterOf({ messages: [{ text: 'rm it', at: 1 }] }, 'none');
  expect(JSON.stringify(letter)).not.toContain('rm it');
});

test.each<[string, Partial<HeldRequest>, Letter['priority'], string]>([
  ['a severe one', {}, 'high', '(high)'],
  ['one of no severity', { severity: null }, 'default', 'root@db1'],
  ['one that is urgent', { severity: 'low', urgency: 'high' }, 'high', '(low, urgent)'],
  ['a severe one that is urgent', { urgency: 'high' }, 'urgent', '(high, urgent)'],
  ['one that can wait', { urgency: 'low' }, 'low', '(high, no hurry)'],
  ['a break-glass, whatever its person says', { byBreakGlass: GLASS, urgency: 'low' }, 'urgent', 'BREAK-GLASS used'],
  ['one that begins', { subject: 'break-glass' }, 'urgent', 'held commands of alice pass'],
])('how loud %s is', (_what, changes, priority, title) => {
  const letter = letterOf(changes);
  expect(letter.priority).toBe(priority);
  expect(letter.title.text).toContain(title);
});
