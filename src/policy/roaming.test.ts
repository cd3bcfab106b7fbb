/** What a new address of a Mosh client means, by the policy. */
import { describe, expect, test } from 'vitest';
import type { SelectorSubject } from '../model/selector.ts';
import { compileRoaming, roamingOf } from './roaming.ts';
import type { RoamingFile } from './schema/roaming-file.ts';

const PROD = { 'label.env': 'prod' } as const;
const ON_PROD: SelectorSubject = {
  user: { name: 'ana', roles: ['dev'] },
  target: { name: 'db1', labels: { env: 'prod' } },
};
const ON_DEV: SelectorSubject = {
  user: { name: 'ana', roles: ['dev'] },
  target: { name: 'd1', labels: { env: 'dev' } },
};
const UNLABELLED: SelectorSubject = { user: { name: 'ana', roles: ['dev'] }, target: { name: 'x', labels: {} } };
const NOWHERE: SelectorSubject = { user: { name: 'ana', roles: ['dev'] } };

function decided(files: readonly RoamingFile[], subject: SelectorSubject): { onMove: string | null; at: string[] } {
  const roaming = roamingOf(files.map(compileRoaming), subject);
  const at = ['10.1.2.3', '10.66.0.1', '203.0.113.9', 'garbage'].filter((address) => roaming.allows(address));
  return { onMove: roaming.onMove, at };
}

const EVERYWHERE = ['10.1.2.3', '10.66.0.1', '203.0.113.9', 'garbage'];

describe('roaming', () => {
  test.each<[string, RoamingFile[], SelectorSubject, { onMove: string | null; at: string[] }]>([
    ['nothing said', [], ON_PROD, { onMove: null, at: EVERYWHERE }],
    ['a new address freezes', [{ when: PROD, on_move: 'freeze' }], ON_PROD, { onMove: 'freeze', at: EVERYWHERE }],
    ['another target', [{ when: PROD, on_move: 'freeze' }], ON_DEV, { onMove: null, at: EVERYWHERE }],
    [
      'a label that is not there may be the one',
      [{ when: PROD, on_move: 'freeze' }],
      UNLABELLED,
      { onMove: 'freeze', at: EVERYWHERE },
    ],
    [
      'no target yet: asked again later',
      [{ when: PROD, on_move: 'freeze' }],
      NOWHERE,
      { onMove: null, at: EVERYWHERE },
    ],
    [
      'no target, a rule about people',
      [{ when: { role: 'dev' }, on_move: 'code' }],
      NOWHERE,
      { onMove: 'code', at: EVERYWHERE },
    ],
    [
      'the strictest, in any order',
      [
        { when: { any: true }, on_move: 'code' },
        { when: PROD, on_move: 'freeze' },
      ],
      ON_PROD,
      { onMove: 'code', at: EVERYWHERE },
    ],
    [
      'only from these',
      [{ when: PROD, networks: ['10.0.0.0/8'] }],
      ON_PROD,
      { onMove: null, at: ['10.1.2.3', '10.66.0.1'] },
    ],
    [
      'every list must have it, and none refuse it',
      [
        { when: PROD, networks: ['10.0.0.0/8'] },
        { when: { any: true }, refuse: ['10.66.0.0/16'] },
      ],
      ON_PROD,
      { onMove: null, at: ['10.1.2.3'] },
    ],
    [
      'lists without a common network let nobody in',
      [
        { when: PROD, networks: ['10.0.0.0/8'] },
        { when: PROD, networks: ['203.0.113.0/24'] },
      ],
      ON_PROD,
      { onMove: null, at: [] },
    ],
  ])('%s', (_name, files, subject, expected) => {
    expect(decided(files, subject)).toEqual(expected);
  });
});
