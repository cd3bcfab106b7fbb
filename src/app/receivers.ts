/**
 * From the settings of notifications to receivers that can be sent to: reads the secrets, each from a file that is
 * closed to others. Whatever is wrong with one is a finding in that file; the content of a file is never told.
 */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { describeFailure } from '../base/heldline-error.ts';
import type { HttpWayConfig, NotifyConfig, ReceiverConfig } from '../config/notify-config.ts';
import { urlObjection } from '../config/notify-schema.ts';
import type { Finding } from '../model/source-document.ts';
import type { HttpWay, Receiver } from '../notify/receiver.ts';
import { parseWebhookSecret } from '../notify/webhook-signature.ts';

export interface ReadReceivers {
  /** null when there are findings. */
  readonly receivers: readonly Receiver[] | null;
  readonly findings: readonly Finding[];
}

const LONGEST = 4096;
const OPEN_TO_OTHERS = 0o077;

/** Never throws: an unreadable file is a finding. */
export async function readReceivers({ receivers }: NotifyConfig): Promise<ReadReceivers> {
  const findings: Finding[] = [];
  const read: Receiver[] = [];
  for (const config of receivers) {
    const way = config.way.kind === 'mail' ? config.way : await readWay(config.way, config.name, findings);
    if (way !== null) read.push({ name: config.name, wants: wantsOf(config), shows: config.command, way });
  }
  return findings.length > 0 ? { receivers: null, findings } : { receivers: read, findings };
}

function wantsOf({ events, asks, targets, severity, own }: ReceiverConfig): Receiver['wants'] {
  return { news: events, roles: asks, targets, severity, own };
}

async function readWay(way: HttpWayConfig, name: string, findings: Finding[]): Promise<HttpWay | null> {
  const secrets = new Secrets(name, findings);
  const url =
    way.url.kind === 'given' ? way.url.url : await secrets.read(way.url.path, 'url_file', (text) => urlFrom(text));
  const secret = await secrets.readIf(way.secretFile, 'secret_file', secretFrom);
  const token = await secrets.readIf(way.tokenFile, 'token_file', tokenFrom);
  return url === undefined || secret === undefined || token === undefined
    ? null
    : { kind: 'http', form: way.form, url, secret, token };
}

type Parsed<T> = { readonly value: T } | { readonly objection: string };

/** The files of one receiver. */
class Secrets {
  readonly #receiver: string;
  readonly #findings: Finding[];

  constructor(receiver: string, findings: Finding[]) {
    this.#receiver = receiver;
    this.#findings = findings;
  }

  /** undefined: there is a finding. */
  async read<T>(path: string, key: string, parse: (text: string) => Parsed<T>): Promise<T | undefined> {
    const text = await readClosedFile(path);
    const parsed = 'objection' in text ? text : parse(text.value);
    if ('value' in parsed) return parsed.value;
    const message = `${parsed.objection} (notify.receivers.${this.#receiver}.${key})`;
    this.#findings.push({ file: path, position: { line: 1, column: 1 }, severity: 'error', message });
    return undefined;
  }

  /** null: no file was named. */
  async readIf<T>(path: string | null, key: string, parse: (text: string) => Parsed<T>): Promise<T | null | undefined> {
    return path === null ? null : this.read(path, key, parse);
  }
}

/** The one line of a plain file that its group and everybody else cannot read. */
async function readClosedFile(path: string): Promise<Parsed<string>> {
  try {
    await using handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = await handle.stat();
    if (!stat.isFile()) return { objection: 'is not a plain file' };
    if ((stat.mode & OPEN_TO_OTHERS) !== 0) return { objection: `is open to others; run: chmod 600 ${path}` };
    if (stat.size > LONGEST) return { objection: `is larger than ${LONGEST} bytes` };
    const text = (await handle.readFile('utf8')).trim();
    return text === '' || /\s/.test(text) ? { objection: 'expected one line without blanks' } : { value: text };
  } catch (failure) {
    return { objection: `cannot be read: ${describeFailure(failure)}` };
  }
}

function urlFrom(text: string): Parsed<string> {
  const objection = urlObjection(text);
  return objection === null ? { value: text } : { objection };
}

function secretFrom(text: string): Parsed<Uint8Array> {
  const value = parseWebhookSecret(text);
  const make = 'make one with: echo whsec_$(openssl rand -base64 32)';
  return value === null ? { objection: `expected whsec_ and 24 to 64 bytes of base64; ${make}` } : { value };
}

function tokenFrom(text: string): Parsed<string> {
  return /^[!-~]+$/.test(text) ? { value: text } : { objection: 'expected letters, digits and signs of ASCII' };
}
