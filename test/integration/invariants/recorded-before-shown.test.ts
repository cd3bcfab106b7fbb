/**
 * Invariant 3: output is in the recording before it is on the user's screen. On a disk that gets full the
 * session freezes at once, no new one opens, and when there is room again, what was kept is exactly what was shown.
 */
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Bastion } from '../../support/bastion.ts';
import { BastionAndHost } from '../../support/bastion-and-host.ts';
import { findProgram } from '../../support/find-program.ts';
import { Person } from '../../support/person.ts';

const MIB = 1024 * 1024;
/** Bytes of the disk; enough for a failed recorder to believe that there is room again. */
const DISK = 40 * MIB;
/** Bytes of it that others take: with the 8 MiB that the bastion keeps in reserve, 2 MiB are left. */
const OTHERS = 30 * MIB;

/** Puts the daemon into a mount namespace with a small disk for the recordings, which ends with it. */
const smallDisk: NonNullable<Parameters<typeof BastionAndHost.start>[0]>['wrap'] = ({ program, words }, bastion) => ({
  program: findProgram('bwrap'),
  words: [
    ...['--dev-bind', '/', '/', '--die-with-parent', '--size', String(DISK)],
    ...['--tmpfs', bastion.at('state', 'recordings'), '--', program, ...words],
  ],
});

/** The path of a file on that disk as it can be reached from outside of the namespace. */
async function onSmallDisk(bastion: Bastion, name: string): Promise<string> {
  const children = await readFile(`/proc/${bastion.pid}/task/${bastion.pid}/children`, 'utf8');
  return join(`/proc/${children.trim().split(' ')[0]}/root`, bastion.at('state', 'recordings', name));
}

/** What came from the target: the terminal's output without our own lines. */
function fromTarget(output: Buffer): string {
  return output.toString('latin1').replace(/heldline: [^\r\n]*\r\n/g, '');
}

/** The output in a recording, events put together. */
function outputOf(cast: string): string {
  const events = cast.split('\n').filter((line) => line.startsWith('['));
  return events
    .map((line): readonly [number, string, string] => JSON.parse(line))
    .flatMap(([, kind, text]) => (kind === 'o' ? [text] : []))
    .join('');
}

describe('Recorded before shown', () => {
  let world: BastionAndHost;
  let alice: Person;

  beforeAll(async () => {
    const config = (yaml: string): string => yaml.replace(/min_free: \S+/, 'min_free: 1KiB');
    world = await BastionAndHost.start({ config, wrap: smallDisk });
    alice = await Person.join(world.bastion, 'alice');
  }, 60_000);
  afterAll(() => world[Symbol.asyncDispose]());

  test('on a disk that gets full and has room again, what was kept is what was shown', async () => {
    const others = await onSmallDisk(world.bastion, 'others');
    await writeFile(others, Buffer.alloc(OTHERS));
    await using terminal = await alice.window('host', '/bin/sh');
    await terminal.waitFor(/[$#] $/);
    // What cannot be compressed, in lines that a terminal takes.
    terminal.type('head -c 8000000 /dev/urandom | base64 -w 70; echo the en""d\r');
    await terminal.waitFor((screen) => screen.replaceAll('\n', '').includes('the recording failed'), 60_000);
    const frozenAt = terminal.output.length;
    // What little is left goes too, as on a disk that others fill.
    const rest = await onSmallDisk(world.bastion, 'rest');
    await expect(writeFile(rest, Buffer.alloc(DISK))).rejects.toThrow('ENOSPC');
    const refused = await (await alice.at('host')).ssh([], `echo > ${world.at('never')}`);
    expect(refused.code).not.toBe(0);
    expect(existsSync(world.at('never'))).toBe(false);
    expect(terminal.output.length - frozenAt, 'shown while it is frozen').toBeLessThan(200);

    await rm(rest);
    await rm(others);
    await terminal.waitFor((screen) => /^the end$/m.test(screen) && /[$#] $/.test(screen), 60_000);
    const sessions = await world.bastion.json(['session', 'list']);
    const session = String(sessions.find((one) => one['state'] === 'live')?.['id']);
    terminal.type('exit\r');
    await terminal.waitForEnd();
    await world.bastion.waitForAudit('recording.sealed', (event) => JSON.stringify(event).includes(session));

    const words = ['session', 'export', session, '--format', 'raw'];
    const exported = await world.bastion.runOrFail(words, { deadline: 60_000 });
    const [kept, shown] = [outputOf(exported.text), fromTarget(terminal.output)];
    expect(shown.length).toBeGreaterThan(10_000_000);
    const begin = shown.indexOf('base64');
    const end = shown.lastIndexOf('the end');
    expect(kept.includes(shown.slice(begin, end))).toBe(true);
  }, 150_000);
});
