/** One run of a hook: which ones an outcome calls for, and what each is told. Pure. */
import { type AfterHook, type AfterTrigger, HOOK_FACTS, type HookFacts } from '../../model/after-hook.ts';
import type { CommandOutcome } from '../../model/command-outcome.ts';
import type { FinishedCommand } from './running-commands.ts';

/** A program of the bastion, ready to be started without a shell. */
export interface HookRun {
  readonly argv: readonly string[];
  /** All of what it is told by the environment; nothing else of ours. */
  readonly environment: Readonly<Record<string, string>>;
  /** ms */
  readonly timeout: number;
}

/** The hooks that the rules want run after this outcome. */
export function hooksAfter({ decision, outcome }: FinishedCommand): readonly AfterHook[] {
  const trigger = triggerOf(outcome);
  return (decision.after ?? []).filter((hook) => hook.on.includes(trigger));
}

/** The program with its words: facts in the place of `{placeholders}`, each within its word. */
export function hookRun(hook: AfterHook, finished: FinishedCommand): HookRun {
  const facts = factsOf(hook, finished);
  const fill = (word: string): string =>
    HOOK_FACTS.reduce((text, name) => text.replaceAll(`{${name}}`, facts[name]), word);
  const told = HOOK_FACTS.map((name) => [name.toUpperCase(), facts[name]] as const);
  const environment = Object.fromEntries(told.filter(([name]) => hook.environment.includes(name)));
  return { argv: hook.run.map(fill), environment, timeout: hook.timeout };
}

function triggerOf(outcome: CommandOutcome): AfterTrigger {
  switch (outcome.kind) {
    case 'code':
      return outcome.code === 0 ? 'zero' : 'nonzero';
    case 'signal':
      return 'nonzero';
    case 'disconnect':
    case 'unknown':
      return outcome.kind;
  }
}

/** Names and ids of ours only, all of which begin with a letter or a digit: no word can turn into an option. */
function factsOf(hook: AfterHook, { facts, request, outcome }: FinishedCommand): HookFacts {
  const { user, target, login, id } = facts.record;
  return { target, login, user, request_id: request.id, session: id, rule: hook.rule, status: statusOf(outcome) };
}

/** `0` to `255`, a signal as `SIGTERM`, `disconnect` or `unknown`. What a target sends as a signal's name is not believed. */
function statusOf(outcome: CommandOutcome): string {
  if (outcome.kind === 'code') return String(outcome.code);
  if (outcome.kind === 'signal') return /^[A-Z0-9]{1,16}$/.test(outcome.signal) ? `SIG${outcome.signal}` : 'signal';
  return outcome.kind;
}
