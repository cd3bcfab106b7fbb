/** The key `web` of heldline.yaml: the HTTP API. It is off as long as the key is absent. */
import { z } from 'zod';
import { Networks } from '../base/networks.ts';
import { strictObject } from '../base/strict-object.ts';
import { addressText, portNumber } from './units.ts';

export interface WebFile {
  readonly listen?: string | readonly string[] | undefined;
  readonly port?: number | undefined;
  readonly url?: string | undefined;
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
}

const loopback = new Networks(['127.0.0.0/8', '::1']);

/** Why `text` cannot be how people reach the API, or null. */
function urlObjection(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return 'expected a URL such as https://bastion.example.com';
  }
  if (url.origin !== text.replace(/\/$/, '').toLowerCase()) return 'expected scheme, host and port only';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isHere = host === 'localhost' || loopback.has(host);
  return url.protocol === 'http:' && !isHere ? 'use https: codes are sent there' : null;
}

/** The addresses that others can reach. */
function openAddresses(listen: WebFile['listen']): readonly (readonly [PropertyKey[], string])[] {
  const all: readonly (readonly [PropertyKey[], string])[] =
    listen === undefined || typeof listen === 'string'
      ? [[['listen'], listen ?? '127.0.0.1']]
      : listen.map((address, index) => [['listen', index], address]);
  return all.filter(([, address]) => address !== 'none' && !loopback.has(address));
}

export const webSchema: z.ZodType<WebFile> = strictObject({
  listen: z
    .union([z.literal('none'), addressText, z.array(addressText).min(1)], {
      error: 'expected an IP address, a list of them such as ["127.0.0.1", "::1"], or none',
    })
    .optional(),
  port: portNumber.optional(),
  url: z
    .string()
    .superRefine((text, context) => {
      const objection = urlObjection(text);
      if (objection !== null) context.addIssue({ code: 'custom', message: objection, input: text });
    })
    .optional(),
  tls: strictObject({ cert: z.string().min(1), key: z.string().min(1) }).optional(),
}).superRefine(({ listen, tls }, context) => {
  if (tls !== undefined) return;
  const message = 'others can reach this address, so web.tls with cert and key is needed; or listen on 127.0.0.1';
  for (const [path, input] of openAddresses(listen)) context.addIssue({ code: 'custom', path, message, input });
});
