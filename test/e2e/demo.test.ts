/** `heldline demo` as somebody tries it: every sentence of its introduction, with a real ssh in a real terminal. */
import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Demo } from '../support/demo.ts';
import type { ScreenTerminal } from '../support/screen-terminal.ts';
import { waitUntil } from '../support/wait-until.ts';

let demo: Demo;

/** A file or folder of the sandbox's home. */
const inHome = (name: string): string => join(demo.ready.data, 'home', name);

/** The id in the panel on the screen. */
async function heldId(terminal: ScreenTerminal): Promise<string> {
  const screen = await terminal.waitFor(/HELD \w{4}/);
  return /HELD (\w{4})/.exec(screen)?.[1] ?? '';
}

/** The digest of an open request, as `requests` lists it. */
async function digestOf(id: string): Promise<string> {
  const { text } = await demo.ssh(['approvals', 'requests', '--json']);
  const requests: { readonly id: string; readonly digest: string }[] = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return requests.find((request) => request.id === id)?.digest ?? '';
}

/** The lines of the audit log of this type. */
async function auditOf(type: string): Promise<readonly string[]> {
  const { text } = await demo.cli(['audit', 'export', '--type', type]);
  return text.split('\n').filter((line) => line !== '');
}

beforeAll(async () => {
  demo = await Demo.start();
});
afterAll(async () => {
  await demo[Symbol.asyncDispose]();
});

describe('demo', () => {
  test('says where it is and whose codes are which in one line', () => {
    expect(demo.ready).toMatchObject({ v: 1, ready: true, host: '127.0.0.1', target: 'sandbox' });
    expect(demo.ready.users.map((user) => user.name)).toEqual(['alice', 'bob']);
    for (const { otpauth } of demo.ready.users) expect(otpauth).toMatch(/^otpauth:\/\/totp\//);
    expect(demo.ready.ssh_config.startsWith(demo.ready.data)).toBe(true);
    expect(demo.program.stdout.toString().split('\n')).toHaveLength(2);
  });

  test('ls passes, in the shell and without one', async () => {
    await using terminal = await demo.shell();
    terminal.type('ls\r');
    await terminal.waitFor((screen) => screen.includes('old-logs') && /\$ $/.test(screen));
    expect(terminal.history()).not.toContain('HELD');
    expect(await demo.ssh(['sandbox', 'ls'])).toMatchObject({ code: 0 });
  });

  test.each([
    ['Enter', '\r\r\x04'],
    ['Ctrl-C', 'rm -r old-logs\x03\x04'],
    ['Ctrl-D', '\x04'],
  ])('%s at a fresh prompt asks nobody', async (_, keys) => {
    await using terminal = await demo.shell();
    for (const key of keys) terminal.type(key);
    expect(await terminal.waitForEnd()).not.toBe(77);
    expect(terminal.output.toString()).not.toContain('HELD');
    expect(existsSync(inHome('old-logs'))).toBe(true);
  });

  test('rm -r old-logs runs once, after the right code and no other', async () => {
    await using terminal = await demo.shell();
    terminal.type('rm -r old-logs\r');
    const id = await heldId(terminal);
    expect(existsSync(inHome('old-logs'))).toBe(true);

    terminal.type(`${demo.alice.wrong()}\r`);
    await terminal.waitFor('That code is not right.');
    terminal.type(`${demo.alice.late()}\r`);
    await terminal.waitFor(/not right\. 1 try left|clock seems/);
    expect(existsSync(inHome('old-logs'))).toBe(true);

    const code = await demo.alice.code();
    terminal.type(`${code}\r`);
    await terminal.waitFor((screen) => screen.includes(`heldline: ${id} approved by alice`) && /\$ $/.test(screen));
    await waitUntil('old-logs is gone', () => !existsSync(inHome('old-logs')));
    expect(await auditOf('command.released')).toHaveLength(1);

    terminal.type('rm -r notes.txt\r');
    const next = await heldId(terminal);
    terminal.type(`${code}\r`);
    await terminal.waitFor('That code was used already');
    terminal.type('\x1b');
    await terminal.waitFor(`heldline: ${next} cancelled`);
    expect(existsSync(inHome('notes.txt'))).toBe(true);
    expect(await auditOf('command.released')).toHaveLength(1);
  });

  test('six digits do nothing until Enter', async () => {
    await using terminal = await demo.shell();
    terminal.type('rm -r notes.txt\r');
    await heldId(terminal);
    terminal.type(demo.alice.wrong());
    await terminal.waitFor('******'.replace(/(...)/, '$1 '));
    expect(terminal.screen()).not.toContain('not right');
    terminal.type('\x1b');
    await terminal.waitFor('cancelled');
  });

  test('rm -rf / is blocked and never asks', async () => {
    await using terminal = await demo.shell();
    terminal.type('rm -rf /\r');
    await terminal.waitFor(/blocked by rule/);
    expect(terminal.history()).not.toContain('HELD');
    const plain = await demo.ssh(['sandbox', 'rm -rf /']);
    expect(plain.code).toBe(77);
    expect(plain.errorText).toContain('blocked by rule');
    expect(existsSync(inHome('README.txt'))).toBe(true);
  });

  test("./service.sh restart takes bob's code over ssh and alice's Enter, never alice's code", async () => {
    await using terminal = await demo.shell();
    terminal.type('./service.sh restart\r');
    const id = await heldId(terminal);
    const digest = await digestOf(id);
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);

    const own = await demo.alice.code();
    terminal.type(`${own}\r`);
    const self = await demo.ssh(['bastion', 'approve', id, '--digest', digest], { input: `${own}\n` });
    expect(self.errorText).toContain('your own code does not count');
    expect(self.code).toBe(4);
    expect(existsSync(inHome('restarts.log'))).toBe(false);

    const approved = await demo.ssh(['approvals', 'approve', id, '--digest', digest], {
      input: `${await demo.bob.code()}\n`,
    });
    expect(approved.errorText).toContain('./service.sh restart');
    expect(approved.code).toBe(0);
    // A decision within ten seconds runs at once; later it takes Enter, which counts from half a second on.
    await waitUntil('the command is released', () => {
      if (terminal.screen().includes('bob approved')) terminal.type('\r');
      return terminal.screen().includes(`heldline: ${id} approved by bob`);
    });
    await terminal.waitFor('service restarted');
    expect(readFileSync(inHome('restarts.log'), 'utf8').trim().split('\n')).toHaveLength(1);
  });
});

