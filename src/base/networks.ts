/** IP networks as people write them: `10.0.0.0/8`, `2001:db8::/32`; an address alone is a network of one. */
import { BlockList, isIP } from 'node:net';

const NETWORK = /^([0-9a-fA-F:.]+)(?:\/(\d{1,3}))?$/;

interface Network {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

export class Networks {
  readonly #list = new BlockList();

  /** @throws TypeError for a text that `isNetwork` refuses */
  constructor(texts: readonly string[]) {
    for (const text of texts) {
      const network = parse(text);
      if (network === undefined) throw new TypeError(`not a network: ${text}`);
      this.#list.addSubnet(network.address, network.prefix, network.family);
    }
  }

  /** False for what is no address at all. An IPv4 address in the clothes of IPv6 counts as what it is. */
  has(address: string): boolean {
    const family = familyOf(address);
    return family !== undefined && this.#list.check(address, family);
  }
}

/** Whether `text` is a network or an address. */
export function isNetwork(text: string): boolean {
  return parse(text) !== undefined;
}

function parse(text: string): Network | undefined {
  const [, address = '', digits] = NETWORK.exec(text) ?? [];
  const family = familyOf(address);
  if (family === undefined) return undefined;
  const longest = family === 'ipv4' ? 32 : 128;
  const prefix = digits === undefined ? longest : Number(digits);
  return prefix <= longest ? { address, prefix, family } : undefined;
}

function familyOf(address: string): Network['family'] | undefined {
  const version = isIP(address);
  if (version === 0) return undefined;
  return version === 4 ? 'ipv4' : 'ipv6';
}
