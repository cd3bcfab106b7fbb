/** The keys of heldline.yaml, strict: an unknown key is an error. Everything is optional; see `resolve-config.ts` for defaults. */
import { z } from 'zod';
import { strictObject } from '../base/strict-object.ts';
import { isName } from '../model/names.ts';
import { type MetricsFile, metricsSchema } from './metrics-config.ts';
import { type NotifyFile, notifySchema } from './notify-schema.ts';
import { addressText, durationText, portNumber, sizeText } from './units.ts';
import { type WebFile, webSchema } from './web-schema.ts';

const addresses = z.union([addressText, z.array(addressText).min(1)], {
  error: 'expected an IP address or a list of them, such as 0.0.0.0 or [127.0.0.1, "::1"]',
});
const hostName = z
  .string()
  .regex(/^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/, 'expected a host name or an IPv4 address');
const suffix = z.string().regex(/^\.[a-z0-9][a-z0-9.-]{0,62}$/, 'expected a dot and a name, such as .gate');
const path = z.string().min(1);
const count = z.int().min(1);
const name = z.string().refine(isName, 'expected a name: small letters, digits, _ . - (at most 32)');

/** Raw content of the file. */
export interface ConfigFile {
  readonly ssh?:
    | {
        readonly listen?: string | readonly string[] | undefined;
        readonly port?: number | undefined;
        readonly host_name?: string | undefined;
        readonly suffix?: string | undefined;
        readonly banner?: string | undefined;
      }
    | undefined;
  readonly sign_in?:
    | {
        readonly second_factor?: 'nobody' | 'everybody' | { readonly roles: readonly string[] } | undefined;
        readonly grace_time?: string | undefined;
      }
    | undefined;
  readonly paths?:
    | {
        readonly state?: string | undefined;
        readonly run?: string | undefined;
        readonly policy?: string | undefined;
      }
    | undefined;
  readonly recording?:
    | {
        readonly on_failure?: 'freeze' | 'end' | undefined;
        readonly freeze?: string | undefined;
        readonly min_free?: string | undefined;
        readonly max_per_user_hour?: string | undefined;
      }
    | undefined;
  readonly approval?:
    | {
        readonly longest_access?: string | undefined;
      }
    | undefined;
  readonly limits?:
    | {
        readonly connections_per_address?: number | undefined;
        readonly pre_auth?: number | undefined;
        readonly channels_per_connection?: number | undefined;
        readonly sessions_per_user?: number | undefined;
        readonly holds_per_user?: number | undefined;
      }
    | undefined;
  readonly mosh?:
    | {
        readonly enabled?: boolean | undefined;
        readonly listen?: string | readonly string[] | undefined;
        readonly port?: number | undefined;
        readonly detached?: string | undefined;
        readonly clipboard?: boolean | undefined;
      }
    | undefined;
  readonly notify?: NotifyFile | undefined;
  readonly web?: WebFile | undefined;
  readonly metrics?: MetricsFile | undefined;
  readonly log?: { readonly level?: 'debug' | 'info' | 'warn' | 'error' | undefined } | undefined;
  readonly drain?: string | undefined;
}

const ssh = strictObject({
  listen: addresses.optional(),
  port: portNumber.optional(),
  host_name: hostName.optional(),
  suffix: suffix.optional(),
  banner: z.string().max(8192).optional(),
});

const signIn = strictObject({
  second_factor: z
    .union([z.enum(['nobody', 'everybody']), strictObject({ roles: z.array(name).min(1) })], {
      error: 'expected nobody, everybody or { roles: [...] }',
    })
    .optional(),
  grace_time: durationText.optional(),
});

const recording = strictObject({
  on_failure: z.enum(['freeze', 'end']).optional(),
  freeze: durationText.optional(),
  min_free: sizeText.optional(),
  max_per_user_hour: sizeText.optional(),
});

const approval = strictObject({ longest_access: durationText.optional() });

const limits = strictObject({
  connections_per_address: count.optional(),
  pre_auth: count.optional(),
  channels_per_connection: count.optional(),
  sessions_per_user: count.optional(),
  holds_per_user: count.optional(),
});

const mosh = strictObject({
  enabled: z.boolean().optional(),
  listen: addresses.optional(),
  port: portNumber.optional(),
  detached: durationText.optional(),
  clipboard: z.boolean().optional(),
});

const paths = strictObject({ state: path.optional(), run: path.optional(), policy: path.optional() });

/** Schema of heldline.yaml. An empty file is valid. */
export const configSchema: z.ZodType<ConfigFile> = strictObject({
  ssh: ssh.optional(),
  sign_in: signIn.optional(),
  paths: paths.optional(),
  recording: recording.optional(),
  approval: approval.optional(),
  limits: limits.optional(),
  mosh: mosh.optional(),
  notify: notifySchema.optional(),
  web: webSchema.optional(),
  metrics: metricsSchema.optional(),
  log: strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']).optional() }).optional(),
  drain: durationText.optional(),
});

/** JSON Schema of heldline.yaml, for editors. */
export function configJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(configSchema, { io: 'input' }), title: 'heldline.yaml' };
}
