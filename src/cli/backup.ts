/** `heldline backup FILE` and `heldline restore FILE`. */
import type { Command } from 'commander';
import { backUp } from '../app/backup/back-up.ts';
import { restore } from '../app/backup/restore.ts';
import { systemClock } from '../base/clock.ts';
import { EXIT } from '../console/verb.ts';
import type { CommandContext } from './command-context.ts';
import { configPath, readConfig } from './locate.ts';
import { accountName } from './process-surroundings.ts';

export function addBackup(program: Command, context: CommandContext): void {
  const { terminal, configOption, finish } = context;
  program
    .command('backup')
    .argument('<FILE>', 'the file to write; it must not be there yet')
    .description('write store, keys, configuration, policy and audit log into one file')
    .addHelpText('after', '\nExamples:\n  heldline backup /var/backups/heldline-2026-11-20.backup\n')
    .action(async (file: string) => {
      const count = await backUp(await readConfig(configOption()), file, systemClock.now());
      terminal.err(
        `heldline: ${count} files are in ${file}. It holds keys and secrets: keep it as safe as the bastion.\n`,
      );
      terminal.err('          Recordings are not in it.\n');
      finish(EXIT.done);
    });
  program
    .command('restore')
    .argument('<FILE>', 'a file that backup wrote')
    .description('put a backup back; every grant is revoked; no daemon may run')
    .addHelpText('after', '\nExamples:\n  heldline restore /var/backups/heldline-2026-11-20.backup\n')
    .action(async (file: string) => {
      const report = await restore({
        file,
        configFile: configPath(configOption()),
        readConfig: () => readConfig(configOption()),
        clock: systemClock,
        account: accountName(),
      });
      terminal.err(`heldline: the state of ${report.createdAt} is back. `);
      terminal.err(`Revoked: ${report.grantsRevoked} grants; ended: ${report.requestsEnded} open requests.\n`);
      for (const path of report.movedAside) terminal.err(`          What was there is now ${path}\n`);
      finish(EXIT.done);
    });
}
