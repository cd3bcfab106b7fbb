/** `heldline policy explain`: the decision about a line and why, for people and, with --stdin, for scripts. */
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { z } from 'zod';
import { type Inventory, readInventory } from '../app/inventory.ts';
import { stateLayout } from '../app/open-state.ts';
import { requirePolicy } from '../app/policy-files.ts';
import { systemClock } from '../base/clock.ts';
import { describeFailure, HeldlineError } from '../base/heldline-error.ts';
import { visible } from '../base/visible.ts';
import type { CommandContext as LineContext } from '../model/command-line.ts';
import type { EvaluationContext } from '../model/decision.ts';
import { URGENCIES, type Urgency } from '../model/urgency.ts';
import { type ExplanationJson, explanationJson, explanationText } from '../policy/explain.ts';
import type { Policy } from '../policy/policy.ts';
import type { CommandContext } from './command-context.ts';
import { commandAt } from './command-tree.ts';
import { accessNote, subjectOf } from './explain-subject.ts';
import { checkConfigFile } from './locate.ts';

interface Flags {
  readonly json?: boolean;
  readonly stdin?: boolean;
  readonly user?: string;
  readonly target?: string;
  readonly role?: readonly string[];
  readonly label?: readonly string[];
  readonly context?: string;
  readonly at?: string;
  readonly urgency?: string;
}

const CONTEXTS: readonly LineContext[] = ['shell', 'psql', 'mysql', 'repl', 'exec'];

const question = z.strictObject({
  line: z.string(),
  context: z.enum(['shell', 'psql', 'mysql', 'repl', 'exec']).default('shell'),
  user: z.string().optional(),
  target: z.string().optional(),
  urgency: z.enum(URGENCIES).optional(),
});

const EXAMPLES = `
Examples:
  heldline policy explain -- rm -rf /srv/app
  heldline policy explain --user alice --target db1 -- 'systemctl restart nginx'
  heldline policy explain --urgency high -- 'systemctl restart nginx'
  heldline policy explain --role dev --label env=prod --at 2026-11-20T20:00+01:00 -- 'systemctl restart nginx'
  echo '{"line":"rm -rf /","context":"shell"}' | heldline policy explain --json --stdin
`;

export function addPolicyExplain(program: Command, context: CommandContext): void {
  commandAt(program, ['policy', 'explain'])
    .description('tell what the policy says about a line, and why')
    .argument('[LINE...]', 'the line, after --')
    .option('--json', 'the answer as one JSON object')
    .option(
      '--stdin',
      'read {"line","context","user"?,"target"?,"urgency"?} objects, one a line, and answer each (with --json)',
    )
    .option('--user <U>', 'as this person')
    .option('--role <R>', 'as somebody with this role, stored or not; may be given again', another)
    .option('--target <T>', 'on this target (default: one without labels)')
    .option('--label <K=V>', 'on a target with this label, stored or not; may be given again', another)
    .option('--context <C>', CONTEXTS.join(', '), 'shell')
    .option('--urgency <U>', `as somebody who says that it is ${URGENCIES.join(', ')} (default: normal)`)
    .option(
      '--at <TIME>',
      'at this moment, e.g. 2026-11-20T10:00+01:00 (without an offset: in the time zone of the policy)',
    )
    .addHelpText('after', EXAMPLES)
    .action(async (words: string[], flags: Flags) => {
      const ground = await groundOf(context);
      if (flags.stdin === true) await answerStream(ground, flags, context);
      else answerOne(ground, words.join(' '), flags, context);
    });
}

/** Collects the values of an option that may be given again. */
function another(one: string, all: readonly string[] | undefined): readonly string[] {
  return [...(all ?? []), one];
}

interface Ground {
  readonly policy: Policy;
  readonly inventory: Inventory;
}

async function groundOf(context: CommandContext): Promise<Ground> {
  const { config } = await checkConfigFile(context.configOption());
  if (config === null)
    throw new HeldlineError('config.invalid', 'the configuration has errors', {
      kind: 'check-failed',
      hint: 'See: heldline config check',
    });
  return {
    policy: await requirePolicy(config.paths.policy),
    inventory: await readInventory(stateLayout(config.paths.state).store),
  };
}

function answerOne(ground: Ground, line: string, flags: Flags, { terminal }: CommandContext): void {
  if (line === '') throw new HeldlineError('usage', 'policy explain needs a line, after --', { kind: 'usage' });
  const parsed = question.safeParse({ line, context: flags.context });
  if (!parsed.success)
    throw new HeldlineError('usage', `--context is one of ${CONTEXTS.join(', ')}`, { kind: 'usage' });
  const where = evaluationContext(ground, parsed.data, flags);
  terminal.out(
    flags.json === true
      ? `${JSON.stringify(inJson(ground.policy, line, where))}\n`
      : inWords(ground.policy, line, where),
  );
}

function inWords(policy: Policy, line: string, where: EvaluationContext): string {
  const note = accessNote(policy.access, where);
  return `${explanationText(policy.explain(line, where))}${note === null ? '' : `access: ${visible(note)}\n`}`;
}

function inJson(policy: Policy, line: string, where: EvaluationContext): ExplanationJson {
  const outlook = policy.breakGlassOutlook(line, where);
  return explanationJson(policy.decide(line, where), policy.momentOf(where.at), outlook);
}

/** One answer a line, in order; a bad question gets an error object in its place. */
async function answerStream(ground: Ground, flags: Flags, { terminal }: CommandContext): Promise<void> {
  let answers: string[] = [];
  for await (const text of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (text.trim() === '') continue;
    answers.push(JSON.stringify(answer(ground, text, flags)));
    if (answers.length < 512) continue;
    terminal.out(`${answers.join('\n')}\n`);
    answers = [];
  }
  if (answers.length > 0) terminal.out(`${answers.join('\n')}\n`);
}

function answer(ground: Ground, text: string, flags: Flags): unknown {
  try {
    const asked = question.parse(JSON.parse(text));
    return inJson(ground.policy, asked.line, evaluationContext(ground, asked, flags));
  } catch (failure) {
    const why = failure instanceof z.ZodError ? issuesText(failure) : describeFailure(failure);
    return { v: 1, error: why };
  }
}

function issuesText({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`)).join('; ');
}

/** What a question leaves open is as the flags say. */
function evaluationContext(
  { policy, inventory }: Ground,
  asked: z.infer<typeof question>,
  flags: Flags,
): EvaluationContext {
  const { user, target } = asked;
  const person = user === undefined ? { user: flags.user, roles: flags.role } : { user };
  const place = target === undefined ? { target: flags.target, labels: flags.label } : { target };
  const urgency = asked.urgency ?? urgencyOf(flags);
  return {
    context: asked.context,
    ...subjectOf(inventory, { ...person, ...place }),
    at: momentOf(policy, flags.at),
    ...(urgency === undefined ? {} : { urgency }),
  };
}

/** @throws HeldlineError of kind usage */
function urgencyOf({ urgency }: Flags): Urgency | undefined {
  const known = URGENCIES.find((one) => one === urgency);
  if (urgency === undefined || known !== undefined) return known;
  throw new HeldlineError('usage', `--urgency is one of ${URGENCIES.join(', ')}`, { kind: 'usage' });
}

function momentOf(policy: Policy, at: string | undefined): number {
  if (at === undefined) return systemClock.now();
  const reading = policy.readMoment(at);
  if (reading.kind === 'moment') return reading.at;
  throw new HeldlineError('usage', `--at: ${reading.why}`, { kind: 'usage' });
}
