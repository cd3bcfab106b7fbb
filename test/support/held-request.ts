/** Held commands as a script sees them: `requests --json`, in the words of the contract. */
import type { Bastion } from './bastion.ts';
import type { Person } from './person.ts';
import { RunningProgram } from './running-program.ts';
import { waitUntil } from './wait-until.ts';

export interface HeldRequest {
  readonly id: string;
  readonly uid: string;
  readonly digest: string;
  readonly state: string;
  readonly user: string;
  readonly target: string;
  readonly command: string;
  readonly reason: string | null;
  readonly session: string;
}

/** Every request that the bastion lists now. */
export async function listRequests(bastion: Bastion): Promise<readonly HeldRequest[]> {
  const listed = await bastion.json(['requests']);
  return listed.map((request) => ({
    id: String(request['id']),
    uid: String(request['uid']),
    digest: String(request['digest']),
    state: String(request['state']),
    user: String(request['user']),
    target: String(request['target']),
    command: String(request['command']),
    reason: request['reason'] === null ? null : String(request['reason']),
    session: String(request['session']),
  }));
}

/** Resolves with the open request for exactly `command` once it is listed. */
export async function waitForHold(bastion: Bastion, command: string): Promise<HeldRequest> {
  // The log is cheap to look at; the list is asked for once the request is there.
  await bastion.waitForAudit('approval.requested', (event) => JSON.stringify(event).includes(JSON.stringify(command)));
  return waitUntil(`${command} is held`, async () =>
    (await listRequests(bastion)).find((request) => request.command === command && request.state === 'pending'),
  );
}

/** The request as it stands now. */
export async function requestNow(bastion: Bastion, uid: string): Promise<HeldRequest | undefined> {
  return (await listRequests(bastion)).find((request) => request.uid === uid);
}

/** A command without a terminal, waiting for its approval. */
export interface HeldCommand extends AsyncDisposable {
  readonly running: RunningProgram;
  readonly request: HeldRequest;
  /** What the command makes when it runs. */
  readonly marker: string;
}

/** `person` runs `program MARKER` on the target `host` by a real `ssh`; resolves once it waits. */
export async function holdCommand(
  bastion: Bastion,
  person: Person,
  marker: string,
  program = 'mkdir',
): Promise<HeldCommand> {
  const command = `${program} ${marker}`;
  const { configFile } = await person.at('host');
  const running = await RunningProgram.start('ssh', ['-F', configFile, 'server', command]);
  const request = await waitForHold(bastion, command);
  return { running, request, marker, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}
