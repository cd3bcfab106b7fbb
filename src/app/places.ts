/** Where things lie by default: the system's directories for root and the service account, XDG otherwise. */
import { join } from 'node:path';

export interface Places {
  readonly configFile: string;
  readonly state: string;
  readonly run: string;
}

/** What of the process the places depend on; read in `cli` only. */
export interface Surroundings {
  readonly uid: number;
  readonly account: string;
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const SERVICE_ACCOUNT = 'heldline';

/** The default places for whoever runs the program. */
export function defaultPlaces(surroundings: Surroundings): Places {
  if (surroundings.uid === 0 || surroundings.account === SERVICE_ACCOUNT) {
    return { configFile: '/etc/heldline/heldline.yaml', state: '/var/lib/heldline', run: '/run/heldline' };
  }
  const { environment, home, uid } = surroundings;
  const config = environment['XDG_CONFIG_HOME'] ?? join(home, '.config');
  const data = environment['XDG_DATA_HOME'] ?? join(home, '.local', 'share');
  const run = environment['XDG_RUNTIME_DIR'] ?? join('/tmp', `heldline-${uid}`);
  return {
    configFile: join(config, 'heldline', 'heldline.yaml'),
    state: join(data, 'heldline'),
    run: join(run, 'heldline'),
  };
}
