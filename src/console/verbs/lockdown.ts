/** `lockdown on` and `lockdown off`: the big switch. */
import { HeldlineError } from '../../base/heldline-error.ts';
import { visible } from '../../base/visible.ts';
import type { Lockdown } from '../../model/lockdown.ts';
import { EXIT, type Verb } from '../verb.ts';
import { callerName, printJson, text } from '../verb-values.ts';

export const lockdownOn: Verb = {
  spec: {
    path: ['lockdown', 'on'],
    summary: 'hold everything for everybody until "lockdown off"',
    arguments: [],
    options: [{ name: 'reason', short: 'r', value: 'TEXT', help: 'shown to everybody whose command is refused' }],
    examples: ['lockdown on -r "incident 88"'],
    audience: 'local',
  },
  run: async (context) => {
    const reason = text(context, 'reason')?.trim() ?? '';
    if (reason === '') throw new HeldlineError('usage', 'lockdown on needs -r with a reason', { kind: 'usage' });
    const lockdown = await context.services.lockdown.on(callerName(context), reason);
    if (context.io.json) printJson(context.io, { lockdown: lockdownJson(lockdown) });
    else context.io.err('heldline: locked down. Everything is held for everybody until: heldline lockdown off\n');
    return EXIT.done;
  },
};

export const lockdownOff: Verb = {
  spec: {
    path: ['lockdown', 'off'],
    summary: 'lift the lockdown',
    arguments: [],
    options: [],
    examples: ['lockdown off'],
    audience: 'local',
  },
  run: async (context) => {
    await context.services.lockdown.off(callerName(context));
    if (context.io.json) printJson(context.io, { lockdown: null });
    else context.io.err('heldline: the lockdown is lifted.\n');
    return EXIT.done;
  },
};

/** One line for lists that people read while it lasts. */
export function lockdownWords({ by, reason, since }: Lockdown): string {
  return `heldline: locked down by ${visible(by)} since ${new Date(since).toISOString()} (${visible(reason)}). Nothing is released.\n`;
}

function lockdownJson({ by, reason, since }: Lockdown): Readonly<Record<string, string>> {
  return { by, reason, since: new Date(since).toISOString() };
}
