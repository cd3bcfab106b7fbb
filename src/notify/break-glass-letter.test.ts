import { expect, test } from 'vitest';
import { endedBreakGlass } from '../../test/support/ended-break-glass.ts';
import { breakGlassLetter } from './break-glass-letter.ts';
import { HTTP_FORMS } from './forms/http-forms.ts';
import type { Letter } from './letter.ts';
import type { OutboxEntry } from './ports.ts';
import type { Shows } from './receiver.ts';

const ONE = endedBreakGlass();
const SENDER = { words: '-p 2222 bastion', url: null, logHead: () => ({ seq: 1, hash: 'h' }) };
const ENTRY: OutboxEntry = {
  id: 'msg_1',
  receiver: 'ops',
  uid: ONE.uid,
  news: { kind: 'break-glass-ended' },
  queuedAt: 601_000,
  number: 1,
};

const letterOf = (shows: Shows, one = ONE): Letter => breakGlassLetter(ENTRY, one, shows, SENDER);
const textOf = (letter: Letter): string => letter.lines.map(({ text }) => text).join('\n');

test('says whose it was, why it ended, what passed, and that it is to be reviewed', () => {
  const letter = letterOf('full');
  expect(letter).toMatchObject({ type: 'break-glass.ended', at: 601_000, priority: 'high' });
  expect(letter.title.text).toBe('BREAK-GLASS 7KQ2 of alice has ended');
  expect(textOf(letter)).toBe(
    [
      'Ended: its time is over',
      'Commands that passed: 4',
      'root@db1: systemctl stop pg',
      'root@db1: mkfs.ext4 /dev/sdb1',
      'root@db1: reboot',
      'and 1 more',
      'Reason: INC-4711 primary is down',
      'To be reviewed by somebody else until 1970-01-02 01:00 UTC: ssh -t -p 2222 bastion break-glass review 7KQ2',
    ].join('\n'),
  );
  expect(letter.data).toMatchObject({ id: '7KQ2', user: 'alice', uses: 4, ending: 'its time is over' });
});

test('shows no more of commands than the receiver may have', () => {
  expect(textOf(letterOf('first-word'))).toContain('root@db1: mkfs.ext4 ...\n');
  const none = letterOf('none');
  expect(textOf(none)).toContain('root@db1: a command that is not shown here');
  expect(`${textOf(none)}${JSON.stringify(none.data)}`).not.toMatch(/mkfs|INC-4711/);
});

test('one that was reviewed meanwhile asks nobody', () => {
  const text = textOf(letterOf('full', endedBreakGlass({ review: { by: 'bob', at: 1, note: null } })));
  expect(text).toContain('Reviewed by bob.');
  expect(text).not.toContain('break-glass review');
});

test.each(['slack', 'mattermost', 'teams', 'discord'] as const)('what passed calls nobody in %s', (form) => {
  const commands = ONE.commands.slice(3);
  expect(HTTP_FORMS[form](letterOf('full', endedBreakGlass({ commands }))).text).not.toMatch(/<!channel/);
});
