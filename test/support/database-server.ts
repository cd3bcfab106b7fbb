/**
 * A real database server for one test file: files in a folder of its own, on a loopback port, run by an account
 * without privileges (both servers refuse to be root's). Ended by its process id.
 */
import { chown } from 'node:fs/promises';
import { findProgram } from './find-program.ts';
import { freePort } from './free-port.ts';
import { RunningProgram } from './running-program.ts';
import { type TempDir, tempDir } from './temp-dir.ts';

/** Debian's `nobody`, for when the tests run as root. */
const NOBODY = 65_534;

export interface DatabaseServer extends AsyncDisposable {
  readonly port: number;
  /** Runs the client with `words` and `input`; resolves with its stdout when it has ended. */
  query(input: string): Promise<string>;
  /** The client with its stdin open. */
  client(): Promise<RunningProgram>;
  /** A path inside of the server's folder, where everybody may write. */
  at(name: string): string;
}

/** As an account without privileges: itself, or `nobody` for root. */
function unprivileged(program: string, words: readonly string[]): readonly [string, readonly string[]] {
  const path = findProgram(program);
  if (process.getuid?.() !== 0) return [path, words];
  const drop = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--', path];
  return ['setpriv', [...drop, ...words]];
}

async function serverFolder(name: string): Promise<TempDir> {
  const folder = await tempDir({ name, open: true });
  if (process.getuid?.() === 0) await chown(folder.path, NOBODY, NOBODY);
  return folder;
}

async function finish(program: RunningProgram): Promise<string> {
  program.endInput();
  const { code } = await program.ended;
  if (code === 0) return program.stdout.toString();
  throw new TypeError(`${program.name} failed:\n${program.stdout.toString()}${program.stderr.toString()}`);
}

interface Started {
  readonly folder: TempDir;
  readonly server: RunningProgram;
  readonly port: number;
  readonly client: readonly [string, readonly string[]];
}

function databaseServer({ folder, server, port, client: [program, words] }: Started): DatabaseServer {
  const env = { ...process.env, HOME: folder.path, PSQLRC: '/dev/null' };
  const client = (): Promise<RunningProgram> => RunningProgram.start(program, words, { env });
  return {
    port,
    client,
    query: async (input) => {
      const running = await client();
      await running.write(input);
      return await finish(running);
    },
    at: (name) => folder.at(name),
    [Symbol.asyncDispose]: async () => {
      await server.stop('SIGTERM', 10_000);
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** PostgreSQL with the empty database `postgres`. */
export async function startPostgres(): Promise<DatabaseServer> {
  const folder = await serverFolder('postgres');
  const data = folder.at('data');
  const port = await freePort();
  await finish(
    await RunningProgram.start(...unprivileged('initdb', ['-D', data, '-A', 'trust', '-U', 'owner', '--no-sync']), {
      cwd: folder.path,
    }),
  );
  const words = ['-D', data, '-h', '127.0.0.1', '-p', String(port), '-k', folder.path, '-F'];
  const server = await RunningProgram.start(...unprivileged('postgres', words), { cwd: folder.path });
  await server.waitFor(/ready to accept connections/, 'stderr', 30_000);
  const client = ['-X', '-q', '-A', '-t', '-h', '127.0.0.1', '-p', String(port), '-U', 'owner', 'postgres'];
  return databaseServer({ folder, server, port, client: ['psql', client] });
}

/** MariaDB with the empty database `test`. */
export async function startMariadb(): Promise<DatabaseServer> {
  const folder = await serverFolder('mariadb');
  const data = folder.at('data');
  const socket = folder.at('socket');
  const port = await freePort();
  const install = ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal'];
  await finish(await RunningProgram.start(...unprivileged('mariadb-install-db', install), { cwd: folder.path }));
  const words = ['--no-defaults', `--datadir=${data}`, `--socket=${socket}`, `--port=${port}`];
  const server = await RunningProgram.start(
    ...unprivileged('mariadbd', [...words, '--bind-address=127.0.0.1', `--pid-file=${folder.at('pid')}`]),
    { cwd: folder.path },
  );
  await server.waitFor(/ready for connections/, 'stderr', 30_000);
  const client = ['--no-defaults', '-h', '127.0.0.1', '-P', String(port), '-u', 'root', '-N', '-B', '--force', 'test'];
  return databaseServer({ folder, server, port, client: ['mariadb', client] });
}
