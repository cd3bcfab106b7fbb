/** Programs of this machine as targets: real processes, real terminals. */
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { LocalDialer } from '../../../src/local/local-dialer.ts';
import type { ExitStatus, TerminalSize } from '../../../src/model/session.ts';
import type { LocalTarget } from '../../../src/model/target.ts';
import type { TargetLeg, TargetOpening, TerminalRequest } from '../../../src/session/ports.ts';
import { Access } from '../../../src/target/access.ts';
import { allow } from '../ssh/support/relay.ts';

const PRINCIPAL = {
  user: 'alice',
  roles: [],
  proof: { keyFingerprint: '', keyType: '', secondFactor: false },
  address: '127.0.0.1',
};

function localTarget(changes: Partial<LocalTarget> = {}): LocalTarget {
  return {
    kind: 'local',
    name: 'sandbox',
    argv: ['/bin/bash', '--norc', '--noprofile'],
    environment: { PATH: '/usr/bin:/bin', PS1: '$ ' },
    home: '/tmp',
    labels: {},
    description: '',
    createdAt: 0,
    createdBy: 'test',
    ...changes,
  };
}

function terminal(size: TerminalSize = { cols: 80, rows: 24 }): TerminalRequest {
  return { term: 'xterm', size, width: 0, height: 0, modes: {} };
}

function exec(command: string, changes: Partial<Extract<TargetOpening, { kind: 'exec' }>> = {}): TargetOpening {
  return { kind: 'exec', command: allow(Buffer.from(command)), terminal: null, environment: {}, ...changes };
}

class Session {
  readonly leg: TargetLeg;
  readonly ended: Promise<ExitStatus | null>;
  stdout: Buffer = Buffer.alloc(0);
  stderr: Buffer = Buffer.alloc(0);
  #waiting: (() => void)[] = [];

  constructor(leg: TargetLeg) {
    this.leg = leg;
    this.ended = new Promise((resolve) => {
      leg.attach({
        onOutput: (bytes, stream) => {
          this[stream] = Buffer.concat([this[stream], bytes]);
          for (const check of this.#waiting) check();
        },
        onDrain: () => {},
        onEnd: resolve,
      });
    });
  }

  type(text: string): void {
    this.leg.write(allow(Buffer.from(text)));
  }

  until(pattern: RegExp): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (pattern.test(this.stdout.toString())) resolve();
      };
      this.#waiting.push(check);
      check();
    });
  }
}

