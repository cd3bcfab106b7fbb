/**
 * The HTTP API on a port of 127.0.0.1 over a real desk, real codes, a real store and a real log in a folder of its
 * own; the clock is the test's. alice asks, bob and carol (role sre) are asked, everybody has codes.
 */

import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { buildKnowledge, type Knowledge } from '../../src/app/knowledge.ts';
import { initialiseState, openState, type State } from '../../src/app/open-state.ts';
import { requirePolicy } from '../../src/app/policy-files.ts';
import type { ConsumeOutcome } from '../../src/approval/desk-parts.ts';
import { readAudit } from '../../src/audit/read.ts';
import { FakeClock } from '../../src/base/fake-clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { configFrom } from '../../src/config/load-config.ts';
import { parseYamlDocument } from '../../src/config/yaml-document.ts';
import type { TokenScope } from '../../src/identity/ports.ts';
import type { ApprovalRequest } from '../../src/model/approval-request.ts';
import type { AuditEvent } from '../../src/model/audit-event.ts';
import type { GrantTerms } from '../../src/model/grant-terms.ts';
import type { Requirement } from '../../src/model/requirement.ts';
import { buildApplication, type WebKnowledge } from '../../src/web/build-application.ts';
import { WebServer } from '../../src/web/web-server.ts';
import { draft, requirement, stage } from './desk-world.ts';
import { Disposals } from './disposals.ts';
import { harmlessPolicy } from './harmless-policy.ts';
import { SoftwareKey, type SoftwareKeyType } from './software-keys.ts';
import { type TempDir, tempDir } from './temp-dir.ts';
import { totpCode } from './totp-code.ts';

export interface WebAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body, when it is JSON. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** Somebody else than the requester. */
const SECOND: Requirement = requirement([stage({ role: 'sre' })]);

const DAY = 86_400_000;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const PEOPLE: readonly (readonly [string, readonly string[]])[] = [
  ['alice', ['dev']],
  ['bob', ['sre']],
  ['carol', ['sre']],
  ['erin', ['dev']],
  ['ada', ['auditor']],
];

export class WebWorld implements AsyncDisposable {
  readonly clock: FakeClock;
  readonly state: State;
  readonly knowledge: Knowledge;
  readonly port: number;
  readonly #secrets: ReadonlyMap<string, string>;
  readonly #owned: Disposals;
  #names = 0;

  private constructor(parts: Pick<WebWorld, 'clock' | 'state' | 'knowledge' | 'port'> & Owned) {
    this.clock = parts.clock;
    this.state = parts.state;
    this.knowledge = parts.knowledge;
    this.port = parts.port;
    this.#secrets = parts.secrets;
    this.#owned = parts.owned;
  }

  static async start(changes: Partial<WebKnowledge> = {}): Promise<WebWorld> {
    await using owned = new Disposals();
    const folder = owned.use(await tempDir({ name: 'web' }));
    const clock = new FakeClock();
    const { state, knowledge } = await knowledgeIn(folder, clock);
    owned.use({ [Symbol.asyncDispose]: () => state.close() });
    const secrets = await enrolEverybody(knowledge);
    // What somebody made of another person counts for nothing on that day.
    clock.advance(2 * DAY);
    const application = buildApplication({
      ...knowledge,
      standing: (principal) => knowledge.authenticator.standing(principal),
      through: () => null,
      audit: state.audit,
      recordings: state.layout.recordings,
      clock,
      logger: silentLogger,
      hostNames: ['localhost', 'bastion.test'],
      bastion: '-p 2222 bastion.test',
      version: '0.0.0',
      secure: false,
      ...changes,
    });
    const server = new WebServer({ application, certificate: null });
    owned.use({ [Symbol.asyncDispose]: () => server.close() });
    const port = await server.listen('127.0.0.1', 0);
    return new WebWorld({ clock, state, knowledge, port, secrets, owned: owned.move() });
  }

  /** One without limits to how often somebody may ask. */
  static unlimited(): Promise<WebWorld> {
    const many = { burst: 10_000, perMinute: 10_000 };
    return WebWorld.start({ rates: { anonymous: many, failures: many, token: many, decisions: many } });
  }

  /** For one test: nothing of an earlier one, a token of bob's that may decide, and a command of alice's for him. */
  async fresh(): Promise<{ readonly bob: string; readonly request: ApprovalRequest }> {
    await this.clear();
    return { bob: await this.token('bob'), request: await this.hold() };
  }

