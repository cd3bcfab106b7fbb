/**
 * One owner process for a state directory, on a local file system.
 *
 * The claim is a listening Unix socket `owner.<n>.sock` in the directory (mode 0700, so only the owner's
 * account can make one). The kernel closes it when the process dies, however it dies: a claim counts while
 * somebody answers on it, and a file that nobody listens on is nothing. No process number is compared, so a
 * reused one, or one from another container, fools nobody.
 *
 * A dead claim is never taken over in place, which two starters could do at once, but outbid: bind (atomic)
 * the number above the highest, listen, then look again. Whoever now sees a higher number, or any other claim
 * that answers, gives up. Of two starters at most one stays, because each listens before it looks again; it
 * can happen that neither does. It promises nothing across hosts, nor when somebody with the owner's account
 * deletes the file.
 */
import { type FileHandle, open, readdir, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { HeldlineError } from '../../base/heldline-error.ts';

const CLAIM = /^owner\.(\d{1,9})\.sock$/;
const ANSWER_MS = 2000;
/** Unix socket paths are cut silently from 108 bytes on. */
const PATH_LIMIT = 100;

export class OwnershipLock {
  readonly #server: Server;
  readonly #directory: FileHandle;

  private constructor(server: Server, directory: FileHandle) {
    this.#server = server;
    this.#directory = directory;
  }

  /** @throws HeldlineError `store.owned` (kind conflict) while another process owns the directory */
  static async acquire(path: string): Promise<OwnershipLock> {
    const directory = await open(path, 'r');
    const base = shortPath(path, directory);
    try {
      return new OwnershipLock(await claim(base), directory);
    } catch (failure) {
      await directory.close();
      throw failure;
    }
  }

  /** Gives the directory up. */
  async release(): Promise<void> {
    await closeServer(this.#server);
    await this.#directory.close();
  }
}

/** The directory by a name that is short enough for a socket; through its descriptor where that is possible. */
function shortPath(path: string, directory: FileHandle): string {
  if (Buffer.byteLength(path) + 'owner.999999999.sock'.length < PATH_LIMIT) return path;
  if (process.platform === 'linux') return `/proc/self/fd/${directory.fd}`;
  throw new HeldlineError('store.path', `The path ${path} is too long for a socket on this system.`);
}

async function claim(base: string): Promise<Server> {
  const seen = await claims(base);
  await refuseLiving(base, seen);
  const number = Math.max(0, ...seen) + 1;
  const server = await listen(socketPath(base, number));
  try {
    const others = (await claims(base)).filter((other) => other !== number);
    if (others.some((other) => other > number)) throw owned(null);
    await refuseLiving(base, others);
    await Promise.all(others.map((other) => rm(socketPath(base, other), { force: true })));
    return server;
  } catch (failure) {
    await closeServer(server);
    throw failure;
  }
}

async function claims(base: string): Promise<readonly number[]> {
  const names = await readdir(base);
  return names.flatMap((name) => {
    const number = CLAIM.exec(name)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
}

async function refuseLiving(base: string, numbers: readonly number[]): Promise<void> {
  const answers = await Promise.all(numbers.map((number) => ask(socketPath(base, number))));
  const living = answers.find((answer) => answer.alive);
  if (living?.alive === true) throw owned(living.pid);
}

function owned(pid: string | null): HeldlineError {
  const who = pid === null ? 'Another process' : `Another process (number ${pid})`;
  return new HeldlineError('store.owned', `${who} already uses this state directory.`, {
    kind: 'conflict',
    hint: 'Stop it first, or start with another configuration.',
  });
}

function socketPath(base: string, number: number): string {
  return join(base, `owner.${number}.sock`);
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.end(String(process.pid));
    });
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(cause.code === 'EADDRINUSE' ? owned(null) : cause);
    });
    server.listen(path, () => {
      server.unref();
      resolve(server);
    });
  });
}

type Answer = { readonly alive: false } | { readonly alive: true; readonly pid: string | null };

/** Only a refused connection or a missing file proves that nobody is there; a slow owner is alive. */
function ask(path: string): Promise<Answer> {
  return new Promise((resolve) => {
    const socket = connect(path);
    let said = '';
    const finish = (answer: Answer): void => {
      socket.destroy();
      resolve(answer);
    };
    const alive = (): void => finish({ alive: true, pid: /^\d{1,10}$/.test(said) ? said : null });
    socket.setEncoding('latin1').setTimeout(ANSWER_MS, alive);
    socket.on('data', (text: string) => {
      said = (said + text).slice(0, 32);
    });
    socket.on('end', alive);
    socket.on('error', (failure: NodeJS.ErrnoException) => {
      if (failure.code === 'ECONNREFUSED' || failure.code === 'ENOENT') finish({ alive: false });
      else alive();
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
