/** The unmodified client of Debian against our server: what a person does, on good and bad networks. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ScreenTerminal } from '../../support/screen-terminal.ts';
import { MoshStack } from './support/mosh-stack.ts';

const CLEAN = { seed: 1 };
const SEEDS = [1, 2, 3] as const;

let stack: MoshStack;

beforeEach(async () => {
  stack = await MoshStack.start();
});

afterEach(async () => {
  await stack[Symbol.asyncDispose]();
});

/** Writes a file's worth of text in `name` and shows it without the shell's echo in the way. */
function marked(client: ScreenTerminal, command: string, mark: string): Promise<string> {
  client.type(`${command}; echo ${mark.slice(0, 1)}''${mark.slice(1)}\r`);
  return client.waitFor(mark);
}

describe('a session', () => {
  test('types and sees a shell', async () => {
    const { client } = await stack.session(CLEAN);
    client.type('echo $((6*7))\r');
    await client.waitFor(/^42$/m);
    expect(stack.sessions.opened[0]).toMatchObject({
      door: 'mosh',
      target: 'db1',
      login: null,
      request: { kind: 'shell', terminal: { term: 'xterm-256color', size: { cols: 80, rows: 24 } } },
    });
  });

  test('runs what stands behind the target', async () => {
    const invitation = await stack.invite("'--' 'root@db1' 'printf' '%s|' 'it'\\''s' 'two words'");
    const client = stack.client(invitation);
    // The program is over at once; its output is the last screen, which the client shows before it leaves.
    await client.waitForEnd();
    expect(client.output.toString()).toContain("it's|two words|");
  });

  test('follows the size of the window', async () => {
    const { client } = await stack.session(CLEAN);
    client.resize(100, 30);
    await marked(client, 'sleep 0.2; stty size', 'SIZED');
    expect(client.screen()).toContain('30 100');
    client.resize(60, 12);
    await marked(client, 'clear; sleep 0.2; stty size', 'AGAIN');
    expect(client.screen()).toContain('12 60');
  });

  test('gives cursor keys as the program wants them', async () => {
    const { client } = await stack.session(CLEAN);
    client.type('echo first\r');
    await client.waitFor(/^first$/m);
    client.type('\x1b[A');
    await client.waitFor(/^\$ echo first$[\s\S]*^\$ echo first$/m);
    client.type('\x15');
    client.type("printf '\\033[?1h'; cat -v\r");
    await client.waitFor('cat -v');
    client.type('\x1bOA\x1bOD\r');
    await client.waitFor('^[OA^[OD');
  });

  test('answers questions to the terminal in the place of the user', async () => {
    const { client } = await stack.session(CLEAN);
    client.type("printf '\\033[6n'; read -rsd R answer; printf '%q\\n' \"$answer\"\r");
    await client.waitFor(/\$'\\E\[\d+;\d+'/);
  });

  test('shows colours, titles, the mouse and the clipboard', async () => {
    const { client } = await stack.session(CLEAN);
    await marked(
      client,
      "printf '\\033[38;2;10;20;30mtrue\\033[0m\\033]2;heading\\007\\033]52;c;aGVsbG8=\\007\\033[?1002h\\033[?1006h\\033[?2004h'",
      'ORNAMENTS',
    );
    const output = client.output.toString();
    for (const part of ['38;2;10;20;30', 'heading', '52;c;aGVsbG8=', '?1002h', '?1006h', '?2004h']) {
      expect(output).toContain(part);
    }
  });

  test('ends when the program ends', async () => {
    const { client } = await stack.session(CLEAN);
    client.type('exit\r');
    expect(await client.waitForEnd()).toBe(0);
  });

  test('ends when the client leaves with its escape key', async () => {
    const { client } = await stack.session(CLEAN);
    client.type('\x1e.');
    expect(await client.waitForEnd()).toBe(0);
    await expect.poll(() => stack.events.at(-1), { timeout: 5000 }).toMatchObject({ type: 'mosh.ended' });
  });

  test('tells a client of the end that was only away', async () => {
    const { client, relay } = await stack.session(CLEAN);
    relay.cut = true;
    const ended = stack.sessions.leg.finish(null);
    await ended;
    expect(client.exitCode).toBeNull();
    relay.cut = false;
    expect(await client.waitForEnd()).toBe(0);
  });
});

