/**
 * How long the gate takes at Enter when keys and screen agree: reads the line, judges it by the policy of `heldline
 * init`, writes the event to an audit log on the disk. In this process, without a network.
 */
import { generateKeyPairSync } from 'node:crypto';
import { AuditLog } from '../../src/audit/audit-log.ts';
import { systemClock } from '../../src/base/clock.ts';
import { createSigner } from '../../src/base/signing.ts';
import { initialPolicyText } from '../../src/config/initial-config.ts';
import { parseYamlDocument } from '../../src/config/yaml-document.ts';
import { compilePolicy } from '../../src/policy/compile-policy.ts';
import { prepareSql } from '../../src/policy/language/postgres-parser.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { Emulator } from '../../src/terminal/emulator.ts';
import { KeyTokenizer } from '../../src/terminal/keys.ts';
import { LineTracker } from '../../src/terminal/line-tracker.ts';
import { tempDir } from '../support/temp-dir.ts';

export interface EnterTimes {
  /** ms to read and judge the line, one a line. */
  readonly decided: readonly number[];
  /** ms to have it in the audit log besides. */
  readonly written: readonly number[];
}

export async function enterTimes(lines: number): Promise<EnterTimes> {
  await using folder = await tempDir({ name: 'bench-audit' });
  const audit = await openAudit(folder.path);
  const policy = await defaultPolicy();
  const shell = new EchoingShell();
  const decided: number[] = [];
  const written: number[] = [];
  for (let line = 0; line < lines; line += 1) {
    shell.type(`systemctl status unit-${line} --no-pager | head -n ${line}`);
    const started = performance.now();
    const text = await shell.read();
    const { effect } = policy.decide(text, { ...CONTEXT, at: Date.now() });
    decided.push(performance.now() - started);
    await audit.append({ type: 'command.submitted', command: { text, confidence: 'exact', context: 'shell' } });
    written.push(performance.now() - started);
    if (effect !== 'allow') throw new Error(`${text}: ${effect}`);
    shell.enter(`unit-${line} is running`);
  }
  shell.close();
  await audit.close();
  return { decided, written };
}

const CONTEXT = {
  context: 'shell',
  user: { name: 'ana', roles: ['admin'] },
  target: { name: 'web1', labels: { env: 'prod' } },
} as const;

/** A prompt, and the echo of every key as readline draws it. */
class EchoingShell {
  readonly #emulator = new Emulator({ cols: 80, rows: 24, scrollback: 100 });
  readonly #tracker = new LineTracker({ emulator: this.#emulator, clock: systemClock, roundTrip: () => undefined });
  readonly #keys = new KeyTokenizer(this.#emulator);
  readonly #signal = new AbortController().signal;

  constructor() {
    this.#show('user@host:~$ ');
  }

  type(text: string): void {
    for (const key of text) {
      for (const token of this.#keys.push(Buffer.from(key), 0)) this.#tracker.sent(token);
      this.#show(key);
    }
  }

  /** The line as the gate reads it at Enter. */
  async read(): Promise<string> {
    const [token] = this.#keys.push(Buffer.from('\r'), 0);
    if (token === undefined) throw new TypeError('Enter is no key');
    const { line, path } = await this.#tracker.resolve(token, this.#signal);
    if (path !== 'fast' || line.text === null) throw new Error(`not the fast path: ${path}`);
    this.#tracker.sent(token);
    return line.text;
  }

  enter(output: string): void {
    this.#show(`\r\n${output}\r\nuser@host:~$ `);
  }

  close(): void {
    this.#emulator.dispose();
  }

  #show(text: string): void {
    this.#emulator.write(Buffer.from(text));
    this.#tracker.received();
  }
}

function openAudit(directory: string): Promise<AuditLog> {
  return AuditLog.open({
    directory,
    node: { id: 'n1', boot: 'b1', version: '0' },
    clock: systemClock,
    signer: createSigner(generateKeyPairSync('ed25519').privateKey),
    onListenerFailure: (failure) => process.stderr.write(`${String(failure)}\n`),
  });
}

async function defaultPolicy(): Promise<Policy> {
  await prepareSql();
  const { document } = parseYamlDocument('10-defaults.yaml', initialPolicyText());
  const compiled = document === null ? null : compilePolicy([document]).policy;
  if (compiled === null) throw new TypeError('the default policy does not compile');
  return compiled;
}
