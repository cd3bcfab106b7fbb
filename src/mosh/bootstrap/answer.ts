/** What the `mosh` wrapper reads from the SSH channel. The key in it goes nowhere else: no log, no recording. */

export interface ConnectionAddresses {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
}

/** The line that the wrapper looks for, with the addresses before it when they were asked for. */
export function moshAnswer(port: number, key: Uint8Array, connection: ConnectionAddresses | null): Buffer {
  const lines: string[] = [];
  if (connection !== null) {
    const { remoteAddress, remotePort, localAddress, localPort } = connection;
    lines.push(`\r\nMOSH SSH_CONNECTION ${remoteAddress} ${remotePort} ${localAddress} ${localPort}\r\n`);
  }
  lines.push(`\r\n\r\nMOSH CONNECT ${port} ${Buffer.from(key).toString('base64').replace(/=+$/, '')}\r\n`);
  return Buffer.from(lines.join(''));
}