describe('a client that was killed', () => {
  test('is given up: nothing is sent to it any more, and its session is kept until somebody comes back', async () => {
    const { client, relay } = await stack.session(CLEAN);
    process.kill(client.pid, 'SIGKILL');
    await client.waitForEnd();
    await stack.sessions.leg.write(Buffer.from('late news\r\n'));
    await expect.poll(() => stack.sessions.presences, { timeout: 25_000 }).toEqual(['detached']);
    const ended = stack.sessions.leg.finish(null);
    relay.resetCounts();
    await ended;
    // The last of them is on its way through the relay.
    await sleep(200);
    expect(relay.toClient.datagrams).toBeLessThanOrEqual(17);
    relay.resetCounts();
    await sleep(3500);
    expect(relay.toClient.datagrams).toBe(0);
  }, 60_000);
});

describe('bad networks', () => {
  test('roams to another address and port', async () => {
    const { client, relay } = await stack.session(CLEAN);
    await relay.roam('127.0.0.2');
    client.type('echo $((40+2)) roamed\r');
    await client.waitFor('42 roamed');
    expect(stack.events.map((event) => event.type)).toContain('mosh.roamed');
    const roamed = stack.events.find((event) => event.type === 'mosh.roamed');
    expect(roamed?.detail).toMatchObject({ to: expect.stringMatching(/^127\.0\.0\.2 port \d+$/) });
  });

  test('comes back after 13 s of nothing, with what was typed blind', async () => {
    const { client, relay } = await stack.session(CLEAN);
    await sleep(500);
    relay.cut = true;
    relay.resetCounts();
    client.type('echo $((100+11)) blind\r');
    await sleep(13_000);
    expect(relay.toClient.datagrams).toBeLessThan(10);
    relay.cut = false;
    await client.waitFor('111 blind', 5000);
    expect(stack.sessions.presences).toEqual([]);
  }, 30_000);

  test.each(SEEDS)(
    'types, floods, roams and leaves though a third is lost and some comes late, seed %i',
    async (seed) => {
      const { client, relay } = await stack.session({ seed, loss: 0.3, reorder: 0.05, delay: 10 });
      client.type('echo $((20+3)) typed\r');
      await client.waitFor('23 typed');
      await marked(client, 'seq 5000', 'FLOODED');
      expect(client.screen()).toContain('5000');
      await relay.roam('127.0.0.3');
      client.type('echo $((50+5)) roamed\r');
      await client.waitFor('55 roamed');
      client.type('exit\r');
      expect(await client.waitForEnd(25_000)).toBe(0);
    },
    60_000,
  );

  test('a frame of fifty datagrams arrives within 5 s though a third is lost', async () => {
    const { client } = await stack.session({ seed: 4, loss: 0.3, delay: 50 }, { cols: 200, rows: 60 });
    client.type('echo warm\r');
    await client.waitFor(/^warm$/m);
    const frame =
      'BEGIN{srand(7);for(y=0;y<58;y++){for(x=0;x<199;x++)printf "\\033[38;2;%d;%d;%dm%c",rand()*256,rand()*256,rand()*256,33+rand()*90;print ""}printf "\\033[m"}';
    // What awk takes to make it is not the path's doing.
    client.type(`f=$(awk '${frame}'); echo MA''DE\r`);
    await client.waitFor('MADE');
    client.type(`clear; printf %s "$f"; echo BIG''FRAME\r`);
    await client.waitFor('BIGFRAME', 5000);
    const rows = client.screen().split('\n');
    expect(rows.filter((row) => row.length === 199).length).toBe(58);
  }, 30_000);

  test.each(['always', 'adaptive'] as const)(
    'shows keys by prediction (%s) within 20 ms at 300 ms round trip, and none as a guess in the end',
    async (predict) => {
      const { client } = await stack.session({ seed: 1, delay: 150 }, { predict });
      // A client predicts once it has seen a key echoed as it expected; an adaptive one when the path is slow, too.
      client.type('e');
      await client.waitFor('$ e');
      await sleep(500);
      client.type('c');
      await client.waitFor('$ ec');
      const times: number[] = [];
      for (const [index, key] of [...'ho hello'].entries()) {
        const start = performance.now();
        client.type(key);
        await client.waitFor(`$ ec${'ho hello'.slice(0, index + 1)}`.trimEnd());
        times.push(performance.now() - start);
        await sleep(50);
      }
      expect(times.sort((a, b) => a - b)[4]).toBeLessThan(20);
      await expect.poll(() => client.seen().split('\n')[0], { timeout: 5000 }).toBe('$ echo hello');
    },
  );

  test('never shows by prediction what is typed without echo', async () => {
    const { client } = await stack.session({ seed: 1, delay: 50 }, { predict: 'adaptive' });
    await marked(client, 'true', 'READY');
    client.type("read -rsp 'code: ' code; echo; echo $(printf %s $code | wc -c) digits\r");
    await client.waitFor('code:');
    for (const digit of '739182') {
      client.type(digit);
      await sleep(40);
    }
    client.type('\r');
    await client.waitFor('6 digits');
    expect(client.output.toString()).not.toMatch(/7[^0-9]*3[^0-9]*9[^0-9]*1[^0-9]*8[^0-9]*2/);
  });
});

