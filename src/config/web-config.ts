/** The settings of the HTTP API, complete. */
import { resolve } from 'node:path';
import type { WebFile } from './web-schema.ts';

export interface WebConfig {
  /** IP addresses to listen on, off loopback only with `tls`; empty: it is reached through SSH only. */
  readonly listen: readonly string[];
  /** TCP port; 0 asks the system. */
  readonly port: number;
  /** How people reach it, without a slash at the end; null: messages have no link. */
  readonly url: string | null;
  /** Paths of PEM files; null: plain HTTP. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
}

/** null: it is off. @param base directory that relative paths are relative to */
export function webOf(raw: WebFile | undefined, base: string): WebConfig | null {
  if (raw === undefined) return null;
  const listen = raw.listen ?? '127.0.0.1';
  return {
    listen: addressesOf(listen),
    port: raw.port ?? 8022,
    url: raw.url?.replace(/\/$/, '') ?? null,
    tls: raw.tls === undefined ? null : { cert: resolve(base, raw.tls.cert), key: resolve(base, raw.tls.key) },
  };
}

function addressesOf(listen: string | readonly string[]): readonly string[] {
  if (listen === 'none') return [];
  return typeof listen === 'string' ? [listen] : listen;
}
