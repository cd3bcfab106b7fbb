/** `heldline demo`: a bastion on loopback with a sandbox shell and two people, all in one scratch directory. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { HeldlineError } from '../../base/heldline-error.ts';
import type { Logger } from '../../base/logger.ts';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load-config.ts';
import type { ApprovalRequest } from '../../model/approval-request.ts';
import { knownHostsLines } from '../bastion-address.ts';
import { compose } from '../compose.ts';
import { initialiseState } from '../open-state.ts';
import { type DemoPlaces, demoPlaces, writeDemoConfig, writeSshFiles } from './demo-files.ts';
import { type DemoUser, makeDemoUser } from './demo-users.ts';
import { makeSandboxHome, sandboxTarget } from './sandbox-home.ts';

export interface DemoOptions {
  /** undefined: 2222 if it is free, else any. */
  readonly port: number | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly asRoot: boolean;
  /** Told of every command that is held. */
  readonly onHeld: (request: ApprovalRequest) => void;
}

export interface Demo {
  readonly places: DemoPlaces;
  readonly port: number;
  readonly alice: DemoUser;
  readonly bob: DemoUser;
  /** Stops the bastion. Idempotent. */
  stop(): Promise<void>;
  /** Deletes everything. Idempotent. */
  remove(): Promise<void>;
}

const USUAL_PORT = 2222;
const MAKER = 'demo';

/** Makes and starts it. @throws HeldlineError when it cannot; nothing is left behind then */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const places = demoPlaces(await mkdtemp(join(tmpdir(), 'heldline-demo-')));
  const remove = (): Promise<void> => rm(places.data, { recursive: true, force: true });
  try {
    return await start(options, places, remove);
  } catch (failure) {
    await remove();
    throw failure;
  }
}

async function start(options: DemoOptions, places: DemoPlaces, remove: () => Promise<void>): Promise<Demo> {
  const { clock, logger, asRoot } = options;
  const port = await portFor(options.port);
  // The sandbox account has to reach its home; everything else inside is closed by its own mode.
  await chmod(places.data, 0o711);
  await makeSandboxHome(places.home, asRoot);
  await writeDemoConfig(places, port);
  const config = await demoConfig(places);
  await initialiseState(config.paths.state, config.ssh.hostName);
  const { heldline, state, knowledge } = await compose({ config, clock, logger });
  const [alice, bob] = [makeDemoUser('alice', ['dev']), makeDemoUser('bob', ['sre'])] as const;
  for (const user of [alice, bob]) {
    await knowledge.users.add({ name: user.name, roles: user.roles, keys: [user.publicKey] }, MAKER);
    await knowledge.enrolment.importSecret(user.name, user.secretText, MAKER);
  }
  await knowledge.targets.add(sandboxTarget(places.home, asRoot), MAKER);
  knowledge.desk.onChange((request) => {
    if (request.state === 'pending' && request.votes.length === 0) options.onHeld(request);
  });
  await heldline.start();
  const own = { ...config, ssh: { ...config.ssh, port: heldline.port } };
  await writeSshFiles(places, heldline.port, [alice, bob], knownHostsLines(own, state.keys, ['sandbox']));
  return { places, port: heldline.port, alice, bob, stop: () => heldline.stop('now'), remove };
}

async function demoConfig(places: DemoPlaces): Promise<Config> {
  const { data, configFile } = places;
  const { config } = await loadConfig(configFile, { state: join(data, 'state'), run: join(data, 'run') });
  if (config === null) throw new HeldlineError('demo.config', 'the configuration of the demo cannot be read');
  return config;
}

/** The wanted port; without one 2222 if nobody listens there; else, and for 0, any free one. */
async function portFor(wanted: number | undefined): Promise<number> {
  if (wanted !== undefined && wanted !== 0) return wanted;
  return (wanted === 0 ? undefined : await tryPort(USUAL_PORT)) ?? (await tryPort(0)) ?? 0;
}

/** The port that could be listened on, or undefined. */
function tryPort(port: number): Promise<number | undefined> {
  const probe = createServer();
  return new Promise((resolve) => {
    probe.once('error', () => resolve(undefined));
    probe.listen(port, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined));
    });
  });
}