describe('one port', () => {
  test('serves twelve clients, and all leave cleanly', async () => {
    const invitations = await Promise.all(Array.from({ length: 12 }, () => stack.invite()));
    expect(new Set(invitations.map(({ port }) => port)).size).toBe(1);
    expect(new Set(invitations.map(({ key }) => key)).size).toBe(12);
    const clients = invitations.map((invitation) => stack.client(invitation));
    await Promise.all(
      clients.map(async (client, index) => {
        await client.waitFor(/^\$/m);
        client.type(`echo $((${index}*1000+7)); exit\r`);
        expect(await client.waitForEnd()).toBe(0);
        expect(client.output.toString()).toContain(String(index * 1000 + 7));
      }),
    );
    expect(await stack.server.refused()).toBe(0);
  }, 40_000);
});

describe('reattaching', () => {
  test('a new client with a new key goes on with the session that lost its client', async () => {
    const { client, relay } = await stack.session(CLEAN);
    await marked(client, 'secret=remembered', 'SET');
    relay.cut = true;
    await expect.poll(() => stack.sessions.leg.presence, { timeout: 25_000 }).toBe('detached');
    const second = stack.client(await stack.invite(), { cols: 60, rows: 20 });
    await second.waitFor('still running');
    second.type('\r');
    await second.waitFor('SET');
    second.type('echo $secret; stty size\r');
    await second.waitFor('20 60');
    expect(second.screen()).toContain('remembered');
    expect(stack.sessions.opened.length).toBe(1);
    expect(stack.events.map((event) => event.type)).toEqual(['mosh.started', 'mosh.detached', 'mosh.started']);
    expect(stack.sessions.presences).toEqual(['detached', 'attached']);
  }, 60_000);
});

