/** `heldline init`: writes configuration, keys, an empty store, the default policy and the first administrator. */
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { type InitialAnswers, initialise } from '../app/init.ts';
import { systemClock } from '../base/clock.ts';
import { describeFailure, HeldlineError } from '../base/heldline-error.ts';
import type { CommandContext } from './command-context.ts';
import { places } from './locate.ts';
import type { OwnTerminal } from './own-terminal.ts';
import { accountName } from './process-surroundings.ts';

interface InitOptions {
  readonly dir?: string;
  readonly hostName?: string;
  readonly port?: string;
  readonly admin?: string;
  readonly adminKeyFile?: string;
  readonly input: boolean;
}

const EXAMPLES = `
Examples:
  heldline init
  heldline init --dir ./bastion --host-name bastion.example.com --port 2222 --admin alice --admin-key-file alice.pub --no-input
`;

export function addInit(program: Command, context: CommandContext): void {
  program
    .command('init')
    .description('write configuration, keys and the default policy')
    .option('--dir <DIR>', 'put everything under DIR instead of the usual places')
    .option('--host-name <H>', 'the name that people will type')
    .option('--port <N>', 'TCP port of the SSH door')
    .option('--admin <NAME>', 'the first administrator')
    .option('--admin-key-file <F>', 'their public key')
    .option('--no-input', 'fail instead of asking')
    .addHelpText('after', EXAMPLES)
    .action(async (options: InitOptions) => {
      const answers = await gather(options, context.terminal);
      const usual = places();
      const where =
        options.dir === undefined
          ? { directory: dirname(usual.configFile), state: usual.state, run: usual.run }
          : under(options.dir);
      const made = await initialise({ ...answers, ...where, by: accountName(), clock: systemClock });
      context.terminal.err(`Wrote ${made.configFile} and ${made.policyFile}. Host key ${made.hostKey}\n`);
      context.terminal.err(`Next: heldline -c ${made.configFile} serve\n`);
      context.terminal.err(
        `Then ${answers.admin} runs: ssh -t -p ${answers.port} ${answers.admin}@${answers.hostName} enroll\n`,
      );
      context.terminal.err(
        `One-time word for it, valid for 15 minutes: ${made.word}   (a new one: heldline totp enroll ${answers.admin})\n`,
      );
    });
}

function under(dir: string): { directory: string; state: string; run: string } {
  const directory = resolve(dir);
  return { directory, state: `${directory}/state`, run: `${directory}/run` };
}

async function gather(options: InitOptions, terminal: OwnTerminal): Promise<InitialAnswers> {
  const hostName = await answer(
    options,
    terminal,
    'host-name',
    options.hostName,
    'Host name users will type',
    hostname(),
  );
  const port = await answer(options, terminal, 'port', options.port, 'Port', '2222');
  const admin = await answer(options, terminal, 'admin', options.admin, 'First admin user', accountName());
  const keyFile = await answer(
    options,
    terminal,
    'admin-key-file',
    options.adminKeyFile,
    'Public key file',
    '~/.ssh/id_ed25519.pub',
  );
  return { hostName, port: portNumber(port), admin, adminKey: await readKeyFile(keyFile) };
}

async function answer(
  options: InitOptions,
  terminal: OwnTerminal,
  flag: string,
  given: string | undefined,
  question: string,
  usual: string,
): Promise<string> {
  if (given !== undefined) return given;
  if (!options.input || !terminal.interactive) {
    throw new HeldlineError('usage', `init needs --${flag}`, { kind: 'usage', hint: 'See: heldline init --help' });
  }
  const typed = await terminal.ask(`${question} [${usual}]: `, false);
  if (typed === null) throw new HeldlineError('interrupted', 'nothing was written', { kind: 'usage' });
  return typed.trim() === '' ? usual : typed.trim();
}

function portNumber(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port;
  throw new HeldlineError('usage', `--port is "${text}"; it is a number from 1 to 65535`, { kind: 'usage' });
}

async function readKeyFile(path: string): Promise<string> {
  const file = path.startsWith('~/') ? `${process.env['HOME'] ?? ''}${path.slice(1)}` : path;
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new HeldlineError('file.unreadable', `cannot read the public key ${file}: ${describeFailure(cause)}`, {
      cause,
    });
  }
}
