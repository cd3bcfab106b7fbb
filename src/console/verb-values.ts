/** Reading a call's options and writing data, the same way in every verb. */
import { HeldlineError } from '../base/heldline-error.ts';
import type { Labels } from '../model/target.ts';
import type { VerbContext, VerbIo } from './verb.ts';

type Call = Pick<VerbContext, 'call'>;

/** The value of a single option, or undefined. */
export function text({ call }: Call, name: string): string | undefined {
  const value = call.options[name];
  return typeof value === 'string' ? value : undefined;
}

/** The values of an option that may be given several times. */
export function list({ call }: Call, name: string): readonly string[] {
  const value = call.options[name];
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value : [];
}

/** Whether a switch is on. */
export function flag({ call }: Call, name: string): boolean {
  return call.options[name] === true;
}

/** The labels that `--label K=V` gives. @throws HeldlineError `usage` when one is not of that form */
export function labelsFrom(values: readonly string[]): Labels {
  return Object.fromEntries(values.map(splitLabel));
}

function splitLabel(label: string): [string, string] {
  const [, key, value] = /^([a-z][a-z0-9_.-]*)=(.+)$/.exec(label) ?? [];
  if (key !== undefined && value !== undefined) return [key, value];
  throw new HeldlineError('usage', `--label is "${label}"; write KEY=VALUE, as in env=prod`, { kind: 'usage' });
}

/** The lines of a file that say something: no blanks, no comments. */
export function lines(content: string): string[] {
  const all = content.split('\n').map((line) => line.trim());
  return all.filter((line) => line !== '' && !line.startsWith('#'));
}

/** One versioned object on a line of its own. */
export function printJson(io: Pick<VerbIo, 'out'>, value: Readonly<Record<string, unknown>>): void {
  io.out(`${JSON.stringify({ v: 1, ...value })}\n`);
}

/** Who did it, for the log and for the rule that nobody's own making votes: the person, or the local account. */
export function callerName({ caller }: Pick<VerbContext, 'caller'>): string {
  return caller.kind === 'person' ? caller.principal.user : caller.account;
}
