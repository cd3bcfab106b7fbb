/** Finds the configuration and the admin socket: flag, variable, the usual places, in this order. */
import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { defaultPlaces, type Places } from '../app/places.ts';
import { HeldlineError } from '../base/heldline-error.ts';
import type { Config } from '../config/config.ts';
import { formatFinding } from '../config/format-finding.ts';
import { type ConfigOutcome, loadConfig } from '../config/load-config.ts';
import { processSurroundings } from './process-surroundings.ts';

/** Where things lie for this process when nobody says otherwise. */
export function places(): Places {
  const surroundings = processSurroundings();
  const state = surroundings.environment['HELDLINE_DATA_DIR'];
  const usual = defaultPlaces(surroundings);
  return state === undefined ? usual : { ...usual, state: resolve(state) };
}

export function configPath(option: string | undefined): string {
  const { environment } = processSurroundings();
  return resolve(option ?? environment['HELDLINE_CONFIG'] ?? places().configFile);
}

/** @throws HeldlineError `config.missing` (kind not-found) when there is no such file */
export async function checkConfigFile(option: string | undefined): Promise<ConfigOutcome> {
  const file = configPath(option);
  try {
    await access(file);
  } catch (cause) {
    const hint = 'Write one with: heldline init --dir DIR, or name it with -c FILE';
    throw new HeldlineError('config.missing', `there is no configuration at ${file}`, {
      cause,
      kind: 'not-found',
      hint,
    });
  }
  return loadConfig(file, places());
}

/** The configuration. @throws HeldlineError `config.invalid` (kind check-failed) with every finding in its message */
export async function readConfig(option: string | undefined): Promise<Config> {
  const { config, findings } = await checkConfigFile(option);
  if (config !== null) return config;
  const lines = findings.map(formatFinding).join('\n          ');
  throw new HeldlineError('config.invalid', `the configuration has errors\n          ${lines}`, {
    kind: 'check-failed',
  });
}

/** Path of the daemon's socket: `HELDLINE_SOCKET`, or what the configuration says. */
export async function adminSocketPath(option: string | undefined): Promise<string> {
  const named = processSurroundings().environment['HELDLINE_SOCKET'];
  if (named !== undefined && option === undefined) return resolve(named);
  return join((await readConfig(option)).paths.run, 'admin.sock');
}
