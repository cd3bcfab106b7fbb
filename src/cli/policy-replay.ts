/** `heldline policy replay`: what another policy would have decided about the lines in the audit log. A dry run. */
import type { Command } from 'commander';
import { type Inventory, readInventory } from '../app/inventory.ts';
import { stateLayout } from '../app/open-state.ts';
import { requirePolicy } from '../app/policy-files.ts';
import { readAudit } from '../audit/read.ts';
import { systemClock } from '../base/clock.ts';
import { parseDuration } from '../base/duration.ts';
import { HeldlineError } from '../base/heldline-error.ts';
import { visibleShort } from '../base/visible.ts';
import { EXIT } from '../console/verb.ts';
import type { AuditEvent } from '../model/audit-event.ts';
import type { CommandContext as LineContext } from '../model/command-line.ts';
import { type ReplayChange, type ReplayLine, type ReplayReport, replay } from '../policy/replay.ts';
import type { CommandContext } from './command-context.ts';
import { commandAt } from './command-tree.ts';
import { readConfig } from './locate.ts';

interface Flags {
  readonly since?: string;
  readonly json?: boolean;
  readonly acceptWeaker?: boolean;
}

const CONTEXTS: readonly string[] = ['shell', 'psql', 'mysql', 'repl', 'exec'];

const EXAMPLES = `
Examples:
  heldline policy replay policy.d.new
  heldline policy replay policy.d.new --since 30d
Exit code 7 when something that was held or refused would pass more easily, unless --accept-weaker is given.
People and labels are taken as they are now; checks count as unknown.
`;

export function addPolicyReplay(program: Command, context: CommandContext): void {
  commandAt(program, ['policy', 'replay'])
    .description('decide the lines of the audit log anew, by another directory of policy files')
    .argument('<DIR>', 'the other directory')
    .option('--since <DURATION>', 'only lines of that last time, e.g. 30d')
    .option('--json', 'one object a line: each line that would be decided otherwise')
    .option('--accept-weaker', 'exit with 0 all the same')
    .addHelpText('after', EXAMPLES)
    .action(async (directory: string, flags: Flags) => context.finish(await run(context, directory, flags)));
}

async function run(context: CommandContext, directory: string, flags: Flags): Promise<number> {
  const { paths } = await readConfig(context.configOption());
  const before = await requirePolicy(paths.policy);
  const after = await requirePolicy(directory);
  const layout = stateLayout(paths.state);
  const inventory = await readInventory(layout.store);
  const lines: ReplayLine[] = [];
  for await (const entry of readAudit(layout.audit, { types: ['command.submitted'], ...sinceOf(flags) })) {
    if (entry.kind === 'event') lines.push(...lineOf(entry.event, inventory));
  }
  const report = replay(before, after, lines);
  print(context, report, flags);
  return report.weaker > 0 && flags.acceptWeaker !== true ? EXIT.checkFailed : EXIT.done;
}

function sinceOf({ since }: Flags): { readonly since?: number } {
  if (since === undefined) return {};
  const duration = parseDuration(since);
  if (duration === undefined)
    throw new HeldlineError('usage', `--since is "${since}"; write it as 30d or 12h`, { kind: 'usage' });
  return { since: systemClock.now() - duration };
}

/** Nothing for a line whose text is not in the log. */
function lineOf(event: AuditEvent, inventory: Inventory): readonly ReplayLine[] {
  const text = event.command?.text;
  if (typeof text !== 'string') return [];
  const context = CONTEXTS.find((one) => one === event.command?.context) ?? 'shell';
  const user =
    event.actor === undefined
      ? {}
      : { user: { name: event.actor.user, roles: event.actor.roles ?? inventory.rolesOf(event.actor.user) } };
  const target =
    event.target === undefined
      ? {}
      : { target: { name: event.target.name, labels: event.target.labels ?? inventory.labelsOf(event.target.name) } };
  return [{ text, context: { context: context as LineContext, at: Date.parse(event.time), ...user, ...target } }];
}

function print({ terminal }: CommandContext, report: ReplayReport, flags: Flags): void {
  for (const change of report.changes)
    terminal.out(`${flags.json === true ? JSON.stringify(jsonOf(change)) : textOf(change)}\n`);
  if (flags.json === true) return;
  for (const [pair, count] of report.counts) terminal.err(`${String(count).padStart(8)}  ${pair}\n`);
  terminal.err(`${report.lines} lines, ${report.changes.length} decided otherwise, ${report.weaker} more easily.\n`);
}

function textOf({ line, before, after, weaker }: ReplayChange): string {
  const rules = `${before.rule ?? 'default'} > ${after.rule ?? 'default'}`;
  return `${weaker ? 'weaker ' : '       '}${before.effect} > ${after.effect}  ${rules}  ${visibleShort(line.text, 120)}`;
}

function jsonOf({ line, before, after, weaker }: ReplayChange): unknown {
  const brief = (decision: typeof before): unknown => ({
    effect: decision.effect,
    rule: decision.rule,
    ids: decision.ids,
  });
  const { user, target, at, context } = line.context;
  return {
    v: 1,
    line: line.text,
    context,
    user: user?.name,
    target: target?.name,
    at: new Date(at).toISOString(),
    before: brief(before),
    after: brief(after),
    weaker,
  };
}
