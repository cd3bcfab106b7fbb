/** An SSH server that lets anybody in and gives every exec request to the Mosh door: for the `mosh` wrapper. */
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Connection, Server, type ServerChannel } from 'ssh2';
import type { Door } from '../../../../src/model/session.ts';
import type { MoshDoor } from '../../../../src/mosh/mosh-door.ts';
import type { ExitStatus, Presence, UserLeg } from '../../../../src/session/ports.ts';
import { ALICE } from './mosh-stack.ts';

class ChannelLeg implements UserLeg {
  readonly door: Door = 'direct';
  readonly presence: Presence = 'attached';
  readonly roundTrip: number | undefined = undefined;
  readonly #channel: ServerChannel;

  constructor(channel: ServerChannel) {
    this.#channel = channel;
  }

  attach(): void {}

  write(bytes: Uint8Array): boolean {
    return this.#channel.write(bytes);
  }

  writeError(bytes: Uint8Array): boolean {
    return this.#channel.stderr.write(bytes);
  }

  pauseInput(): void {}

  resumeInput(): void {}

  async finish(status: ExitStatus | null): Promise<void> {
    this.#channel.exit(status?.kind === 'code' ? status.code : 255);
    this.#channel.end();
    await once(this.#channel, 'close');
  }

  close(): void {
    this.#channel.close();
  }
}

export class SshDoor implements AsyncDisposable {
  readonly port: number;
  /** What the wrapper asked for, as sent. */
  readonly commands: string[] = [];
  readonly #server: Server;
  readonly #door: MoshDoor;
  readonly #connections = new Set<Connection>();

  private constructor(server: Server, door: MoshDoor) {
    this.#server = server;
    this.#door = door;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (connection, { ip, port }) => this.#serve(connection, ip, port));
  }

  static async start(door: MoshDoor): Promise<SshDoor> {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = privateKey.export({ type: 'pkcs1', format: 'pem' });
    const server = new Server({ hostKeys: [key] });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new SshDoor(server, door);
  }

  /** The words of `--ssh=`. */
  async sshCommand(directory: string): Promise<string> {
    const config = join(directory, 'ssh_config');
    await writeFile(config, 'Host *\n  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n  LogLevel ERROR\n');
    return `ssh -F ${config} -p ${this.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#connections) connection.end();
    this.#server.close();
    await Promise.resolve();
  }

  #serve(connection: Connection, ip: string, port: number): void {
    this.#connections.add(connection);
    connection.on('error', () => {});
    connection.on('authentication', (attempt) => attempt.accept());
    connection.on('session', (accept) => {
      const session = accept();
      session.on('pty', (acceptPty) => acceptPty?.());
      session.on('exec', (acceptExec, _reject, { command }) => {
        this.commands.push(command);
        const taken = this.#door.tryOpen({
          principal: ALICE,
          request: { kind: 'exec', command: Buffer.from(command), terminal: null, environment: {} },
          leg: new ChannelLeg(acceptExec()),
          client: 'OpenSSH',
          connection: { remoteAddress: ip, remotePort: port, localAddress: '127.0.0.1', localPort: this.port },
        });
        if (!taken) throw new Error(`not a command of Mosh: ${command}`);
      });
    });
  }
}
