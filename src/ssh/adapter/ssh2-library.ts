/**
 * The one door to the ssh2 package and to its private parts. Loads them, asserts that they have the shape that
 * this folder was written for, and puts our parsers into its table. Nothing outside of `ssh/adapter` may know
 * a private name of the package; the version is pinned exactly.
 */
import { createRequire } from 'node:module';
import ssh2 from 'ssh2';
import { HeldlineError } from '../../base/heldline-error.ts';
import { parseExecRequest, parsePtyRequest } from './request-payload.ts';

/** The version whose private parts were read and tested. */
const PINNED_VERSION = '1.17.0';
const CHANNEL_REQUEST = 98;

/** Signals that Linux programs die of and RFC 4254 §6.10 does not list; the package refuses to send unlisted ones. */
const FURTHER_SIGNALS = [
  'BUS',
  'CONT',
  'IO',
  'PROF',
  'PWR',
  'STKFLT',
  'STOP',
  'SYS',
  'TRAP',
  'TSTP',
  'TTIN',
  'TTOU',
  'URG',
  'VTALRM',
  'WINCH',
  'XCPU',
  'XFSZ',
];

type Indexed = Record<string, unknown>;
type PayloadHandler = (protocol: unknown, payload: Buffer) => void;

let prepared = false;

/** The public API of the package, once its private parts are known to be the expected ones. @throws HeldlineError `ssh.library` */
export function ssh2Library(): typeof ssh2 {
  if (!prepared) prepare();
  prepared = true;
  return ssh2;
}

/** Ends the start-up with a plain sentence: a library that changed must not be run with guards that miss. */
export function wrongShape(what: string): HeldlineError {
  return new HeldlineError('ssh.library', `the ssh2 package is not the one that Heldline was built for: ${what}`, {
    hint: `Install exactly ssh2 ${PINNED_VERSION} with npm ci.`,
  });
}

/** Whether `value` is an object (or function) whose listed members are functions. */
export function hasMethods(value: unknown, names: readonly string[]): value is Indexed {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  return names.every((name) => typeof Reflect.get(value, name) === 'function');
}

/** Whether `value` is a plain object. */
export function isIndexed(value: unknown): value is Indexed {
  return typeof value === 'object' && value !== null;
}

function prepare(): void {
  const load = createRequire(import.meta.url);
  const about: unknown = load('ssh2/package.json');
  if (!isIndexed(about) || about['version'] !== PINNED_VERSION) throw wrongShape('its version differs');
  extendConstants(load('ssh2/lib/protocol/constants.js'));
  replaceRequestParser(load('ssh2/lib/protocol/handlers.js'));
}

function extendConstants(constants: unknown): void {
  const modes = isIndexed(constants) ? constants['TERMINAL_MODE'] : undefined;
  const signals = isIndexed(constants) ? constants['SIGNALS'] : undefined;
  if (!isIndexed(modes) || modes['TTY_OP_END'] !== 0 || !isIndexed(signals) || signals['TERM'] !== 1) {
    throw wrongShape('its tables of modes and signals differ');
  }
  // RFC 8160; OpenSSH sends it with every pty and the package cannot pass on what it has no name for.
  modes['IUTF8'] = 42;
  for (const name of FURTHER_SIGNALS) signals[name] = 1;
}

/**
 * The package reads terminal modes from the wrong offset with an inverted table, disconnects on some, and
 * decodes commands as UTF-8 even when they are not. Both requests are read by us, everything else by it.
 */
function replaceRequestParser(table: unknown): void {
  if (!Array.isArray(table)) throw wrongShape('its table of message parsers is missing');
  const original: unknown = table[CHANNEL_REQUEST];
  if (!isPayloadHandler(original)) throw wrongShape('its parser of channel requests differs');
  table[CHANNEL_REQUEST] = (protocol: unknown, payload: Buffer): void => {
    const request = parsePtyRequest(payload) ?? parseExecRequest(payload);
    if (request === null || !tell(protocol, request)) original(protocol, payload);
  };
}

function tell(
  protocol: unknown,
  request: NonNullable<ReturnType<typeof parsePtyRequest> | ReturnType<typeof parseExecRequest>>,
): boolean {
  const handlers = isIndexed(protocol) ? protocol['_handlers'] : undefined;
  const handler = isIndexed(handlers) ? handlers['CHANNEL_REQUEST'] : undefined;
  if (typeof handler !== 'function') return false;
  handler(protocol, request.recipient, request.type, request.wantReply, request.data);
  return true;
}

function isPayloadHandler(value: unknown): value is PayloadHandler {
  return typeof value === 'function' && value.length === 2;
}
