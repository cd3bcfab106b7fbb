/**
 * Reads the two channel requests that the package reads wrongly, from the raw payload: `pty-req` with its
 * terminal modes (RFC 4254 §6.2, §8) and `exec` with its command as bytes (§6.5). Pure; null means "not mine or
 * malformed", which leaves the payload to the package.
 */

/** Names as the package knows them on the way to the target, by opcode. */
const MODE_NAMES: Readonly<Record<number, string>> = {
  1: 'VINTR',
  2: 'VQUIT',
  3: 'VERASE',
  4: 'VKILL',
  5: 'VEOF',
  6: 'VEOL',
  7: 'VEOL2',
  8: 'VSTART',
  9: 'VSTOP',
  10: 'VSUSP',
  11: 'VDSUSP',
  12: 'VREPRINT',
  13: 'VWERASE',
  14: 'VLNEXT',
  15: 'VFLUSH',
  16: 'VSWTCH',
  17: 'VSTATUS',
  18: 'VDISCARD',
  30: 'IGNPAR',
  31: 'PARMRK',
  32: 'INPCK',
  33: 'ISTRIP',
  34: 'INLCR',
  35: 'IGNCR',
  36: 'ICRNL',
  37: 'IUCLC',
  38: 'IXON',
  39: 'IXANY',
  40: 'IXOFF',
  41: 'IMAXBEL',
  42: 'IUTF8',
  50: 'ISIG',
  51: 'ICANON',
  52: 'XCASE',
  53: 'ECHO',
  54: 'ECHOE',
  55: 'ECHOK',
  56: 'ECHONL',
  57: 'NOFLSH',
  58: 'TOSTOP',
  59: 'IEXTEN',
  60: 'ECHOCTL',
  61: 'ECHOKE',
  62: 'PENDIN',
  70: 'OPOST',
  71: 'OLCUC',
  72: 'ONLCR',
  73: 'OCRNL',
  74: 'ONOCR',
  75: 'ONLRET',
  90: 'CS7',
  91: 'CS8',
  92: 'PARENB',
  93: 'PARODD',
  128: 'TTY_OP_ISPEED',
  129: 'TTY_OP_OSPEED',
};

const END_OF_MODES = 0;
/** From here on arguments have no known length and reading must stop (RFC 4254 §8). */
const FIRST_UNDEFINED_MODE = 160;

export interface PtyRequestPayload {
  readonly recipient: number;
  readonly type: 'pty-req';
  readonly wantReply: boolean;
  readonly data: {
    readonly term: string;
    readonly cols: number;
    readonly rows: number;
    readonly width: number;
    readonly height: number;
    readonly modes: Readonly<Record<string, number>>;
  };
}

export interface ExecRequestPayload {
  readonly recipient: number;
  readonly type: 'exec';
  readonly wantReply: boolean;
  /** The command exactly as sent. */
  readonly data: Buffer;
}

/** @param payload a whole SSH_MSG_CHANNEL_REQUEST */
export function parsePtyRequest(payload: Buffer): PtyRequestPayload | null {
  const head = parseHead(payload, 'pty-req');
  if (head === null) return null;
  const { recipient, wantReply, rest } = head;
  const term = rest.text();
  const [cols, rows, width, height] = [rest.number(), rest.number(), rest.number(), rest.number()];
  const modes = rest.bytes();
  if (term === null || cols === null || rows === null || width === null || height === null || modes === null)
    return null;
  return { recipient, type: 'pty-req', wantReply, data: { term, cols, rows, width, height, modes: parseModes(modes) } };
}

/** @param payload a whole SSH_MSG_CHANNEL_REQUEST */
export function parseExecRequest(payload: Buffer): ExecRequestPayload | null {
  const head = parseHead(payload, 'exec');
  const command = head?.rest.bytes() ?? null;
  return head === null || command === null
    ? null
    : { recipient: head.recipient, type: 'exec', wantReply: head.wantReply, data: Buffer.from(command) };
}

/** Encoded terminal modes by name; modes without a name and a torn tail are left out. */
export function parseModes(encoded: Buffer): Record<string, number> {
  const modes: Record<string, number> = {};
  for (let at = 0; at + 5 <= encoded.length; at += 5) {
    const opcode = encoded.readUInt8(at);
    if (opcode === END_OF_MODES || opcode >= FIRST_UNDEFINED_MODE) break;
    const name = MODE_NAMES[opcode];
    if (name !== undefined) modes[name] = encoded.readUInt32BE(at + 1);
  }
  return modes;
}

/** Reads SSH's wire types (RFC 4251 §5) one after the other; null once the data is too short. */
export class WireReader {
  readonly #data: Buffer;
  #at: number;

  constructor(data: Buffer, start = 0) {
    this.#data = data;
    this.#at = start;
  }

  get atEnd(): boolean {
    return this.#at >= this.#data.length;
  }

  number(): number | null {
    if (this.#at + 4 > this.#data.length) return null;
    this.#at += 4;
    return this.#data.readUInt32BE(this.#at - 4);
  }

  byte(): number | null {
    return this.#at < this.#data.length ? this.#data.readUInt8(this.#at++) : null;
  }

  /** A `string` of the wire, as a view. */
  bytes(): Buffer | null {
    const length = this.number();
    if (length === null || this.#at + length > this.#data.length) return null;
    this.#at += length;
    return this.#data.subarray(this.#at - length, this.#at);
  }

  text(): string | null {
    return this.bytes()?.toString('utf8') ?? null;
  }
}

function parseHead(payload: Buffer, type: string): { recipient: number; wantReply: boolean; rest: WireReader } | null {
  const rest = new WireReader(payload, 1);
  const recipient = rest.number();
  if (recipient === null || rest.text() !== type) return null;
  const wantReply = rest.byte();
  return wantReply === null ? null : { recipient, wantReply: wantReply !== 0, rest };
}