describe('local targets', () => {
  let route = new AbortController();
  afterEach(() => {
    route.abort();
    route = new AbortController();
  });

  async function dial(opening: TargetOpening, target: LocalTarget = localTarget()): Promise<Session> {
    const access = Access.proven(PRINCIPAL, target, 'local', null, 'test');
    const dialer = new LocalDialer(systemClock);
    return new Session(await dialer.dial(access, opening, { id: 'r', ended: route.signal }, route.signal));
  }

  test('exec keeps the streams apart and gives the exit code', async () => {
    const session = await dial(exec('echo out; echo err >&2; exit 3'));
    expect(await session.ended).toEqual({ kind: 'code', code: 3 });
    expect([session.stdout.toString(), session.stderr.toString()]).toEqual(['out\n', 'err\n']);
  });

  test('the signal that ended a program is told', async () => {
    const session = await dial(exec('kill -TERM $$'));
    expect(await session.ended).toMatchObject({ kind: 'signal', signal: 'TERM' });
  });

  test('a signal of the user reaches the program', async () => {
    const session = await dial(exec('trap "echo caught; exit 7" USR1; echo ready; while :; do sleep 0.05; done'));
    await session.until(/ready/);
    session.leg.signal('USR1');
    expect(await session.ended).toEqual({ kind: 'code', code: 7 });
  });

  test('input and its end reach the program', async () => {
    const session = await dial(exec('sha256sum'));
    session.type('hello');
    session.leg.endInput();
    await session.ended;
    expect(session.stdout.toString()).toContain('2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824');
  });

  test('the environment is constructed, not inherited', async () => {
    const session = await dial(exec('env', { environment: { LANG: 'C.UTF-8' } }));
    await session.ended;
    const names = session.stdout
      .toString()
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0] ?? '');
    expect(names.filter((name) => !['PWD', 'SHLVL', '_', 'OLDPWD'].includes(name)).sort()).toEqual([
      'HOME',
      'LANG',
      'PATH',
    ]);
  });

  test.each([null, terminal()])('our sockets and files are not inherited (terminal: %o)', async (asked) => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const file = openSync('/etc/hostname', 'r');
    const ours = readdirSync('/proc/self/fd').flatMap((fd) => {
      const link = linkOf(fd);
      return link !== null && /^socket:|anon_inode|\/etc\/hostname|ptmx/.test(link) ? [link] : [];
    });
    const session = await dial(exec('ls -l /proc/$$/fd; :', { terminal: asked }));
    await session.ended;
    closeSync(file);
    server.close();
    expect(ours.length).toBeGreaterThan(2);
    expect(ours.filter((link) => session.stdout.toString().includes(link))).toEqual([]);
  });

  test('a shell in a terminal: size, resize, typed lines, exit code', async () => {
    const session = await dial({ kind: 'shell', terminal: terminal({ cols: 91, rows: 33 }), environment: {} });
    session.type('stty size\r');
    await session.until(/33 91/);
    session.leg.resize({ cols: 100, rows: 40 });
    session.type('stty size\r');
    await session.until(/40 100/);
    session.type('exit 5\r');
    expect(await session.ended).toEqual({ kind: 'code', code: 5 });
  });

  test('output that waits behind a pause survives the end of the program', async () => {
    const session = await dial(exec('printf x%.0s $(seq 3000); echo done', { terminal: terminal() }));
    session.leg.pauseOutput();
    await new Promise((resolve) => setTimeout(resolve, 500));
    session.leg.resumeOutput();
    expect(await session.ended).toEqual({ kind: 'code', code: 0 });
    expect(session.stdout.toString().replace(/\r\n/g, '')).toBe(`${'x'.repeat(3000)}done`);
  });

  test('close ends the whole process group', async () => {
    const session = await dial(exec('trap "" HUP; sleep 300 & echo pid $!; wait'));
    await session.until(/pid \d+/);
    const pid = Number(/pid (\d+)/.exec(session.stdout.toString())?.[1]);
    session.leg.close();
    await session.ended;
    await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
  });

  test('the end of the route ends the program in the terminal', async () => {
    const session = await dial({ kind: 'shell', terminal: terminal(), environment: {} });
    session.type('echo pid $$\r');
    await session.until(/pid \d+/);
    const pid = Number(/pid (\d+)/.exec(session.stdout.toString())?.[1]);
    route.abort();
    await session.ended;
    await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
  });

  test('sftp is served by the system', async () => {
    const session = await dial({ kind: 'sftp', environment: {} });
    session.leg.write(allow(Buffer.from([0, 0, 0, 5, 1, 0, 0, 0, 3])));
    await expect.poll(() => session.stdout[4]).toBe(2);
    session.leg.close();
    await session.ended;
  });

  test.runIf(process.getuid?.() === 0)('another account has none of our groups', async () => {
    const target = localTarget({ account: { uid: 65534, gid: 65534 } });
    for (const opening of [
      exec('id -u; id -G; tty'),
      exec('id -u; id -G; tty >/dev/null && stat -c %u $(tty)', { terminal: terminal() }),
    ]) {
      const session = await dial(opening, target);
      await session.ended;
      const [uid, groups, owner] = session.stdout.toString().split(/\r?\n/);
      expect([uid, groups]).toEqual(['65534', '65534']);
      expect(['65534', 'not a tty']).toContain(owner);
    }
  });

  test('a program that is not there is unreachable', async () => {
    await expect(dial(exec('true'), localTarget({ argv: ['/nowhere/bash'] }))).rejects.toMatchObject({
      code: 'target.unreachable',
    });
  });

  test('a command that is not UTF-8 is refused, not changed', async () => {
    const command = allow(Buffer.from([0x65, 0xff, 0xfe]));
    await expect(dial({ kind: 'exec', command, terminal: null, environment: {} })).rejects.toMatchObject({
      code: 'target.refused',
    });
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function linkOf(fd: string): string | null {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return null;
  }
}
