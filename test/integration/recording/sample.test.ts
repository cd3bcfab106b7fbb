import { createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createSignatureChecker } from '../../../src/base/signing.ts';
import { listRecordings } from '../../../src/recording/catalogue.ts';
import { exportText } from '../../../src/recording/export/transcript.ts';
import { verifyRecording } from '../../../src/recording/verify.ts';

const SAMPLE = fileURLToPath(new URL('../../../recordings/sample/', import.meta.url));

test('the sample recording is complete and shows what its description says', async () => {
  const [entry] = await listRecordings(SAMPLE);
  if (entry === undefined) return expect.unreachable('no sample');
  const key = createPublicKey(await readFile(join(SAMPLE, 'signing-key.pub'), 'utf8'));
  const verified = await verifyRecording(entry.files.directory, createSignatureChecker([key]));
  expect(verified).toMatchObject({ kind: 'complete', findings: [] });
  let text = '';
  await exportText(entry.files, (part) => {
    text += part;
  });
  expect(text).toContain('demo@sandbox:~$ rm -r old-logs');
  expect(text).toContain('heldline: 9M4T denied by bob');
});
