/**
 * The shape of one policy file. All files of `policy.d` are read as one policy; `version: 1` stands in each.
 * The schema checks shape only; names that refer to each other are checked by `lint/`.
 */
import { z } from 'zod';
import { parseDuration } from '../../base/duration.ts';
import { strictObject } from '../../base/strict-object.ts';
import type { Effect, Severity } from '../../model/decision.ts';
import type { Factor } from '../../model/requirement.ts';
import { type EntryFile, entryFile } from './entry-file.ts';
import { type MatchFile, matchFile } from './match-file.ts';
import { type RoamingFile, roamingFile } from './roaming-file.ts';
import {
  type CheckFile,
  checkFile,
  type HookFile,
  hookFile,
  type TestFile,
  testFile,
  type WindowFile,
  windowFile,
} from './section-files.ts';
import { type ConditionFile, conditionFile, type SelectorFile, selectorFile } from './selector-file.ts';

export type PostureEffect = 'allow' | 'approve' | 'deny';

/** Who has the line editor of a terminal: the target, key by key, or the bastion, which sends whole lines. */
export type LineMode = 'keys' | 'strict';

export interface PostureFile {
  readonly when: SelectorFile;
  readonly default: PostureEffect;
  readonly on_opaque?: PostureEffect;
  readonly on_unparsable?: PostureEffect;
  readonly on_too_long?: PostureEffect;
  readonly default_approval?: string;
  readonly opaque_approval?: string;
  readonly unparsable_approval?: string;
  readonly too_long_approval?: string;
  readonly dialect?: 'bash' | 'sh' | 'zsh' | 'fish' | 'unknown';
  readonly possible?: 'match' | 'ignore';
  readonly line_mode?: LineMode;
}

/** Keys of a posture that name an approval. */
export const POSTURE_APPROVALS = [
  'default_approval',
  'opaque_approval',
  'unparsable_approval',
  'too_long_approval',
] as const;

export interface AccessFile {
  readonly who: SelectorFile;
  readonly targets: SelectorFile;
  readonly logins?: readonly string[];
  readonly request?: { readonly approval: string; readonly longest?: string };
}

export interface StageFile {
  readonly who: 'requester' | SelectorFile;
  readonly count?: number;
  readonly factor?: Factor | { readonly any_of: readonly Factor[] };
  readonly verify?: boolean;
  readonly timeout?: string;
  readonly on_timeout?: 'escalate' | 'deny';
  readonly only_if?: 'escalated';
  readonly on_call?: string;
}

export interface ApprovalFile {
  readonly stages: readonly StageFile[];
  readonly mode?: 'parallel' | 'sequential';
  readonly expires?: string;
  readonly reason?: 'optional' | 'required' | { readonly min_length?: number; readonly ticket?: string };
  readonly release?: 'enter' | 'immediate';
}

export interface RuleFile {
  readonly id: string;
  readonly effect: Effect;
  readonly approval?: string;
  readonly hard?: boolean;
  readonly when?: ConditionFile;
  readonly match?: MatchFile;
  readonly except?: { readonly when?: ConditionFile; readonly match?: MatchFile };
  readonly message?: string;
  readonly grant?:
    | 'none'
    | { readonly scope: 'command' | 'pattern' | 'session'; readonly minutes: number; readonly max_uses: number };
  readonly auto_approvable?: boolean;
  readonly after?: {
    readonly on: readonly ('zero' | 'nonzero' | 'disconnect' | 'unknown')[];
    readonly hook: string;
    readonly timeout?: string;
    readonly needs_approval?: boolean;
  };
}

export interface BreakGlassFile {
  readonly roles: readonly string[];
  readonly factor?: Factor;
  readonly reason?: { readonly min_length?: number };
  readonly minutes?: number;
  readonly keeps?: readonly string[];
  readonly notify?: readonly string[];
  readonly review_within?: string;
}

