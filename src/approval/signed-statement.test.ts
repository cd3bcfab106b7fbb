import { expect, test } from 'vitest';
import { BASTION, DeskWorld } from '../../test/support/desk-world.ts';
import type { GrantTerms } from '../model/grant-terms.ts';
import type { RequestUid, SessionId } from '../model/names.ts';
import { approvalNamespace, approvalStatement } from './signed-statement.ts';

test('the statement names bastion, person, request, command, policy, verdict and times, in this order', async () => {
  const request = await new DeskWorld().open();
  const { uid } = request.statement;
  expect(approvalNamespace(BASTION)).toBe('approve@bastion.test');
  expect(approvalStatement(request, 'bob', BASTION)).toBe(`heldline-approval-v1
bastion="bastion.test"
hostkey="SHA256:host"
verdict="approve"
approver="bob"
request="${request.id}"
uid="${uid}"
digest="${request.digest}"
command="sha256:ea97cc73d414ad21fe44fd0a89c0d00e86700f944c8d619daf947279922ad75d"
requester="alice"
target="db1"
login="root"
session="s1"
policy="sha256:policy"
held="2026-11-20T10:00:00.000Z"
expires="2026-11-20T10:02:00.000Z"
`);
});

test('whoever wants it remembered signs the terms, on a line of their own behind all others', async () => {
  const request = await new DeskWorld().open();
  const grant: GrantTerms = {
    scope: 'pattern',
    rules: ['deletes'],
    words: [
      { kind: 'literal', text: 'rm' },
      { kind: 'glob', text: '/srv/"\nverdict=*' },
    ],
    inSession: false,
    minutes: 15,
    uses: 2,
    cost: 1,
  };
  const offered = { ...request, statement: { ...request.statement, grant } };
  const plain = approvalStatement(offered, 'bob', BASTION);
  expect(plain).toBe(approvalStatement(request, 'bob', BASTION));
  const remembered = approvalStatement(offered, 'bob', BASTION, { grant: true });
  expect(remembered).toBe(
    `${plain}grant={"cost":1,"inSession":false,"minutes":15,"rules":["deletes"],"scope":"pattern","uses":2,` +
      `"words":[{"kind":"literal","text":"rm"},{"kind":"glob","text":"/srv/\\"\\nverdict=*"}]}\n`,
  );
});

test('any other value makes another statement, and none can add a line', async () => {
  const request = await new DeskWorld().open();
  const { statement } = request;
  const changes = [
    { uid: 'x' as RequestUid },
    { session: 's2' as SessionId },
    { user: 'erin' },
    { target: 'db2' },
    { login: 'app' },
    { command: 'rm -r old-logs ' },
    { policyHash: 'sha256:other' },
    { expiresAt: statement.expiresAt + 1 },
    { target: 'db1"\nverdict="approve' },
  ];
  const texts = changes.map((change) =>
    approvalStatement({ ...request, statement: { ...statement, ...change } }, 'bob', BASTION),
  );
  const others = [
    approvalStatement(request, 'bob', BASTION),
    approvalStatement(request, 'carol', BASTION),
    approvalStatement({ ...request, createdAt: 0 }, 'bob', BASTION),
    approvalStatement(request, 'bob', { ...BASTION, hostName: 'other.test' }),
    approvalStatement(request, 'bob', { ...BASTION, hostKey: 'SHA256:other' }),
  ];
  const all = [...texts, ...others];
  expect(new Set(all).size).toBe(all.length);
  expect(new Set(all.map((text) => text.split('\n').length))).toEqual(new Set([17]));
});
