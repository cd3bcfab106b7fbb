/** `heldline demo`: everything in one command, to try it with one's own ssh. */
import { getuid } from 'node:process';
import type { Command } from 'commander';
import { type Demo, startDemo } from '../app/demo/demo.ts';
import { demoIntroduction } from '../app/demo/demo-introduction.ts';
import { type DemoUser, demoCode } from '../app/demo/demo-users.ts';
import { systemClock } from '../base/clock.ts';
import { HeldlineError } from '../base/heldline-error.ts';
import { createLogger } from '../base/logger.ts';
import { visibleShort } from '../base/visible.ts';
import type { ApprovalRequest } from '../model/approval-request.ts';
import type { CommandContext } from './command-context.ts';
import type { OwnTerminal } from './own-terminal.ts';

interface DemoFlags {
  readonly port?: string;
  readonly json?: boolean;
  readonly keep?: boolean;
}

const EXAMPLES = `
Examples:
  heldline demo
  heldline demo --port 2200 --keep
  heldline demo --json --no-input
`;

export function addDemo(program: Command, context: CommandContext): void {
  program
    .command('demo')
    .description('a bastion, a sandbox and two people to try it with; scratch data only')
    .option('--port <N>', 'TCP port on loopback (default 2222, or any if that is taken)')
    .option('--json', 'one JSON object when it is ready')
    .option('--no-input', 'ask nothing (nothing is asked anyway)')
    .option('--keep', 'keep the data and print how to replay')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: DemoFlags) => context.finish(await runDemo(flags, context.terminal)));
}

async function runDemo(flags: DemoFlags, terminal: OwnTerminal): Promise<number> {
  const stopped = untilStopped();
  const logger = createLogger('warn', systemClock, (line) => terminal.err(line));
  const people: { demo?: Demo } = {};
  const demo = await startDemo({
    port: portOf(flags),
    clock: systemClock,
    logger,
    asRoot: getuid?.() === 0,
    onHeld: (request) => {
      if (flags.json !== true) tellCode(people.demo, request, terminal);
    },
  });
  people.demo = demo;
  if (flags.json === true) terminal.out(`${JSON.stringify(readyObject(demo))}\n`);
  else terminal.out(demoIntroduction(demo, terminal.size.rows, systemClock.now()));
  await stopped;
  await demo.stop();
  if (flags.keep === true) terminal.err(keptWords(demo));
  else await demo.remove();
  return 0;
}

/** Resolves at the first SIGINT or SIGTERM; later ones change nothing, the data is deleted in any case. */
function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
}

function portOf({ port }: DemoFlags): number | undefined {
  if (port === undefined) return undefined;
  const number = Number(port);
  if (Number.isInteger(number) && number >= 0 && number < 65_536) return number;
  throw new HeldlineError('usage', `--port is "${port}"; it is a number from 1 to 65535`, { kind: 'usage' });
}

function readyObject({ places, port, alice, bob }: Demo): Readonly<Record<string, unknown>> {
  const users = [alice, bob].map(({ name, otpauth }) => ({ name, otpauth }));
  const where = { host: '127.0.0.1', port, ssh_config: places.sshConfig, target: 'sandbox' };
  return { v: 1, ready: true, ...where, users, data: places.data };
}

/** Plays the phones of alice and bob. */
function tellCode(demo: Demo | undefined, request: ApprovalRequest, terminal: OwnTerminal): void {
  if (demo === undefined) return;
  const now = systemClock.now();
  const line = ({ name, ...rest }: DemoUser): string => `${name}'s code ${demoCode({ name, ...rest }, now).code}`;
  const { id, statement } = request;
  terminal.out(`${id} held: ${visibleShort(statement.command, 60)}   ${line(demo.alice)}, ${line(demo.bob)}\n`);
}

function keptWords({ places }: Demo): string {
  const cli = `heldline -c ${places.configFile}`;
  return `Kept ${places.data}\nReplay:  ${cli} session list\n         ${cli} session play ID\n`;
}
