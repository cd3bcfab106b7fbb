import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import type { VisibleTarget } from '../../target/access-control.ts';
import { KeyReader } from './key-reader.ts';
import { type PickerFacts, PickerPage, type PickerResult } from './picker-page.ts';

function target(
  name: string,
  more: Partial<VisibleTarget> & { description?: string; env?: string } = {},
): VisibleTarget {
  const { description = '', env = 'dev', ...rest } = more;
  return {
    target: {
      kind: 'local',
      name,
      labels: { env },
      description,
      argv: ['/bin/sh'],
      environment: {},
      createdAt: 0,
      createdBy: 'root',
    },
    logins: ['root'],
    request: null,
    until: null,
    ...rest,
  };
}

const FACTS: PickerFacts = {
  user: 'alice',
  targets: [
    target('db1', { env: 'prod', description: 'postgres primary', logins: ['root', 'postgres'] }),
    target('db2', {
      env: 'prod',
      description: 'postgres replica',
      logins: [],
      request: { logins: ['dba'], longest: null },
    }),
    target('web', { description: 'evil\x1b[2J\u202ename' }),
  ],
  lastUsed: new Map([['web', 1000]]),
  waiting: [],
  notice: null,
  now: 7_201_000,
};

function press(page: PickerPage, keys: string): PickerResult | null {
  const reader = new KeyReader();
  const all = [...reader.push(Buffer.from(keys)), ...reader.flush()];
  return all.reduce<PickerResult | null>((result, key) => result ?? page.press(key), null);
}

const text = (page: PickerPage, cols = 80, rows = 24): string =>
  page
    .rows({ cols, rows })
    .map((row) => stripVTControlCharacters(row))
    .join('\n');

describe('the target picker', () => {
  test('lists what was used last first, and connects with Enter', () => {
    const page = new PickerPage(FACTS);
    expect(text(page)).toMatch(/heldline {3}alice .* 3 targets, 0 waiting for you/);
    expect(text(page)).toMatch(/ \* web .*last used 2 h ago/);
    expect(press(page, '\r')).toEqual({ kind: 'connect', target: 'web', login: 'root' });
  });

  test('filters over name, label and description; Esc clears, then quits', () => {
    const page = new PickerPage(FACTS);
    expect(press(page, 'pgr1')).toBeNull();
    expect(text(page)).toContain('nothing fits');
    expect(press(page, '\x7f')).toBeNull();
    expect(press(page, '\t\r')).toEqual({ kind: 'connect', target: 'db1', login: 'postgres' });
    expect(press(page, '\x1b')).toBeNull();
    expect(press(page, '\x1b')).toEqual({ kind: 'quit' });
  });

  test('letters are commands only while nothing is typed', () => {
    expect(press(new PickerPage(FACTS), 'a')).toEqual({ kind: 'approvals' });
    expect(press(new PickerPage(FACTS), 'h')).toEqual({ kind: 'history' });
    const page = new PickerPage(FACTS);
    expect(press(page, 'dah')).toBeNull();
    expect(text(page)).toContain('> dah_');
    expect(press(page, '\x01')).toEqual({ kind: 'approvals' });
  });

  test('asks for access where there is none', () => {
    const page = new PickerPage(FACTS);
    expect(press(page, 'db2')).toBeNull();
    expect(text(page)).toContain('no access: Enter asks for it');
    expect(press(page, '\r')).toEqual({ kind: 'ask-access', target: 'db2', login: 'dba' });
  });

  test.each([
    [80, 24],
    [120, 40],
    [40, 15],
    [20, 4],
  ])('fits %d by %d', (cols, rows) => {
    const page = new PickerPage({ ...FACTS, waiting: ['7KQ2 '.repeat(30)], notice: 'LOCKED DOWN' });
    press(page, '?');
    for (const row of page.rows({ cols, rows }).slice(0, rows)) {
      expect(stringWidth(row)).toBeLessThanOrEqual(cols);
      expect(row).not.toContain('\x1b[2J');
    }
    expect(text(page, 120, 40)).toContain('evil\\x1b[2J\\u202ename');
  });
});