export interface PolicyFile {
  readonly version: 1;
  readonly metadata?: { readonly name?: string; readonly owner?: string; readonly description?: string };
  readonly settings?: {
    readonly max_line_bytes?: number;
    readonly max_exec_bytes?: number;
    readonly max_nesting?: number;
    readonly possible?: 'match' | 'ignore';
    readonly time_zone?: string;
    readonly layering?: 'additive';
  };
  readonly catalogue?: {
    readonly packs?: readonly string[];
    readonly disable?: readonly string[];
    readonly severity?: Readonly<Record<string, Severity>>;
    readonly entries?: readonly EntryFile[];
  };
  readonly roles?: Readonly<Record<string, { readonly description?: string }>>;
  readonly postures?: readonly PostureFile[];
  readonly access?: readonly AccessFile[];
  readonly roaming?: readonly RoamingFile[];
  readonly checks?: Readonly<Record<string, CheckFile>>;
  readonly windows?: Readonly<Record<string, WindowFile>>;
  readonly approvals?: Readonly<Record<string, ApprovalFile>>;
  readonly rules?: readonly RuleFile[];
  readonly break_glass?: BreakGlassFile;
  readonly hooks?: Readonly<Record<string, HookFile>>;
  readonly tests?: readonly TestFile[];
}

const ID = /^[a-z][a-z0-9._-]*$/;
const identifier: z.ZodType<string> = z
  .string()
  .regex(ID, 'expected an id: small letters, digits, - _ . and a letter first');
const duration = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, 'expected a duration such as 400ms, 90s, 10m or 1h30m');
const effect = z.enum(['deny', 'approve', 'auto-approve', 'allow'], { error: ({ input }) => effectHint(input) });
const postureEffect = z.enum(['allow', 'approve', 'deny'], { error: ({ input }) => effectHint(input) });
const severity = z.enum(['info', 'low', 'medium', 'high', 'critical']);
const factor = z.enum(['totp', 'sk-signature', 'signature']);
const names = z.array(z.string().min(1)).min(1);

/** The words on the screen when a command is held or blocked are not those of the files. */
function effectHint(input: unknown): string | undefined {
  if (input === 'hold') return 'to hold a command: approve';
  return input === 'block' ? 'to block a command: deny' : undefined;
}

const posture = strictObject({
  when: selectorFile,
  default: postureEffect,
  on_opaque: postureEffect.exactOptional(),
  on_unparsable: postureEffect.exactOptional(),
  on_too_long: postureEffect.exactOptional(),
  default_approval: identifier.exactOptional(),
  opaque_approval: identifier.exactOptional(),
  unparsable_approval: identifier.exactOptional(),
  too_long_approval: identifier.exactOptional(),
  dialect: z.enum(['bash', 'sh', 'zsh', 'fish', 'unknown']).exactOptional(),
  possible: z.enum(['match', 'ignore']).exactOptional(),
  line_mode: z.enum(['keys', 'strict']).exactOptional(),
});

const access = strictObject({
  who: selectorFile,
  targets: selectorFile,
  logins: names.exactOptional(),
  request: strictObject({ approval: identifier, longest: duration.exactOptional() }).exactOptional(),
});

const requester = z.literal('requester', {
  error: ({ input }) => (typeof input === 'string' ? `write { role: ${input} } or requester` : undefined),
});

const stage = strictObject({
  who: z.union([requester, selectorFile], {
    error: 'expected requester or a selector such as { role: sre }',
  }),
  count: z.int().min(1).max(20).exactOptional(),
  factor: z
    .union([factor, strictObject({ any_of: z.array(factor).min(1) })], {
      error: 'expected totp, sk-signature, signature or { any_of: [...] }',
    })
    .exactOptional(),
  verify: z.boolean().exactOptional(),
  timeout: duration.exactOptional(),
  on_timeout: z.enum(['escalate', 'deny']).exactOptional(),
  only_if: z.literal('escalated').exactOptional(),
  on_call: identifier.exactOptional(),
});

