/**
 * Selectors and conditions as people write them: `{ role: sre }`, `{ label.env: [prod, stage] }`,
 * `{ all: [...] }`, `{ window: office }`, `{ check.change_freeze: true }`. Keys of one map are ANDed.
 */
import { z } from 'zod';
import { unknownKeys } from '../../base/strict-object.ts';
import { URGENCIES, type Urgency } from '../../model/urgency.ts';

export type Words = string | readonly string[];

/** Speaks of people and targets only. */
export interface SelectorFile {
  readonly any?: true | readonly SelectorFile[];
  readonly all?: readonly SelectorFile[];
  readonly not?: SelectorFile;
  readonly user?: Words;
  readonly users?: Words;
  readonly role?: Words;
  readonly target?: Words;
  readonly targets?: Words;
  readonly [label: `label.${string}`]: Words;
}

/** A selector that may also ask for time, checks, login, context and how urgent the requester says it is. */
export interface ConditionFile {
  readonly any?: true | readonly ConditionFile[];
  readonly all?: readonly ConditionFile[];
  readonly not?: ConditionFile;
  readonly user?: Words;
  readonly users?: Words;
  readonly role?: Words;
  readonly target?: Words;
  readonly targets?: Words;
  readonly login?: Words;
  readonly context?: Words;
  readonly window?: Words;
  readonly urgency?: Urgency | readonly Urgency[];
  readonly [fact: `label.${string}` | `check.${string}`]: FactValue;
}

/** What a label or a check must be. */
export type FactValue = Words | boolean | number;

const PEOPLE_KEYS = ['any', 'all', 'not', 'user', 'users', 'role', 'target', 'targets'] as const;
const CONDITION_KEYS = [...PEOPLE_KEYS, 'login', 'context', 'window', 'urgency'] as const;

/** One word or a list of them. */
export const words: z.ZodType<Words> = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)], {
  error: 'expected a word or a list of words',
});

const urgency = z.enum(URGENCIES);
const urgencies = z.union([urgency, z.array(urgency).min(1)]);

/** For `label: { env: prod }` in place of `label.env: prod`. */
function flatKey(key: 'label' | 'check'): z.ZodNever {
  return z.never({ error: ({ input }) => `write ${flatText(key, input)}` });
}

function flatText(key: string, input: unknown): string {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return `${key}.NAME: ${valueText(input)}`;
  const lines = Object.entries(input).map(([name, value]) => `${key}.${name}: ${valueText(value)}`);
  return lines.join(', ');
}

function valueText(value: unknown): string {
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
}

const wholeError = 'write a selector such as { role: sre } or { label.env: prod }';
const anyError = 'expected true or a list';

export const selectorFile: z.ZodType<SelectorFile> = z
  .object(
    {
      get any() {
        return z.union([z.literal(true), z.array(selectorFile).min(1)], { error: anyError }).exactOptional();
      },
      get all() {
        return z.array(selectorFile).min(1).exactOptional();
      },
      get not() {
        return selectorFile.exactOptional();
      },
      user: words.exactOptional(),
      users: words.exactOptional(),
      role: words.exactOptional(),
      target: words.exactOptional(),
      targets: words.exactOptional(),
      label: flatKey('label').exactOptional(),
    },
    wholeError,
  )
  .catchall(words)
  .superRefine((value, context) => refuseUnknown(value, context, PEOPLE_KEYS, ['label.']));

export const conditionFile: z.ZodType<ConditionFile> = z
  .object(
    {
      get any() {
        return z.union([z.literal(true), z.array(conditionFile).min(1)], { error: anyError }).exactOptional();
      },
      get all() {
        return z.array(conditionFile).min(1).exactOptional();
      },
      get not() {
        return conditionFile.exactOptional();
      },
      user: words.exactOptional(),
      users: words.exactOptional(),
      role: words.exactOptional(),
      target: words.exactOptional(),
      targets: words.exactOptional(),
      login: words.exactOptional(),
      context: words.exactOptional(),
      window: words.exactOptional(),
      urgency: urgencies.exactOptional(),
      label: flatKey('label').exactOptional(),
      check: flatKey('check').exactOptional(),
    },
    wholeError,
  )
  .catchall(z.union([z.string(), z.array(z.string()).min(1), z.boolean(), z.number()]))
  .superRefine((value, context) => refuseUnknown(value, context, CONDITION_KEYS, ['label.', 'check.']));

function refuseUnknown(
  value: Record<string, unknown>,
  context: z.core.$RefinementCtx,
  known: readonly string[],
  prefixes: readonly string[],
): void {
  const keys = Object.keys(value);
  if (keys.length === 0)
    context.addIssue({ code: 'custom', message: 'is empty; write { any: true } to match everything' });
  const strange = keys.filter(
    (key) => !known.includes(key) && !prefixes.some((prefix) => key.startsWith(prefix) && key.length > prefix.length),
  );
  if (strange.length === 0) return;
  const allowed = [...known, ...prefixes.map((prefix) => `${prefix}NAME`)];
  context.addIssue({ code: 'unrecognized_keys', keys: strange, input: value, message: unknownKeys(strange, allowed) });
}
