/** `heldline doctor`: looks at what usually goes wrong, one line each. */
import { access, stat, statfs } from 'node:fs/promises';
import type { Command } from 'commander';
import { peekBreakGlasses, peekLockdown, peekNames } from '../app/inventory.ts';
import { readKeys } from '../app/key-files.ts';
import { stateLayout } from '../app/open-state.ts';
import { loadPolicy } from '../app/policy-files.ts';
import { readReceivers } from '../app/receivers.ts';
import { systemClock } from '../base/clock.ts';
import { HeldlineError } from '../base/heldline-error.ts';
import { visible } from '../base/visible.ts';
import type { Config } from '../config/config.ts';
import { EXIT } from '../console/verb.ts';
import type { CommandContext } from './command-context.ts';
import type { DoctorCheck } from './doctor-check.ts';
import { adminSocketPath, checkConfigFile } from './locate.ts';
import { moshCheck } from './mosh-check.ts';
import { selfTestCheck } from './self-test-check.ts';
import { webCheck } from './web-check.ts';

const EXAMPLES = `
Examples:
  heldline doctor

It knocks on the UDP ports of Mosh from this machine. Whether they are reached from outside, it tells by the clients
that came; before the first one came, it says how to try.
`;

export function addDoctor(program: Command, context: CommandContext): void {
  program
    .command('doctor')
    .description('check files, keys, disk, daemon, Mosh and HTTP API; exit code 7 when something fails')
    .addHelpText('after', EXAMPLES)
    .action(async () => {
      const checks = await examine(context);
      for (const { level, text } of checks) context.terminal.out(`${level.padEnd(6)}${text}\n`);
      context.finish(checks.some(({ level }) => level === 'fail') ? EXIT.checkFailed : EXIT.done);
    });
}

async function examine(context: CommandContext): Promise<DoctorCheck[]> {
  const { config, findings } = await checkConfigFile(context.configOption());
  if (config === null)
    return [{ level: 'fail', text: `configuration: ${findings.length} errors. See: heldline config check` }];
  const socket = await adminSocketPath(context.configOption());
  const rest = [policyCheck(config), keysCheck(config), diskCheck(config), socketCheck(socket), storeCheck(config)];
  rest.push(
    lockdownCheck(config),
    moshCheck(config, socket, systemClock.now()),
    notifyCheck(config),
    selfTestCheck(config, systemClock.now()),
    breakGlassCheck(config),
    webCheck(config, systemClock.now()),
  );
  return [{ level: 'ok', text: `configuration ${config.file}` }, ...(await Promise.all(rest))];
}

async function policyCheck(config: Config): Promise<DoctorCheck> {
  const { policy, findings } = await loadPolicy(
    config.paths.policy,
    await peekNames(stateLayout(config.paths.state).store),
  );
  if (policy === null) return { level: 'fail', text: 'policy has errors. See: heldline policy check' };
  return findings.length > 0
    ? { level: 'warn', text: `policy: ${findings.length} warnings. See: heldline policy check` }
    : { level: 'ok', text: `policy ${policy.hash.slice(0, 19)}` };
}

async function keysCheck(config: Config): Promise<DoctorCheck> {
  try {
    await readKeys(stateLayout(config.paths.state).keys);
    return { level: 'ok', text: 'keys are there and closed to others' };
  } catch (failure) {
    if (failure instanceof HeldlineError) return { level: 'fail', text: failure.message };
    throw failure;
  }
}

async function diskCheck(config: Config): Promise<DoctorCheck> {
  const { bavail, bsize } = await statfs(config.paths.state);
  const free = Math.round((bavail * bsize) / 1024 / 1024);
  const enough = bavail * bsize > config.recording.minFree;
  return { level: enough ? 'ok' : 'fail', text: `${free} MiB free for recordings` };
}

async function socketCheck(path: string): Promise<DoctorCheck> {
  try {
    await access(path);
    return { level: 'ok', text: `daemon's socket ${path}` };
  } catch {
    return { level: 'warn', text: 'no daemon is running here. Start it with: heldline serve' };
  }
}

async function lockdownCheck(config: Config): Promise<DoctorCheck> {
  const lockdown = await peekLockdown(stateLayout(config.paths.state).store);
  if (lockdown === null) return { level: 'ok', text: 'no lockdown' };
  return { level: 'warn', text: `locked down by ${visible(lockdown.by)}: ${visible(lockdown.reason)}` };
}

async function breakGlassCheck(config: Config): Promise<DoctorCheck> {
  const waiting = (await peekBreakGlasses(stateLayout(config.paths.state).store)).filter((one) => one.review === null);
  const now = systemClock.now();
  const [open, ended] = [waiting.filter((one) => one.state === 'open'), waiting.filter((one) => one.state === 'ended')];
  const overdue = ended.filter(({ reviewBy }) => now >= reviewBy);
  const named = (some: typeof waiting): string => some.map(({ id, user }) => `${id} (${user})`).join(', ');
  if (overdue.length > 0) return { level: 'fail', text: `break-glass: review overdue: ${visible(named(overdue))}` };
  if (open.length > 0) return { level: 'warn', text: `break-glass: open now: ${visible(named(open))}` };
  if (ended.length > 0) return { level: 'warn', text: `break-glass: to be reviewed: ${visible(named(ended))}` };
  return { level: 'ok', text: 'no break-glass is open or waits for a review' };
}

async function notifyCheck(config: Config): Promise<DoctorCheck> {
  const { receivers, findings } = await readReceivers(config.notify);
  if (receivers === null)
    return { level: 'fail', text: `notifications: ${findings.length} errors. See: heldline config check` };
  return { level: 'ok', text: `notifications: ${receivers.length} receivers. To try them: heldline notify test` };
}

async function storeCheck(config: Config): Promise<DoctorCheck> {
  const path = stateLayout(config.paths.state).store;
  const { mode } = await stat(path);
  return (mode & 0o077) === 0
    ? { level: 'ok', text: 'store is closed to others' }
    : { level: 'fail', text: `others can read ${path}` };
}
