/** `heldline serve`: the daemon in the foreground, logging JSON lines on standard output. */
import type { Command } from 'commander';
import { serve } from '../app/serve.ts';
import { systemClock } from '../base/clock.ts';
import { HeldlineError } from '../base/heldline-error.ts';
import { createLogger, type LogLevel } from '../base/logger.ts';
import type { CommandContext } from './command-context.ts';
import { readConfig } from './locate.ts';

const EXAMPLES = `
Examples:
  heldline serve
  heldline -c /etc/heldline/heldline.yaml serve

SIGTERM waits for sessions to end (drain) and a second one does not; SIGHUP reads configuration and policy again.
`;

export function addServe(program: Command, context: CommandContext): void {
  program
    .command('serve')
    .description('run the daemon in the foreground')
    .addHelpText('after', EXAMPLES)
    .action(async () => {
      const config = await readConfig(context.configOption());
      const logger = createLogger(logLevel() ?? config.log.level, systemClock, (line) => context.terminal.out(line));
      context.finish(await serve({ config, clock: systemClock, logger, signals: process }));
    });
}

function logLevel(): LogLevel | undefined {
  const level = process.env['HELDLINE_LOG_LEVEL'];
  if (level === undefined || level === '') return undefined;
  if (level === 'debug' || level === 'info' || level === 'warn' || level === 'error') return level;
  throw new HeldlineError('usage', `HELDLINE_LOG_LEVEL is "${level}"; it is one of debug, info, warn, error`, {
    kind: 'usage',
  });
}