  /** The current code of somebody's phone; each call an unused one. */
  code(name: string): string {
    this.clock.advance(30_000);
    return totpCode(this.#secrets.get(name) ?? '', this.clock.now());
  }

  /** The code that `name`'s phone showed some minutes ago. */
  oldCode(name: string): string {
    return totpCode(this.#secrets.get(name) ?? '', this.clock.now() - 600_000);
  }

  /** A new token of somebody. */
  async token(
    user: string,
    scope: TokenScope = 'decide',
    lifetime: number = 90 * DAY,
    by: string = 'root',
  ): Promise<string> {
    this.#names += 1;
    const name = `t${this.#names}`;
    return (await this.knowledge.tokens.add({ name, user, scope, lifetime }, by)).text;
  }

  /** Ends every token, and every request that is open. */
  async clear(): Promise<void> {
    const { tokens, desk } = this.knowledge;
    for (const { name } of await tokens.list()) await tokens.remove(name, 'root');
    for (const { statement } of await desk.list()) await desk.cancel(statement.uid, 'the test is over');
  }

  /** alice's held command. @param grant terms on which its approval may be remembered */
  hold(asked: Requirement = SECOND, grant?: GrantTerms): Promise<ApprovalRequest> {
    const held = draft(asked);
    const { hash } = this.knowledge.engine.current;
    const decision = { ...held.decision, policyHash: hash, ...(grant === undefined ? {} : { grant }) };
    return this.knowledge.desk.open({ ...held, decision });
  }

  /** What the gate does before it lets an approved command go. */
  consume({ statement, digest }: ApprovalRequest): Promise<ConsumeOutcome> {
    const { uid, session, channel } = statement;
    return this.knowledge.desk.consume(uid, { session, channel, digest });
  }

  /** Another key of somebody. */
  async key(name: string, type: SoftwareKeyType = 'ssh-ed25519', by = 'root'): Promise<SoftwareKey> {
    const key = new SoftwareKey(type);
    await this.knowledge.users.addKey(name, key.line, by);
    return key;
  }

  async stateOf({ statement }: ApprovalRequest): Promise<string | undefined> {
    return (await this.knowledge.desk.find(statement.uid))?.state;
  }

  get(path: string, token?: string): Promise<WebAnswer> {
    return this.send('GET', path, token);
  }

  decide(request: Pick<ApprovalRequest, 'id'>, token: string | undefined, body: unknown): Promise<WebAnswer> {
    return this.send('POST', `/v1/requests/${request.id}/decision`, token, JSON.stringify(body));
  }

  async send(
    method: string,
    path: string,
    token?: string,
    body?: string | Uint8Array,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<WebAnswer> {
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`, {
      method,
      redirect: 'error',
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    const json = text.startsWith('{') ? (JSON.parse(text) as WebAnswer['json']) : {};
    return { status: response.status, headers: response.headers, text, json };
  }

  /** Sends bytes as they are and resolves with what came back when the server closed, or after `patience` ms. */
  raw(bytes: string | Uint8Array, patience = 3000): Promise<string> {
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1', () => socket.write(bytes));
      const chunks: Buffer[] = [];
      const end = (): void => {
        clearTimeout(timer);
        socket.destroy();
        resolve(Buffer.concat(chunks).toString('latin1'));
      };
      const timer = setTimeout(end, patience);
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      socket.once('close', end);
      socket.once('error', end);
    });
  }

  /** The log's events of these types, oldest first. */
  async events(...types: string[]): Promise<readonly AuditEvent[]> {
    const found: AuditEvent[] = [];
    for await (const entry of readAudit(this.state.layout.audit, { types })) {
      if (entry.kind === 'event') found.push(entry.event);
    }
    return found;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#owned[Symbol.asyncDispose]();
  }
}

interface Owned {
  readonly secrets: ReadonlyMap<string, string>;
  readonly owned: Disposals;
}

async function knowledgeIn(folder: TempDir, clock: FakeClock): Promise<{ state: State; knowledge: Knowledge }> {
  await initialiseState(folder.at('state'), 'bastion.test');
  const { document } = parseYamlDocument(folder.at('heldline.yaml'), 'ssh: { host_name: bastion.test }\n');
  if (document === null) throw new TypeError('no configuration');
  const { config } = configFrom(document, { state: folder.at('state'), run: folder.at('run') });
  if (config === null) throw new TypeError('no configuration');
  for (const [name, text] of Object.entries(harmlessPolicy)) await writeFile(folder.at(name), text);
  const policy = await requirePolicy(folder.at());
  const state = await openState(config.paths.state, clock, silentLogger);
  return { state, knowledge: buildKnowledge({ config: () => config, state, policy, clock, logger: silentLogger }) };
}

async function enrolEverybody({ users, enrolment }: Knowledge): Promise<ReadonlyMap<string, string>> {
  const secrets = new Map<string, string>();
  for (const [name, roles] of PEOPLE) {
    const secret = [...randomBytes(32)].map((byte) => BASE32[byte % 32]).join('');
    await users.add({ name, roles, keys: [] }, 'init');
    await enrolment.importSecret(name, secret, 'init');
    secrets.set(name, secret);
  }
  return secrets;
}
