/** Somebody whom a bastion knows: a key, one-time codes, and the clients that they open. */
import { randomBytes } from 'node:crypto';
import type { Bastion } from './bastion.ts';
import { Phone } from './phone.ts';
import type { ProgramResult } from './run-program.ts';
import type { ScreenTerminal } from './screen-terminal.ts';
import type { SshClient, SshClientOptions } from './ssh-client.ts';
import type { SshKey } from './ssh-keys.ts';
import { openSshTerminal } from './ssh-terminal.ts';

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export class Person {
  readonly name: string;
  readonly key: SshKey;
  readonly phone: Phone;
  readonly #bastion: Bastion;
  readonly #clients = new Map<string, Promise<SshClient>>();

  private constructor(bastion: Bastion, name: string, key: SshKey, phone: Phone) {
    this.#bastion = bastion;
    this.name = name;
    this.key = key;
    this.phone = phone;
  }

  /** Adds a user with one key and one-time codes to a running bastion. */
  static async join(bastion: Bastion, name: string, roles: readonly string[] = []): Promise<Person> {
    const key = await bastion.makeKey(`${name}-key`);
    const roleWords = roles.flatMap((role) => ['--role', role]);
    await bastion.runOrFail(['user', 'add', name, ...roleWords, '--key-file', `${key.file}.pub`]);
    return Person.#enrolled(bastion, name, key);
  }

  /** The administrator whom `init` made, with one-time codes. */
  static admin(bastion: Bastion): Promise<Person> {
    return Person.#enrolled(bastion, bastion.admin.name, bastion.admin.key);
  }

  static async #enrolled(bastion: Bastion, name: string, key: SshKey): Promise<Person> {
    const phone = new Phone([...randomBytes(32)].map((byte) => letters[byte % 32]).join(''));
    await bastion.runOrFail(['totp', 'import', name, '--secret-file', '-'], { input: `${phone.secret}\n` });
    return new Person(bastion, name, key, phone);
  }

  /** The client for a target through the direct door; the same one each time. */
  at(target: string): Promise<SshClient> {
    return this.#client(`${this.name}@${target}`);
  }

  /** The client for a target through the jump door; the target's own login. */
  through(target: string): Promise<SshClient> {
    const { host, port } = this.#bastion;
    const outer = ['Host outer', `  HostName ${host}`, `  Port ${port}`, `  User ${this.name}`];
    const config = [...outer, 'Host server', '  ProxyJump outer'];
    return this.#client('auto', { host: `${target}.gate`, port: 22, config });
  }

  /** The client for the console. */
  console(): Promise<SshClient> {
    return this.#client(this.name);
  }

  /** A shell on `target`, or `command` there with a terminal, as in a window. */
  async window(target: string, command?: string): Promise<ScreenTerminal> {
    return openSshTerminal(await this.at(target), command === undefined ? {} : { command });
  }

  /** Approves over ssh without a terminal. @param digest of the request */
  async approve(id: string, digest: string, code: string, ...more: string[]): Promise<ProgramResult> {
    const command = ['approve', id, '--digest', digest, ...more].join(' ');
    return (await this.console()).ssh([], command, { input: `${code}\n` });
  }

  async deny(id: string, ...more: string[]): Promise<ProgramResult> {
    return (await this.console()).ssh([], ['deny', id, ...more].join(' '));
  }

  #client(user: string, options: Partial<SshClientOptions> = {}): Promise<SshClient> {
    const name = `${user} ${options.host ?? ''}`;
    const made = this.#clients.get(name) ?? this.#bastion.client(user, this.key, options);
    this.#clients.set(name, made);
    return made;
  }
}
