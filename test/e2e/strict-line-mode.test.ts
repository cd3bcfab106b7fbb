/** Strict line mode through the whole program: a real ssh client, a real sshd, the posture of the policy. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BastionAndHost } from '../support/bastion-and-host.ts';
import { harmlessPolicy } from '../support/harmless-policy.ts';
import { Person } from '../support/person.ts';
import { waitUntil } from '../support/wait-until.ts';

const PROMPT = /[$#]\s*$/;
const DEFAULTS = '10-defaults.yaml';
const open = harmlessPolicy[DEFAULTS] ?? '';
const strict = open.replace('default: allow,', 'default: allow, line_mode: strict,');

let world: BastionAndHost;
let alice: Person;

beforeAll(async () => {
  world = await BastionAndHost.start({ sandboxed: true, policy: { [DEFAULTS]: strict } });
  alice = await Person.join(world.bastion, 'alice', ['dev']);
});
afterAll(() => world[Symbol.asyncDispose]());

describe('a shell', () => {
  test('takes lines: nothing is completed, a held one runs with the own code, the log has both', async () => {
    const file = world.at('made-here');
    await using terminal = await alice.window('host');
    await terminal.waitFor(PROMPT);
    terminal.type('echo al""\tlowed\r');
    await terminal.waitFor((screen) => /^allowed$/m.test(screen) && PROMPT.test(screen));
    terminal.type(`touch ${file}\r`);
    await terminal.waitFor('HELD');
    expect(existsSync(file)).toBe(false);
    terminal.type(`${await alice.phone.code()}\r`);
    await waitUntil('the file is there', () => existsSync(file));
    await terminal.waitFor((screen) => screen.includes('approved by alice') && PROMPT.test(screen));
    terminal.type('\x04');
    expect(await terminal.ended).toBe(0);
  });

  test('finds lines again with Ctrl-R: nothing of the search reaches the target, a found line is judged', async () => {
    const file = world.at('searched-for');
    await using terminal = await alice.window('host');
    await terminal.waitFor(PROMPT);
    for (const [line, shown] of [
      ['echo fi""rst', /^first$/m],
      ['echo sec""ond', /^second$/m],
    ] as const) {
      terminal.type(`${line}\r`);
      await terminal.waitFor((screen) => shown.test(screen) && PROMPT.test(screen));
    }
    terminal.type('half a line\x12echo');
    await terminal.waitFor('(reverse-i-search)`echo\': echo sec""ond');
    terminal.type('\x12');
    await terminal.waitFor('(reverse-i-search)`echo\': echo fi""rst');
    terminal.type('\x07');
    await terminal.waitFor(/[$#] half a line$/);
    terminal.type('\x12fi\r');
    await terminal.waitFor((screen) => (screen.match(/^first$/gm) ?? []).length === 2 && PROMPT.test(screen));
    terminal.type(`touch ${file}\r`);
    await terminal.waitFor('HELD');
    terminal.type('\x03');
    await terminal.waitFor((screen) => screen.includes('cancelled') && PROMPT.test(screen));
    terminal.type('\x12touch\x1b');
    await terminal.waitFor(/[$#] touch \S+$/);
    terminal.type('\r');
    await terminal.waitFor('HELD');
    expect(existsSync(file)).toBe(false);
    expect(terminal.history()).not.toMatch(/^half/m);
  });

  test('gives no keys to a full-screen program that nobody approved', async () => {
    await using terminal = await alice.window('host');
    await terminal.waitFor(PROMPT);
    terminal.type('seq 100 | less\r');
    await terminal.waitFor(/^:\s*$/m);
    terminal.type('q');
    await terminal.waitFor('strict line mode');
    terminal.type('\x1a');
    await terminal.waitFor(/Stopped/);
  });
});

test('a session that began without it runs nothing more once the policy asks for it', async () => {
  const file = world.bastion.at('policy.d', DEFAULTS);
  await writeFile(file, open);
  await world.bastion.runOrFail(['config', 'reload']);
  await using terminal = await alice.window('host');
  await terminal.waitFor(PROMPT);
  terminal.type('echo be""fore\r');
  await terminal.waitFor(/^before$/m);
  await writeFile(file, strict);
  await world.bastion.runOrFail(['config', 'reload']);
  terminal.type('echo af""ter\r');
  await terminal.waitFor('blocked by rule line-mode');
  expect(terminal.history()).not.toMatch(/^after$/m);
});
