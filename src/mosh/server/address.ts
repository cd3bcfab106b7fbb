/** IP addresses as text. */
import { isIPv4, isIPv6 } from 'node:net';

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** An IPv4 address in the clothes of IPv6 without them; others as they are. */
export function plainAddress(address: string): string {
  return MAPPED.exec(address)?.[1] ?? address;
}

/** Whether it stands for every local address. */
export function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

/** Whether it is this machine talking to itself. */
export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

/** Whether it needs a zone besides itself to be used. */
export function isLinkLocal(address: string): boolean {
  return /^fe[89ab]/i.test(address);
}

export function familyOf(address: string): 'udp4' | 'udp6' | null {
  if (isIPv4(address)) return 'udp4';
  return isIPv6(address) ? 'udp6' : null;
}

/** The /24 or /64 that an address is in, as a key. Not a spelling that anybody else would use. */
export function networkOf(address: string): string {
  if (isIPv4(address)) return address.split('.').slice(0, 3).join('.');
  const [head = '', tail = ''] = address.split('%')[0]?.split('::') ?? [];
  const groups = head === '' ? [] : head.split(':');
  const missing = address.includes('::') ? 8 - groups.length - tail.split(':').filter(Boolean).length : 0;
  const full = [...groups, ...Array.from({ length: missing }, () => '0'), ...tail.split(':')];
  return full.slice(0, 4).join(':');
}