const approval = strictObject({
  stages: z.array(stage).min(1),
  mode: z.enum(['parallel', 'sequential']).exactOptional(),
  expires: duration.exactOptional(),
  reason: z
    .union(
      [
        z.enum(['optional', 'required']),
        strictObject({
          min_length: z.int().min(0).max(500).exactOptional(),
          ticket: z.string().min(1).exactOptional(),
        }),
      ],
      { error: 'expected optional, required or { min_length, ticket }' },
    )
    .exactOptional(),
  release: z.enum(['enter', 'immediate']).exactOptional(),
});

const rule = strictObject({
  id: identifier,
  effect,
  approval: identifier.exactOptional(),
  hard: z.boolean().exactOptional(),
  when: conditionFile.exactOptional(),
  match: matchFile.exactOptional(),
  except: strictObject({ when: conditionFile.exactOptional(), match: matchFile.exactOptional() })
    .refine((value) => value.when !== undefined || value.match !== undefined, 'is empty; give it `when` or `match`')
    .exactOptional(),
  message: z.string().min(1).max(500).exactOptional(),
  grant: z
    .union(
      [
        z.literal('none'),
        strictObject({
          scope: z.enum(['command', 'pattern', 'session']),
          minutes: z.int().min(1).max(1440),
          max_uses: z.int().min(1).max(1000),
        }),
      ],
      { error: 'expected none or { scope, minutes, max_uses }' },
    )
    .exactOptional(),
  auto_approvable: z.boolean().exactOptional(),
  after: strictObject({
    on: z.array(z.enum(['zero', 'nonzero', 'disconnect', 'unknown'])).min(1),
    hook: identifier,
    timeout: duration.exactOptional(),
    needs_approval: z.boolean().exactOptional(),
  }).exactOptional(),
});

const role = strictObject({ description: z.string().exactOptional() });

export const policyFile: z.ZodType<PolicyFile> = strictObject({
  version: z.literal(1),
  metadata: strictObject({
    name: z.string().exactOptional(),
    owner: z.string().exactOptional(),
    description: z.string().exactOptional(),
  }).exactOptional(),
  settings: strictObject(
    {
      max_line_bytes: z.int().min(256).max(1_048_576).exactOptional(),
      max_exec_bytes: z.int().min(256).max(8_388_608).exactOptional(),
      max_nesting: z.int().min(4).max(256).exactOptional(),
      possible: z.enum(['match', 'ignore']).exactOptional(),
      time_zone: z.string().exactOptional(),
      layering: z.literal('additive').exactOptional(),
    },
    new Map([['zone', 'time_zone']]),
  ).exactOptional(),
  catalogue: strictObject({
    packs: names.exactOptional(),
    disable: names.exactOptional(),
    severity: z.record(z.string(), severity).exactOptional(),
    entries: z.array(entryFile).exactOptional(),
  }).exactOptional(),
  roles: z.record(identifier, role).exactOptional(),
  postures: z.array(posture).exactOptional(),
  access: z.array(access).exactOptional(),
  roaming: z.array(roamingFile).exactOptional(),
  checks: z.record(identifier, checkFile).exactOptional(),
  windows: z.record(identifier, windowFile).exactOptional(),
  approvals: z.record(identifier, approval).exactOptional(),
  rules: z.array(rule).exactOptional(),
  break_glass: strictObject({
    roles: names,
    factor: factor.exactOptional(),
    reason: strictObject({ min_length: z.int().min(0).exactOptional() }).exactOptional(),
    minutes: z.int().min(1).max(1440).exactOptional(),
    keeps: names.exactOptional(),
    notify: names.exactOptional(),
    review_within: duration.exactOptional(),
  }).exactOptional(),
  hooks: z.record(identifier, hookFile).exactOptional(),
  tests: z.array(testFile).exactOptional(),
});

/** JSON Schema of a policy file, for editors. */
export function policyJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(policyFile, { io: 'input' }), title: 'heldline policy file' };
}
