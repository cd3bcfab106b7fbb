/** The key `metrics` of heldline.yaml: figures for Prometheus. They are off as long as the key is absent. */
import type { z } from 'zod';
import { strictObject } from '../base/strict-object.ts';
import { addressText, portNumber } from './units.ts';

export interface MetricsFile {
  readonly listen?: string | undefined;
  readonly port?: number | undefined;
}

export interface MetricsConfig {
  /** IP address to listen on. There is no sign-in: beyond loopback a firewall has to decide who may read. */
  readonly listen: string;
  /** TCP port; 0 asks the system. */
  readonly port: number;
}

export const metricsSchema: z.ZodType<MetricsFile> = strictObject({
  listen: addressText.optional(),
  port: portNumber.optional(),
});

/** null: they are off. */
export function metricsOf(raw: MetricsFile | undefined): MetricsConfig | null {
  return raw === undefined ? null : { listen: raw.listen ?? '127.0.0.1', port: raw.port ?? 9464 };
}
