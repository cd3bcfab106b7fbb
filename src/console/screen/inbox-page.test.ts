import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { draft, requirement, stage } from '../../../test/support/desk-world.ts';
import { requestFrom } from '../../approval/hold-draft.ts';
import { InboxPage } from './inbox-page.ts';
import type { InboxResult } from './inbox-result.ts';
import { KeyReader } from './key-reader.ts';
import type { WaitingRequest } from './waiting-request.ts';

function waiting(command: string): WaitingRequest {
  const held = requestFrom(draft(requirement([stage({ role: 'sre' })])), 'boot', 0);
  const request = { ...held, statement: { ...held.statement, command }, why: 'because\x1b]0;x\x07' };
  return { request, where: 'shell on root@db1' };
}

function inbox(...all: WaitingRequest[]): InboxPage {
  const page = new InboxPage({ user: 'bob', roles: ['sre'], notice: null, now: () => 0 });
  page.update(all, null);
  return page;
}

function press(page: InboxPage, keys: string): InboxResult | null {
  const reader = new KeyReader();
  const all = [...reader.push(Buffer.from(keys)), ...reader.flush()];
  return all.reduce<InboxResult | null>((result, key) => result ?? page.press(key), null);
}

const text = (page: InboxPage, cols = 80, rows = 24): string =>
  page
    .rows({ cols, rows })
    .map((row) => stripVTControlCharacters(row).trimEnd())
    .join('\n');

describe('the inbox', () => {
  test('takes the code for exactly what is shown', () => {
    const one = waiting('systemctl stop postgresql');
    const page = inbox(one);
    expect(text(page)).toContain(' What    systemctl stop postgresql');
    expect(text(page)).toContain(`Digest  ${one.request.digest}`);
    expect(press(page, 'a')).toBeNull();
    expect(text(page)).toContain(`Your code to approve ${one.request.id} for`);
    expect(press(page, '123456')).toBeNull();
    expect(text(page)).not.toContain('123456');
    expect(text(page)).toContain('******_');
    expect(press(page, '\r')).toEqual({ kind: 'approve', waiting: one, code: '123456', grant: false });
  });

  test('remembers an approval only where that is offered, and after what it covers was on the screen', () => {
    const plain = inbox(waiting('rm -r old'));
    text(plain);
    press(plain, 'g');
    expect(text(plain)).toContain('This cannot be remembered.');
    const { request, where } = waiting('rm -r old');
    const terms = {
      scope: 'command',
      rules: ['r'],
      words: null,
      inSession: false,
      minutes: 15,
      uses: 5,
      cost: 1,
    } as const;
    const one = { where, request: { ...request, statement: { ...request.statement, grant: terms } } };
    const page = inbox(one);
    expect(text(page)).toContain(' Grant   g also: exactly "rm -r old" for 15 min, at most 5 times');
    press(page, 'g');
    expect(text(page)).toContain(`Your code to approve and remember ${request.id} for`);
    expect(press(page, '123456\r')).toEqual({ kind: 'approve', waiting: one, code: '123456', grant: true });
  });

  test('shows what the requester wrote, and rings for that and for reminders', () => {
    const { request, where } = waiting('rm -r old');
    const page = inbox({ request, where });
    const written = { ...request, messages: [{ text: 'please look', at: 0 }] };
    expect(page.update([{ request, where }], null)).toBe(false);
    expect(page.update([{ request: written, where }], null)).toBe(true);
    expect(text(page)).toContain(' Message please look');
    expect(page.update([{ request: written, where }], null)).toBe(false);
    expect(page.update([{ request: { ...written, reminded: { times: 1, at: 0 } }, where }], null)).toBe(true);
  });

  test('denies with a ready reason or with own words', () => {
    const one = waiting('x');
    const page = inbox(one);
    text(page);
    expect(press(page, 'd3\r')).toEqual({ kind: 'deny', waiting: one, reason: 'needs a ticket' });
    expect(press(page, 'dno 2\r')).toEqual({ kind: 'deny', waiting: one, reason: 'no 2' });
    expect(press(page, 'd\x1b')).toBeNull();
    expect(press(page, 'q')).toEqual({ kind: 'quit' });
  });

  test('asks for no code before the whole command was on the screen', () => {
    const long = waiting(`echo ${'x'.repeat(900)}; rm -r everything`);
    const page = inbox(long);
    expect(text(page, 80, 12)).not.toContain('everything');
    press(page, 'a');
    expect(text(page, 80, 12)).toContain('Read the whole command first');
    for (let i = 0; i < 5; i++) {
      press(page, ' ');
      text(page, 80, 12);
    }
    press(page, 'a');
    expect(text(page, 80, 12)).toContain('Your code to approve');
  });

  test('says how to sign what takes no code', () => {
    const { request, where } = waiting('x');
    const stages = [stage({ role: 'sre' }, { factors: ['signature', 'sk-signature'] })];
    const page = inbox({ request: { ...request, requirement: requirement(stages) }, where });
    expect(text(page)).toContain('Needs   role sre (signature or security key)');
    expect(press(page, 'a')).toBeNull();
    expect(text(page, 40, 15)).toContain(`Sign it: approve ${request.id} --sign`);
    expect(press(page, '123456\r')).toBeNull();
  });

  test('a page that was skipped was not read', () => {
    const page = inbox(waiting('x'.repeat(2000)));
    text(page, 40, 15);
    press(page, ' '.repeat(40));
    text(page, 40, 15);
    press(page, 'a');
    expect(text(page, 40, 15)).toContain('Read the whole command');
  });

  test('keeps the chosen one when others come and go, and drops a question whose request is gone', () => {
    const [one, two, three] = [waiting('first'), waiting('second'), waiting('third')];
    const page = inbox(one, two);
    text(page);
    press(page, 'j');
    expect(page.update([three, two], null)).toBe(true);
    expect(text(page)).toContain(' What    second');
    press(page, 'a1234');
    expect(page.update([three], null)).toBe(false);
    expect(text(page)).toContain(`${two.request.id} was decided or ended meanwhile.`);
    expect(press(page, '56\r')).toBeNull();
  });

  test.each([
    [80, 24],
    [120, 40],
    [40, 15],
    [30, 5],
  ])('fits %d by %d, with nothing that a terminal obeys', (cols, rows) => {
    const page = inbox(waiting('a\x1b[2J\u202e漢字'.repeat(20)), waiting('b'));
    for (const keys of ['', '?', '?a', '\x1bd']) {
      press(page, keys);
      const shown = page.rows({ cols, rows });
      for (const row of shown) {
        expect(stringWidth(row)).toBeLessThanOrEqual(cols);
        expect(stripVTControlCharacters(row)).not.toMatch(/[\p{Cc}\u202e]/u);
        expect(row).not.toContain('\x1b[2J');
        expect(row).not.toContain('\x1b]');
      }
    }
  });
});
