/** What is left of a session: a recording that other programs play, a log that shows every change, and no secret. */
import { randomBytes } from 'node:crypto';
import { appendFile, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asciinemaCat } from '../support/asciinema.ts';
import { heldline } from '../support/bastion.ts';
import { BastionAndHost } from '../support/bastion-and-host.ts';
import { Person } from '../support/person.ts';
import { ScreenTerminal } from '../support/screen-terminal.ts';
import { secretsIn, secretsInText } from '../support/secrets-in.ts';
import { openSshTerminal } from '../support/ssh-terminal.ts';

const prompt = /[$#] $/;
/** What alice types where nothing is echoed. */
const password = `pass-${randomBytes(6).toString('hex')}`;

let world: BastionAndHost;
let alice: Person;
let bob: Person;
/** Every one-time code that somebody typed. */
const codes: string[] = [];
let session: string;

beforeAll(async () => {
  world = await BastionAndHost.start();
  alice = await Person.join(world.bastion, 'alice', ['dev']);
  bob = await Person.join(world.bastion, 'bob', ['sre']);
  await workADay();
  const listed = await world.bastion.json(['session', 'list', '--user', 'alice']);
  session = String(listed[0]?.['id']);
});
afterAll(() => world[Symbol.asyncDispose]());

/** One shell of alice: an ordinary line, a password that is not echoed, a held line with a wrong and a right code. */
async function workADay(): Promise<void> {
  await using terminal = await alice.window('host', '/bin/bash --norc --noprofile');
  await terminal.waitFor(prompt);
  terminal.type("echo 'a marvellous morning'\r");
  await terminal.waitFor((screen) => screen.split('a marvellous morning').length === 3 && prompt.test(screen));
  terminal.type('read -rsp \'Password: \' secret; echo; echo "length $(printf %s "$secret" | wc -c)"\r');
  await terminal.waitFor(/Password: $/);
  terminal.type(`${password}\r`);
  await terminal.waitFor((screen) => screen.includes(`length ${password.length}`) && prompt.test(screen));
  terminal.type(`touch ${world.at('touched')}\r`);
  await terminal.waitFor(/HELD \w{4}/);
  const wrong = alice.phone.wrong();
  terminal.type(`${wrong}\r`);
  await terminal.waitFor('That code is not right.');
  const right = await alice.phone.code();
  codes.push(wrong, right);
  terminal.type(`${right}\r`);
  await terminal.waitFor((screen) => screen.includes('approved by alice') && prompt.test(screen));
  terminal.type('exit\r');
  await terminal.waitForEnd();
}

/** The folder of the recording of alice's shell. */
async function recordingFolder(): Promise<string> {
  const names = await readdir(world.bastion.at(), { recursive: true });
  const name = names.find((path) => path.endsWith(`${session}/meta.json`));
  return dirname(world.bastion.at(name ?? ''));
}

describe('a recording', () => {
  test('is exported as a cast that asciinema takes, with the output and without the panel', async () => {
    const { text } = await world.bastion.runOrFail(['session', 'export', session, '--format', 'cast']);
    const file = world.at('out.cast');
    await writeFile(file, text);
    expect(JSON.parse(text.split('\n')[0] ?? '')).toMatchObject({ version: 2, width: 80, height: 24 });
    const printed = await asciinemaCat(file);
    expect(printed.code).toBe(0);
    expect(printed.text).toContain('a marvellous morning');
    expect(printed.text).not.toContain('Your code');
    const markers = text.split('\n').filter((line) => /^\[[\d.]+, ?"m"/.test(line));
    expect(markers.join('\n')).toMatch(/HELD \w{4}[\s\S]*APPROVED alice/);
  });

  test('is listed, shown, found by its text, and verified', async () => {
    const listed = await world.bastion.json(['session', 'list', '--user', 'alice', '--target', 'host']);
    expect(listed[0]).toMatchObject({
      v: 1,
      id: session,
      user: 'alice',
      target: 'host',
      door: 'direct',
      state: 'ended',
    });
    const shown = await world.bastion.runOrFail(['session', 'show', session]);
    expect(shown.text).toContain(`touch ${world.at('touched')}`);
    const hits = await world.bastion.json(['session', 'search', 'marvellous']);
    expect(hits.map((hit) => hit['id'])).toContain(session);
    expect((await world.bastion.run(['session', 'search', 'never typed by anybody'])).code).toBe(3);
    expect(await world.bastion.run(['session', 'verify', session])).toMatchObject({ code: 0 });
    expect((await world.bastion.run(['session', 'show', 'nosuch'])).code).toBe(3);
  });

  test('is shown to its owner and to auditors, to nobody else', async () => {
    const bobs = await (await bob.console()).ssh([], `session show ${session}`);
    expect(bobs.code).toBe(3);
    expect((await (await alice.console()).ssh([], `session show ${session}`)).code).toBe(0);
    const auditor = await Person.join(world.bastion, 'olivia', ['auditor']);
    expect((await (await auditor.console()).ssh([], `session show ${session}`)).code).toBe(0);
  });

  test('is played from its folder, without a daemon or a configuration', async () => {
    const words = [
      heldline,
      '-c',
      '/nowhere/heldline.yaml',
      'session',
      'play',
      await recordingFolder(),
      '--idle',
      '10ms',
    ];
    await using player = ScreenTerminal.start(process.execPath, words);
    await player.waitFor('a marvellous morning');
    player.type('q');
    expect(await player.waitForEnd()).toBe(0);
    expect(player.isAlternateScreen).toBe(false);
  });

  test('is played over ssh to its owner', async () => {
    await using player = openSshTerminal(await alice.console(), { command: `session play ${session} --idle 10ms` });
    await player.waitFor('a marvellous morning');
    player.type('q');
    expect(await player.waitForEnd()).toBe(0);
  });
});

describe('no secret', () => {
  test('of a code, a password or a shared secret lies in clear in anything that the bastion wrote', async () => {
    const secrets = [...codes, password, alice.phone.secret, bob.phone.secret];
    expect(await secretsIn(world.bastion.at(), secrets)).toEqual([]);
    expect(secretsInText(world.bastion.log + world.bastion.errorLog, secrets)).toEqual([]);
    // The search itself works: what was echoed is found, in the recording and in the log.
    const plain = await secretsIn(world.bastion.at(), ['a marvellous morning']);
    expect(plain.some((hit) => hit.includes('.cast.gz'))).toBe(true);
    expect(plain.some((hit) => hit.includes('.ndjson'))).toBe(true);
  });

  test('is in the event of a line that was not echoed: it has no text', async () => {
    const submitted = (await world.bastion.audit()).filter((event) => event['type'] === 'command.submitted');
    expect(submitted.map((event) => event['command'])).toContainEqual(expect.objectContaining({ text: null }));
  });

  test('stays when a valid code is typed at the prompt: it is burnt, kept out, and said so', async () => {
    const code = await bob.phone.code();
    await using terminal = await bob.window('host', '/bin/bash --norc --noprofile');
    await terminal.waitFor(prompt);
    terminal.type(`${code}\r`);
    await terminal.waitFor(/that was a valid one-time\s+code/);
    terminal.type('\x04');
    await terminal.waitForEnd();
    expect(await secretsIn(world.bastion.at(), [code])).toEqual([]);
    expect(secretsInText(world.bastion.log, [code])).toEqual([]);
  });

  test('can be read by another account of the machine', async () => {
    const loose: string[] = [];
    const open = ['store', 'keys', 'recordings', 'audit'];
    for (const entry of await readdir(world.bastion.at(), { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (!entry.isFile() || !open.some((part) => path.includes(`/${part}/`))) continue;
      const { mode } = await stat(path);
      if (!path.endsWith('.pub') && (mode & 0o077) !== 0) loose.push(`${path} ${mode.toString(8)}`);
    }
    expect(loose).toEqual([]);
  });
});

type Edit = (lines: readonly string[]) => readonly string[];

/** What somebody does to the log who does not want to be seen. The line in the middle is one of alice's shell. */
const tamperings: readonly (readonly [string, Edit])[] = [
  [
    'an edited line',
    (lines) => lines.map((line, at) => (at === middle(lines) ? line.replace('"seq":', '"seq": ') : line)),
  ],
  ['a removed line', (lines) => lines.filter((_, at) => at !== middle(lines))],
  ['reordered lines', swapped],
  ['a removed end', (lines) => lines.slice(0, -2)],
  ['a line that was doubled', (lines) => lines.flatMap((line, at) => (at === middle(lines) ? [line, line] : [line]))],
];

function middle(lines: readonly string[]): number {
  return Math.floor(lines.length / 2);
}

function swapped(lines: readonly string[]): readonly string[] {
  const at = middle(lines);
  return [...lines.slice(0, at), lines[at + 1] ?? '', lines[at] ?? '', ...lines.slice(at + 2)];
}

/** The newest file of the log. */
async function logFile(): Promise<string> {
  const names = (await readdir(world.bastion.at(), { recursive: true })).filter((name) =>
    /audit-[^/]*\.ndjson$/.test(name),
  );
  return world.bastion.at(names.sort().at(-1) ?? '');
}

/** Tampers with the log, verifies it, and puts it back as it was, with what was added meanwhile. */
async function verifyTampered(edit: Edit): Promise<{ readonly code: number | null; readonly text: string }> {
  const file = await logFile();
  const before = await readFile(file, 'utf8');
  const tampered = `${edit(before.split('\n').slice(0, -1)).join('\n')}\n`;
  expect(tampered).not.toBe(before);
  await writeFile(file, tampered);
  const result = await world.bastion.run(['audit', 'verify']);
  const added = (await readFile(file, 'utf8')).slice(tampered.length);
  await writeFile(file, before);
  await appendFile(file, added);
  return { code: result.code, text: result.text };
}

describe.each(['running', 'stopped'])('with the daemon %s, audit verify', (state) => {
  beforeAll(async () => {
    if (state === 'stopped') await world.bastion.stop();
  });

  test('says that an untouched log is whole', async () => {
    const result = await world.bastion.run(['audit', 'verify']);
    expect(result.text).toMatch(/^ok: /);
    expect(result.code).toBe(0);
  });

  test.each(tamperings)('finds %s', async (_, edit) => {
    const result = await verifyTampered(edit);
    expect(result.text).not.toMatch(/^ok/);
    expect(result.code).toBe(7);
    expect(await world.bastion.run(['audit', 'verify'])).toMatchObject({ code: 0 });
  });

  test('finds that a recording is missing', async () => {
    const folder = await recordingFolder();
    await rename(folder, `${folder}.away`);
    const result = await world.bastion.run(['audit', 'verify']);
    await rename(`${folder}.away`, folder);
    expect(result.code).toBe(7);
    expect(result.text).toContain(session);
  });
});
