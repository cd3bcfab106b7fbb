import { expect, test } from 'vitest';
import { policyFromText } from '../../test/support/policy-text.ts';
import { type CatalogueLine, catalogueLines } from './catalogue-lines.ts';

function find(lines: readonly CatalogueLine[], id: string): CatalogueLine | undefined {
  return lines.find((line) => line.id === id);
}

test('what is shipped, with reasons and examples', () => {
  const lines = catalogueLines(null);
  expect(find(lines, 'svc.restart')).toMatchObject({
    severity: 'medium',
    why: 'A restart interrupts users and applies unreviewed configuration.',
    positive: ['systemctl restart nginx', 'service nginx restart'],
    negative: ['systemctl is-active nginx'],
  });
  expect(find(lines, 'sql.update-no-where')?.positive).toEqual(['psql=# UPDATE users SET active = false;']);
  expect(find(lines, 'meta.opaque')).toMatchObject({
    severity: null,
    why: expect.stringMatching(/runs what this does\.$/),
  });
});

test('as the policy has it: its own entries, its severities, without what it switches off', () => {
  const lines = catalogueLines(
    policyFromText(`catalogue:
  disable: [shell.nested]
  severity: { svc.restart: high }
  entries: [{ id: app.wipe, severity: low, why: Gone., alternative: Ask., match: { command: wipe }, positive: [wipe x] }]
`),
  );
  expect(find(lines, 'shell.nested')).toBeUndefined();
  expect(find(lines, 'svc.restart')?.severity).toBe('high');
  expect(find(lines, 'app.wipe')).toEqual({
    id: 'app.wipe',
    severity: 'low',
    why: 'Gone.',
    alternative: 'Ask.',
    positive: ['wipe x'],
    negative: [],
  });
});
