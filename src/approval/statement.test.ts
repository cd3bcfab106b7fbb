import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Statement } from '../model/approval-request.ts';
import type { RequestUid, SessionId } from '../model/names.ts';
import { canonicalStatement, namesDigest, statementDigest } from './statement.ts';

const statement: Statement = {
  uid: '00112233445566778899aabbccddeeff' as RequestUid,
  session: 's1' as SessionId,
  channel: 0,
  user: 'alice',
  target: 'db1',
  login: 'root',
  context: 'shell',
  command: 'rm -r "a b"\nuser=mallory',
  policyHash: 'sha256:abc',
  expiresAt: 1_795_000_000_000,
};

test('one value a line, in one order; no value can pretend to be another line', () => {
  expect(canonicalStatement(statement)).toBe(`heldline-statement-v1
uid="00112233445566778899aabbccddeeff"
session="s1"
channel=0
user="alice"
login="root"
target="db1"
context="shell"
command="rm -r \\"a b\\"\\nuser=mallory"
policy="sha256:abc"
expires=1795000000000
`);
  expect(statementDigest(statement)).toMatch(/^sha256:[0-9a-f]{64}$/);
});

test('any two different commands have different digests, lone surrogates included', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '\n', '"', '\\', '\ud800', '\udc00', '\ufffd', '=', 'u') });
  fc.assert(
    fc.property(text, text, (one, two) => {
      const same = statementDigest({ ...statement, command: one }) === statementDigest({ ...statement, command: two });
      expect(same).toBe(one === two);
    }),
  );
});

test.each<[keyof Statement, Partial<Statement>]>([
  ['uid', { uid: 'x' as RequestUid }],
  ['session', { session: 's2' as SessionId }],
  ['channel', { channel: 1 }],
  ['user', { user: 'bob' }],
  ['login', { login: 'app' }],
  ['target', { target: 'db2' }],
  ['context', { context: 'psql' }],
  ['policyHash', { policyHash: 'sha256:abd' }],
  ['expiresAt', { expiresAt: 1 }],
])('another %s is another digest', (_field, changes) => {
  expect(statementDigest({ ...statement, ...changes })).not.toBe(statementDigest(statement));
});

test('a digest is named by all of it or its first 16 digits, never by less or by anything else', () => {
  const digest = statementDigest(statement);
  const hex = digest.slice(7);
  for (const good of [digest, hex, hex.slice(0, 16), ` ${digest.toUpperCase()}\n`]) {
    expect(namesDigest(good, digest)).toBe(true);
  }
  for (const bad of ['', 'sha256:', hex.slice(0, 15), hex.slice(1, 17), `${hex}0`, `${hex.slice(0, 20)}-`]) {
    expect(namesDigest(bad, digest)).toBe(false);
  }
});
