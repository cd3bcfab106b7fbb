/** Makes a new bastion: files, keys, an empty store, the first administrator with a word to enrol. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { HeldlineError } from '../base/heldline-error.ts';
import { silentLogger } from '../base/logger.ts';
import { initialConfigText, initialPolicyText } from '../config/initial-config.ts';
import { loadConfig } from '../config/load-config.ts';
import { parsePublicKey } from '../identity/public-key.ts';
import { readKeys } from './key-files.ts';
import { buildKnowledge } from './knowledge.ts';
import { initialiseState, openState, stateLayout } from './open-state.ts';
import { requirePolicy } from './policy-files.ts';

export interface InitialAnswers {
  readonly hostName: string;
  readonly port: number;
  readonly admin: string;
  /** Public key lines. */
  readonly adminKey: string;
}

export interface InitOptions extends InitialAnswers {
  /** Where heldline.yaml and policy.d go. */
  readonly directory: string;
  readonly state: string;
  readonly run: string;
  /** Who runs it, for the log. */
  readonly by: string;
  readonly clock: Clock;
}

export interface InitReport {
  readonly configFile: string;
  readonly policyFile: string;
  /** `SHA256:...` */
  readonly hostKey: string;
  /** With which the administrator enrols once. */
  readonly word: string;
}

/** Roles of the first administrator: may approve for others, and may read recordings and the log. */
const ADMIN_ROLES = ['admin', 'sre', 'auditor'];

/** @throws HeldlineError when something is there already, or an answer is unusable; nothing is overwritten */
export async function initialise(options: InitOptions): Promise<InitReport> {
  const keys = options.adminKey.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  refuseBadKeys(keys);
  const configFile = join(options.directory, 'heldline.yaml');
  const policyFile = join(options.directory, 'policy.d', '10-defaults.yaml');
  await writeFiles(options, configFile, policyFile);
  await initialiseState(options.state, options.hostName);
  const word = await addAdministrator(options, configFile, keys);
  const { hostPublic } = await readKeys(stateLayout(options.state).keys);
  const parsed = parsePublicKey(hostPublic);
  return { configFile, policyFile, hostKey: parsed.kind === 'key' ? parsed.key.fingerprint : hostPublic, word };
}

function refuseBadKeys(keys: readonly string[]): void {
  if (keys.length === 0) throw new HeldlineError('key.refused', 'the file holds no public key', { kind: 'usage' });
  for (const line of keys) {
    const parsed = parsePublicKey(line);
    if (parsed.kind !== 'key') throw new HeldlineError('key.refused', parsed.why, { kind: 'usage' });
  }
}

async function writeFiles(options: InitOptions, configFile: string, policyFile: string): Promise<void> {
  const { directory, hostName, port, state, run } = options;
  await mkdir(join(directory, 'policy.d'), { recursive: true, mode: 0o750 });
  const inside = (path: string): string => (path.startsWith(`${directory}/`) ? relative(directory, path) : path);
  await writeNew(
    configFile,
    initialConfigText({ hostName, port, listen: listenFor(hostName), state: inside(state), run: inside(run) }),
  );
  await writeNew(policyFile, initialPolicyText());
}

/** A bastion that is called by a loopback name is for this machine only. */
function listenFor(hostName: string): readonly string[] {
  return hostName === 'localhost' || hostName.startsWith('127.') ? ['127.0.0.1'] : ['0.0.0.0'];
}

async function writeNew(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { mode: 0o640, flag: 'wx' });
  } catch (cause) {
    const hint = 'Nothing was overwritten. Choose another place with --dir DIR, or remove it first';
    throw new HeldlineError('init.exists', `cannot write ${path}; it may be there already`, {
      cause,
      kind: 'conflict',
      hint,
    });
  }
}

async function addAdministrator(options: InitOptions, configFile: string, keys: readonly string[]): Promise<string> {
  const { clock, state: directory, run, admin, by } = options;
  const { config } = await loadConfig(configFile, { state: directory, run });
  if (config === null) throw new HeldlineError('init.config', 'the configuration that was written cannot be read');
  const state = await openState(directory, clock, silentLogger);
  try {
    const policy = await requirePolicy(config.paths.policy);
    const { users, enrolment } = buildKnowledge({ config: () => config, state, policy, clock, logger: silentLogger });
    await users.add({ name: admin, roles: ADMIN_ROLES, keys }, by);
    return await enrolment.issueWord(admin, by);
  } finally {
    await state.close();
  }
}