describe('demo data', () => {
  test('two demos run side by side', async () => {
    await using other = await Demo.start();
    expect(other.ready.port).not.toBe(demo.ready.port);
    expect(await other.ssh(['sandbox', 'echo other'])).toMatchObject({ code: 0, text: 'other\n' });
    expect(await demo.ssh(['sandbox', 'echo first'])).toMatchObject({ code: 0, text: 'first\n' });
  });

  test.each([1, 2])('SIGTERM sent %d times ends it and deletes the data', async (times) => {
    await using short = await Demo.start();
    await using terminal = await short.shell();
    terminal.type('rm -r old-logs\r');
    await heldId(terminal);
    for (let sent = 0; sent < times; sent += 1) short.program.signal('SIGTERM');
    expect(await short.program.ended).toEqual({ code: 0, signal: null });
    expect(short.dataExists).toBe(false);
  });

  test('--keep keeps the data, and says how to replay it', async () => {
    await using kept = await Demo.start(['--keep']);
    try {
      await kept.ssh(['sandbox', 'echo kept']);
      expect(await kept.program.stop('SIGTERM', 15_000)).toMatchObject({ code: 0 });
      expect(kept.dataExists).toBe(true);
      expect(kept.program.stderr.toString()).toContain('session play');
      const listed = await kept.cli(['session', 'list', '--json']);
      expect(JSON.parse(listed.text)).toMatchObject({ v: 1, user: 'alice', kind: 'exec', state: 'ended' });
    } finally {
      await rm(kept.ready.data, { recursive: true, force: true });
    }
  });
});
