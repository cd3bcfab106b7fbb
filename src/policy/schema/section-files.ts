/** Sections that rules refer to: checks, windows, hooks; and the tests that live beside them. */
import { z } from 'zod';
import { parseDuration } from '../../base/duration.ts';
import { strictObject } from '../../base/strict-object.ts';
import type { CommandContext } from '../../model/command-line.ts';
import type { Effect } from '../../model/decision.ts';
import { URGENCIES, type Urgency } from '../../model/urgency.ts';
import { DAYS, type Day, dayHint, daysHint } from './days.ts';

export interface CheckFile {
  readonly exec?: readonly string[];
  readonly http?: { readonly url: string; readonly method?: 'GET' | 'HEAD' };
  readonly timeout?: string;
  readonly cache?: string;
  readonly parse?: { readonly json?: string; readonly type?: 'boolean' | 'number' | 'string' | 'names' };
}

export interface WindowFile {
  readonly days: readonly Day[];
  readonly from: string;
  readonly to: string;
  readonly zone?: string;
}

export interface HookFile {
  readonly run: readonly string[];
  readonly where?: 'broker';
  readonly env?: readonly string[];
}

export interface TestFile {
  readonly line?: string;
  readonly lines?: readonly string[];
  readonly context?: CommandContext;
  readonly user?: string;
  readonly roles?: readonly string[];
  readonly target?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly at?: string;
  /** As the person says; absent: they say nothing, which is normal. */
  readonly urgency?: Urgency;
  readonly checks?: Readonly<Record<string, boolean | number | string>>;
  readonly expect: {
    readonly effect?: Effect;
    readonly rule?: string | null;
    readonly ids?: readonly string[];
    readonly opaque?: boolean;
    readonly approval?: string | readonly string[];
  };
}

const duration = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, 'expected a duration such as 400ms, 90s, 10m or 1h30m');
const argv = z.array(z.string().min(1)).min(1);
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, {
  error: ({ input }) =>
    input === '24:00' ? 'write "00:00" for midnight' : 'expected a time such as "08:00", in quotes',
});

export const checkFile: z.ZodType<CheckFile> = strictObject({
  exec: argv.exactOptional(),
  http: strictObject({
    url: z.url({ protocol: /^https?$/ }),
    method: z.enum(['GET', 'HEAD']).exactOptional(),
  }).exactOptional(),
  timeout: duration.exactOptional(),
  cache: duration.exactOptional(),
  parse: strictObject({
    json: z
      .string()
      .regex(/^\$(\.[A-Za-z_][A-Za-z0-9_-]*|\[\d+\])*$/, 'expected a path such as $.state.open')
      .exactOptional(),
    type: z.enum(['boolean', 'number', 'string', 'names']).exactOptional(),
  }).exactOptional(),
}).refine((check) => (check.exec === undefined) !== (check.http === undefined), 'needs exactly one of exec and http');

const days = z
  .array(z.enum(DAYS, { error: ({ input }) => dayHint(input) }), { error: ({ input }) => daysHint(input) })
  .min(1, 'name at least one day, as in [mon, tue]');

export const windowFile: z.ZodType<WindowFile> = strictObject(
  { days, from: timeOfDay, to: timeOfDay, zone: z.string().exactOptional() },
  new Map([['time_zone', 'zone']]),
);

export const hookFile: z.ZodType<HookFile> = strictObject({
  run: argv,
  where: z.literal('broker').exactOptional(),
  env: z.array(z.string()).exactOptional(),
});

export const testFile: z.ZodType<TestFile> = strictObject({
  line: z.string().exactOptional(),
  lines: z.array(z.string()).min(1).exactOptional(),
  context: z.enum(['shell', 'psql', 'mysql', 'repl', 'exec']).exactOptional(),
  user: z.string().exactOptional(),
  roles: z.array(z.string()).exactOptional(),
  target: z.string().exactOptional(),
  labels: z.record(z.string(), z.string()).exactOptional(),
  at: z.string().exactOptional(),
  urgency: z.enum(URGENCIES).exactOptional(),
  checks: z.record(z.string(), z.union([z.boolean(), z.number(), z.string()])).exactOptional(),
  expect: strictObject({
    effect: z.enum(['allow', 'auto-approve', 'approve', 'deny']).exactOptional(),
    rule: z.string().nullable().exactOptional(),
    ids: z.array(z.string()).exactOptional(),
    opaque: z.boolean().exactOptional(),
    approval: z.union([z.string(), z.array(z.string())]).exactOptional(),
  }),
}).refine((test) => (test.line === undefined) !== (test.lines === undefined), 'needs exactly one of line and lines');
