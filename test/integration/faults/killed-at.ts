/** Kills a process at one step between hold and release, and looks at what it left. */
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { releasedSince } from '../../../src/app/released-since.ts';
import { expireLeftOpen } from '../../../src/approval/expire-left-open.ts';
import type { HeldRequest } from '../../../src/approval/ports.ts';
import { AuditLog } from '../../../src/audit/audit-log.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { createSigner } from '../../../src/base/signing.ts';
import type { AuditDraft } from '../../../src/model/audit-event.ts';
import { EmbeddedStore } from '../../../src/store/embedded/embedded-store.ts';
import type { FaultRow } from '../../support/fault-table.ts';
import { tempDir } from '../../support/temp-dir.ts';

const CHILD = fileURLToPath(new URL('die-at-step.ts', import.meta.url));

/** The steps at which the process dies, as the child knows them, and in words. */
export const DEADLY: readonly (readonly [string, string])[] = [
  ['approval.requested', 'writing `approval.requested`'],
  ['held', 'waiting for approval'],
  ['people', 'looking up the voter'],
  ['code', 'checking the code'],
  ['approval.vote', 'writing `approval.vote`'],
  ['approval.approved', 'writing `approval.approved`'],
  ['advance', 'storing the vote'],
  ['judge', 'deciding again'],
  ['consume', 'consuming in the store'],
  ['approval.consumed', 'writing `approval.consumed`'],
  ['command.released', 'writing `command.released`'],
  ['recording', 'recording the release'],
];

/** Whether the command runs when nobody dies. */
export async function runsUnharmed(): Promise<boolean> {
  await using folder = await tempDir({ name: 'unharmed' });
  await runChild(folder.path, 'never');
  return existsSync(folder.at('ran'));
}

/** @param step as the child knows it */
export async function killedAt(step: string, name: string): Promise<FaultRow> {
  await using folder = await tempDir({ name: 'killed' });
  const end = await runChild(folder.path, step);
  if (end !== 'SIGKILL') throw new TypeError(`the child ended with ${end} and was to die at ${step}`);
  const { request, log } = await startAgain(folder.path);
  const ending = request.ending == null ? '' : ` (${request.ending})`;
  const told = `(the connection ended) Afterwards \`requests\`: ${request.state}${ending}`;
  return { door: 'terminal', step: name, fault: '`kill -9`', ran: existsSync(folder.at('ran')), told, log };
}

async function runChild(folder: string, step: string): Promise<number | NodeJS.Signals | null> {
  await EmbeddedStore.initialise(join(folder, 'store'));
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, folder, step], { stdio: 'inherit' });
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
}

/** What the next run of the daemon makes of what the last one left open. */
async function startAgain(folder: string): Promise<{ readonly request: HeldRequest; readonly log: string }> {
  const directory = `${folder}/audit`;
  const store = await EmbeddedStore.open({ directory: `${folder}/store` });
  const node = { id: 'node', boot: 'boot-2', version: '0' };
  const signer = createSigner(generateKeyPairSync('ed25519').privateKey);
  const audit = await AuditLog.open({ directory, node, clock: systemClock, signer, onListenerFailure: () => {} });
  try {
    const noted: AuditDraft[] = [];
    const log = async (draft: AuditDraft): Promise<void> => {
      await audit.append(draft);
      noted.push(draft);
    };
    // The clock of the child stood at another day.
    const released = (): Promise<ReadonlySet<string>> => releasedSince(directory, 0);
    await expireLeftOpen({ store: store.approvals, boot: node.boot, log, releasedSince: released }, Date.now());
    const [request] = await store.approvals.list();
    if (request === undefined) throw new TypeError('the store has no request');
    const said = noted.map(({ type, reason }) => `\`${type}\` (${reason ?? ''})`);
    return { request, log: said.length > 0 ? said.join('; ') : '`command.released` and no `command.sent`' };
  } finally {
    await audit.close();
    await store.close();
  }
}
