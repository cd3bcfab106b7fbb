/** `heldline policy ...`: everything about rules, with no daemon running. */
import type { Command } from 'commander';
import { peekNames } from '../app/inventory.ts';
import { stateLayout } from '../app/open-state.ts';
import { type LoadedPolicy, loadPolicy, requirePolicy } from '../app/policy-files.ts';
import { systemClock } from '../base/clock.ts';
import { visible } from '../base/visible.ts';
import { formatFinding } from '../config/format-finding.ts';
import { EXIT } from '../console/verb.ts';
import { diffPolicies } from '../policy/diff-policy.ts';
import type { Policy } from '../policy/policy.ts';
import { policyJsonSchema } from '../policy/schema/policy-file.ts';
import { runPolicyTests } from '../policy/test-policy.ts';
import { breakGlassLines } from '../policy/under-break-glass.ts';
import type { CommandContext } from './command-context.ts';
import { commandAt } from './command-tree.ts';
import { readConfig } from './locate.ts';
import { addPolicyCatalogue } from './policy-catalogue.ts';
import { addPolicyExplain } from './policy-explain.ts';
import { addPolicyReplay } from './policy-replay.ts';

export function addPolicy(program: Command, context: CommandContext): void {
  commandAt(program, ['policy']).description(
    'rules: check, test, explain, list, catalogue, diff, replay, schema, hash',
  );
  addPolicyExplain(program, context);
  addPolicyReplay(program, context);
  addPolicyCatalogue(program, context);
  command(program, 'check', 'check the policy files; exit code 7 when something is wrong', [
    'policy check',
    'policy check --strict policy.d.new',
  ])
    .argument('[DIR]', 'directory of policy files (default: that of the configuration)')
    .option('--strict', 'exit with 7 for warnings too, as for CI')
    .action(async (directory: string | undefined, flags: { readonly strict?: boolean }) =>
      context.finish(await check(context, directory, flags.strict === true)),
    );
  command(program, 'test', 'run the tests that stand in the policy files', ['policy test'])
    .argument('[DIR]', 'directory of policy files (default: that of the configuration)')
    .action(async (directory?: string) => context.finish(await test(context, directory)));
  command(program, 'list', 'list the rules', ['policy list']).action(async () => {
    for (const line of ruleLines(await required(context, undefined))) context.terminal.out(`${line}\n`);
  });
  command(program, 'hash', 'print the hash of the policy', ['policy hash']).action(async () => {
    context.terminal.out(`${(await required(context, undefined)).hash}\n`);
  });
  command(program, 'schema', 'print the JSON Schema of policy files, for editors', ['policy schema']).action(() => {
    context.terminal.out(`${JSON.stringify(policyJsonSchema(), null, 2)}\n`);
  });
  command(program, 'diff', 'show what another directory of policy files would change', ['policy diff policy.d.new'])
    .argument('<DIR>', 'the other directory')
    .action(async (directory: string) => context.finish(await diff(context, directory)));
}

function command(program: Command, name: string, summary: string, examples: readonly string[]): Command {
  const lines = examples.map((line) => `  heldline ${line}\n`).join('');
  return commandAt(program, ['policy', name]).description(summary).addHelpText('after', `\nExamples:\n${lines}`);
}

/** With a directory named, no configuration is needed; the people and targets of the store are known only with one. */
async function load(context: CommandContext, directory: string | undefined): Promise<LoadedPolicy> {
  if (directory !== undefined) return loadPolicy(directory);
  const { paths } = await readConfig(context.configOption());
  return loadPolicy(paths.policy, await peekNames(stateLayout(paths.state).store));
}

async function required(context: CommandContext, directory: string | undefined): Promise<Policy> {
  return requirePolicy(directory ?? (await readConfig(context.configOption())).paths.policy);
}

async function check(context: CommandContext, directory: string | undefined, strict: boolean): Promise<number> {
  const { terminal } = context;
  const { policy, findings } = await load(context, directory);
  for (const finding of findings) terminal.err(`${formatFinding(finding)}\n`);
  if (policy === null) return EXIT.checkFailed;
  if (strict && findings.length > 0) {
    terminal.err(`heldline: --strict takes no warning; there are ${findings.length}\n`);
    return EXIT.checkFailed;
  }
  for (const line of breakGlassLines(policy.compiled)) terminal.err(`${visible(line)}\n`);
  terminal.err(`ok: ${policy.hash}\n`);
  return EXIT.done;
}

async function test(context: CommandContext, directory: string | undefined): Promise<number> {
  const { terminal } = context;
  const results = runPolicyTests(await required(context, directory), systemClock.now());
  const wrong = results.filter(({ failures }) => failures.length > 0);
  for (const { file, line, text, situation, failures } of wrong)
    terminal.out(`${file}:${line} ${visible(text)} [${situation}]: ${failures.join('; ')}\n`);
  terminal.out(`${results.length} tests: ${results.length - wrong.length} as expected, ${wrong.length} not.\n`);
  return wrong.length === 0 ? EXIT.done : EXIT.checkFailed;
}

async function diff(context: CommandContext, directory: string): Promise<number> {
  const changes = diffPolicies(await required(context, undefined), await required(context, directory));
  for (const { section, name, change } of changes) context.terminal.out(`${change.padEnd(8)}${section} ${name}\n`);
  if (changes.length === 0) context.terminal.err('no difference\n');
  return EXIT.done;
}

function ruleLines(policy: Policy): string[] {
  return policy.compiled.rules.map(
    (rule) => `${rule.id.padEnd(28)} ${rule.effect.padEnd(13)} ${rule.file}:${rule.line}`,
  );
}
