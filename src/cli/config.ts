/** `heldline config path|show|check|schema`: what can be said about the files without a daemon. */
import type { Command } from 'commander';
import { readCertificate } from '../app/certificate.ts';
import { peekNames } from '../app/inventory.ts';
import { stateLayout } from '../app/open-state.ts';
import { loadPolicy } from '../app/policy-files.ts';
import { readReceivers } from '../app/receivers.ts';
import { configJsonSchema } from '../config/config-schema.ts';
import { formatFinding } from '../config/format-finding.ts';
import { showConfig } from '../config/show-config.ts';
import { EXIT } from '../console/verb.ts';
import type { Finding } from '../model/source-document.ts';
import type { CommandContext } from './command-context.ts';
import { commandAt } from './command-tree.ts';
import { checkConfigFile, configPath, readConfig } from './locate.ts';

export function addConfig(program: Command, context: CommandContext): void {
  const { terminal } = context;
  commandAt(program, ['config']).description('the configuration: path, show, check, reload, schema');
  commandAt(program, ['config', 'path'])
    .description('print where the configuration is')
    .addHelpText('after', '\nExamples:\n  heldline config path\n')
    .action(() => terminal.out(`${configPath(context.configOption())}\n`));
  commandAt(program, ['config', 'show'])
    .description('print the configuration with every default filled in')
    .addHelpText('after', '\nExamples:\n  heldline config show\n')
    .action(async () => terminal.out(showConfig(await readConfig(context.configOption()))));
  commandAt(program, ['config', 'check'])
    .description('check configuration and policy; exit code 7 when something is wrong')
    .addHelpText('after', '\nExamples:\n  heldline config check\n  heldline -c config/heldline.yaml config check\n')
    .action(async () => context.finish(await check(context)));
  commandAt(program, ['config', 'schema'])
    .description('print the JSON Schema of heldline.yaml, for editors')
    .addHelpText('after', '\nExamples:\n  heldline config schema > heldline.schema.json\n')
    .action(() => terminal.out(`${JSON.stringify(configJsonSchema(), null, 2)}\n`));
}

async function check(context: CommandContext): Promise<number> {
  const { config, findings } = await checkConfigFile(context.configOption());
  if (config === null) return tell(context, findings);
  const stored = await peekNames(stateLayout(config.paths.state).store);
  const policy = await loadPolicy(config.paths.policy, stored);
  const told = await readReceivers(config.notify);
  const tls = await readCertificate(config.web);
  return tell(context, [...findings, ...told.findings, ...tls.findings, ...policy.findings]);
}

function tell({ terminal }: CommandContext, findings: readonly Finding[]): number {
  for (const finding of findings) terminal.err(`${formatFinding(finding)}\n`);
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  terminal.err(errors === 0 ? 'ok: configuration and policy are good.\n' : `heldline: ${errors} errors\n`);
  return errors === 0 ? EXIT.done : EXIT.checkFailed;
}