describe('a new address, where the policy', () => {
  test('freezes approvals: the session goes on and knows it, until its person signs in again', async () => {
    stack.roaming = { allows: () => true, onMove: 'freeze' };
    const { client, relay } = await stack.session(CLEAN);
    await relay.roam('127.0.0.2');
    await marked(client, 'true', 'ALIVE');
    expect(stack.sessions.leg.presence).toBe('moved');
    const roamed = stack.events.find(({ type }) => type === 'mosh.roamed');
    expect(roamed?.detail).toMatchObject({ means: 'freeze' });
    await relay.roam('127.0.0.1');
    await marked(client, 'true', 'AGAIN');
    expect(stack.sessions.leg.presence).toBe('moved');
  });

  test('wants a code: nothing is shown and no key is taken before', async () => {
    stack.roaming = { allows: () => true, onMove: 'code' };
    stack.answer = (code) => (code === '123456' ? { kind: 'accepted' } : { kind: 'refused', why: 'wrong code' });
    const { client, relay } = await stack.session(CLEAN, { predict: 'always' });
    await marked(client, 'true', 'BEFORE');
    await relay.roam('127.0.0.2');
    client.type('touch /never');
    expect(await client.waitFor('your address changed from 127.0.0.1 to 127.0.0.2')).not.toContain('BEFORE');
    expect(stack.sessions.leg.presence).toBe('detached');
    client.type('\r111111\r');
    await client.waitFor('wrong code');
    const seen: string[] = [];
    for (const [index, digit] of [...'123456'].entries()) {
      client.type(digit);
      await client.waitFor((screen) => {
        seen.push(screen);
        return screen.includes(`Code: ${'*'.repeat(index + 1)}`);
      });
    }
    expect(seen.filter((screen) => /Code: .*\d/.test(screen))).toEqual([]);
    client.resize(70, 20);
    client.type('\r');
    const back = await client.waitFor('BEFORE');
    expect(back).not.toContain('never');
    expect(stack.sessions.leg.presence).toBe('attached');
    await marked(client, 'stty size', 'SIZED');
    expect(client.screen()).toContain('20 70');
    const types = stack.events.map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['mosh.code_refused', 'mosh.confirmed']));
  });

  test('refuses it: nothing is heard or answered there, and back at the old one the session goes on', async () => {
    const { client, relay } = await stack.session(CLEAN);
    stack.roaming = { allows: (address) => address !== '127.0.0.2', onMove: null };
    await relay.roam('127.0.0.2');
    relay.resetCounts();
    client.type('echo typed-$((40+2))\r');
    await expect.poll(() => stack.events.filter(({ type }) => type === 'mosh.refused').length).toBe(1);
    await expect.poll(() => relay.toServer.datagrams).toBeGreaterThan(4);
    expect(relay.toClient.datagrams).toBe(0);
    expect(Buffer.concat(stack.sessions.outputs[0] ?? []).toString()).not.toContain('typed-');
    await relay.roam('127.0.0.1');
    await client.waitFor('typed-42');
    expect(stack.events.filter(({ type }) => type === 'mosh.refused').length).toBe(1);
  });

  test('refuses the one of the sign-in: there is no invitation, and the reason is told', async () => {
    stack.roaming = { allows: () => false, onMove: null };
    const { leg } = stack.ask();
    expect(await leg.finished).toMatchObject({ kind: 'code', code: 126 });
    expect(leg.errors).toContain('the policy allows no Mosh to there from your network (127.0.0.1)');
    expect(leg.output).toBe('');
  });
});

describe('whoever may not be here any more', () => {
  test('sees why and is gone at once, and an invitation of theirs is void', async () => {
    const { client } = await stack.session(CLEAN);
    const invitation = await stack.invite();
    stack.door.disconnectWhere(({ user }) => user === 'bob', 'somebody else');
    await marked(client, 'true', 'STILL');
    stack.door.disconnectWhere(({ user }) => user === 'alice', 'the key was removed');
    await client.waitForEnd(2000);
    expect(client.output.toString()).toContain('this session was ended: the key was removed');
    const late = stack.client(invitation);
    await late.waitFor('Nothing received from server');
    expect(stack.sessions.opened.length).toBe(1);
  });
});

describe('looking back', () => {
  test('PageUp shows what has scrolled away, for few bytes', async () => {
    const { client, relay } = await stack.session(CLEAN);
    await marked(client, 'seq 100 180', 'COUNTED');
    await sleep(300);
    relay.resetCounts();
    client.type('\x1b[5~');
    const past = await client.waitFor('lines back');
    expect(past).toMatch(/^140$/m);
    expect(relay.toClient.bytes).toBeLessThan(1000);
    client.type('\x1b[6~');
    await client.waitFor((screen) => screen.includes('COUNTED') && !screen.includes('lines back'));
  });
});
