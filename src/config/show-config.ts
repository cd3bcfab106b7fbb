/** The effective configuration as text, for `config show`. There is no secret in it: files hold none. */
import { stringify } from 'yaml';
import type { Config } from './config.ts';

/** YAML with every default filled in; durations in ms, sizes in bytes. */
export function showConfig(config: Config): string {
  return stringify(config, { lineWidth: 120 });
}
