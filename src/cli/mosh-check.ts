/**
 * Doctor's look at Mosh. From the machine itself one can see that a datagram reaches the daemon, and whether clients
 * from elsewhere did; that the next one will cannot be seen from here, and this says so.
 */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { z } from 'zod';
import { type AdminTerminal, runInDaemon } from '../app/admin/admin-client.ts';
import { formatDuration } from '../base/duration.ts';
import { HeldlineError } from '../base/heldline-error.ts';
import type { Config } from '../config/config.ts';
import { EXIT } from '../console/verb.ts';
import type { DoctorCheck } from './doctor-check.ts';
import { accountName } from './process-surroundings.ts';

const portReport = z.object({ address: z.string(), port: z.int(), fault: z.string().nullable(), refused: z.int() });
const statusAnswer = z.object({
  mosh: z
    .object({
      fault: z.string().nullable(),
      ports: z.array(portReport),
      unheard: z.int(),
      last_from_elsewhere: z.object({ address: z.string(), at: z.string() }).nullable(),
    })
    .nullable(),
});

type Status = NonNullable<z.infer<typeof statusAnswer>['mosh']>;
type Port = z.infer<typeof portReport>;

/** The daemon reads a datagram of this machine before it has answered so many questions. */
const TRIES = 5;
/** Long enough to be looked at, and sealed with nobody's key. */
const PROBE_BYTES = 64;

/** @param socket path of the daemon's admin socket  @param now ms since the epoch */
export async function moshCheck(config: Config, socket: string, now: number): Promise<DoctorCheck> {
  try {
    const status = await askStatus(socket);
    if (status === null) return { level: 'ok', text: 'mosh is switched off (mosh.enabled)' };
    return faultOf(status, config) ?? (await localFault(status, socket)) ?? fromOutside(status, config, now);
  } catch (failure) {
    if (!(failure instanceof HeldlineError)) throw failure;
    if (failure.code !== 'admin.unreachable') return { level: 'warn', text: `mosh: ${failure.message}` };
    if (!config.mosh.enabled) return { level: 'ok', text: 'mosh is switched off (mosh.enabled)' };
    return { level: 'warn', text: `mosh: no daemon is running, so nothing listens on UDP port ${config.mosh.port}` };
  }
}

async function askStatus(socket: string): Promise<Status | null> {
  let answer = '';
  const listener: AdminTerminal = {
    out: (text) => {
      answer += text;
    },
    err: () => {},
    ask: () => Promise.resolve(null),
    firstLine: () => Promise.resolve(null),
    sign: () => Promise.resolve(null),
    wantKeys: () => {},
    interrupted: new AbortController().signal,
  };
  const call = { arguments: [], options: {} };
  const size = { cols: 80, rows: 24 };
  const shared = { json: true, interactive: false, size, account: accountName() };
  const code = await runInDaemon(socket, { kind: 'call', path: ['mosh', 'status'], call, ...shared }, listener);
  if (code !== EXIT.done) throw new HeldlineError('mosh.status', 'the daemon is of another version; restart it');
  return statusAnswer.parse(JSON.parse(answer)).mosh;
}

function faultOf({ fault, ports }: Status, config: Config): DoctorCheck | null {
  if (fault !== null) return { level: 'fail', text: `mosh is off: ${fault}` };
  const broken = ports.find((port) => port.fault !== null);
  if (broken?.fault != null) return { level: 'fail', text: `mosh: ${broken.fault}` };
  if (ports.length > 0) return null;
  const listen = config.mosh.listen.join(', ');
  return { level: 'fail', text: `mosh: this machine has no address that mosh.listen covers (${listen})` };
}

/** Sends datagrams that belong to nobody and looks whether the daemon counts them. */
async function localFault(before: Status, socket: string): Promise<DoctorCheck | null> {
  let missing = before.ports;
  for (let tries = 0; tries < TRIES && missing.length > 0; tries += 1) {
    await Promise.all(missing.map(knock));
    const after = (await askStatus(socket))?.ports ?? [];
    missing = missing.filter((port) => (find(after, port)?.refused ?? 0) <= port.refused);
  }
  const [port] = missing;
  if (port === undefined) return null;
  const where = `${port.address} port ${port.port}/udp`;
  const next = 'A packet filter on this machine drops them; nft list ruleset shows its rules.';
  return { level: 'fail', text: `mosh: datagrams of this machine to ${where} do not reach the daemon. ${next}` };
}

function find(ports: readonly Port[], { address, port }: Port): Port | undefined {
  return ports.find((one) => one.address === address && one.port === port);
}

/** Resolves when the datagram has left or was refused; which of both, the daemon's count tells. */
function knock({ address, port }: Port): Promise<void> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  return new Promise((resolve) => {
    const done = (): void => {
      socket.close();
      resolve();
    };
    socket.send(randomBytes(PROBE_BYTES), port, address, done);
  });
}

function fromOutside({ ports, unheard, last_from_elsewhere: last }: Status, config: Config, now: number): DoctorCheck {
  const port = `UDP port ${ports[0]?.port ?? config.mosh.port}`;
  const open = `open ${port} in the firewalls and security groups between them and this machine`;
  if (unheard > 0) {
    const who = unheard === 1 ? 'the last client that was' : `the last ${unheard} clients that were`;
    return {
      level: 'warn',
      text: `mosh: ${who} let in over SSH sent nothing to ${port}. Probably it is blocked: ${open}.`,
    };
  }
  if (last !== null) {
    const ago = formatDuration(now - Date.parse(last.at));
    return { level: 'ok', text: `mosh: ${port} is reached from outside; last from ${last.address}, ${ago} ago` };
  }
  const { hostName, port: sshPort } = config.ssh;
  const command = `mosh --ssh="ssh -p ${sshPort}" USER@${hostName}`;
  const unknown =
    'Whether it is reached from outside cannot be seen from here: no client from another machine has come yet.';
  const next = `Try on one: ${command}. If that says "Nothing received from server", ${open}.`;
  return { level: 'warn', text: `mosh: ${port} is reached on this machine. ${unknown} ${next}` };
}
