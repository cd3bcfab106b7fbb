/**
 * What is refused before anything is looked up: requests that two parsers could read differently, names that the
 * bastion is not known by (DNS rebinding), and pages of other sites.
 */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { type Refusal, refuse } from './refusal.ts';

/** Headers that must not be there twice. */
const SINGLE = ['host', 'authorization', 'content-length', 'content-type', 'origin'];

type Head = Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'rawHeaders'>;

/** @param names host names that the bastion is known by, in small letters */
export function objectionTo(head: Head, names: ReadonlySet<string>): Refusal | null {
  const { method = '', url = '', headers } = head;
  if (!url.startsWith('/')) return refuse(400, 'request.target', 'ask for a path');
  const double = SINGLE.find((name) => occurrences(head, name) > 1);
  if (double !== undefined) return refuse(400, 'request.header', `the header ${double} is there twice`);
  if (method !== 'POST' && hasBody(headers)) return refuse(400, 'request.body', `${method} takes no body`);
  const host = hostOf(headers.host ?? '');
  if (host === null || !(names.has(host) || isIP(host) !== 0)) {
    return refuse(403, 'request.host', 'this host name is not one of the bastion; web.url in heldline.yaml names it');
  }
  return isOfAnotherSite(headers) ? refuse(403, 'request.origin', 'pages of other sites are not answered') : null;
}

/** Host without port and brackets, in small letters; null for what is none. */
function hostOf(text: string): string | null {
  const [, bracketed, plain] = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+))(?::\d{1,5})?$/.exec(text) ?? [];
  return (bracketed ?? plain)?.toLowerCase() ?? null;
}

function occurrences({ rawHeaders }: Head, name: string): number {
  return rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === name).length;
}

function hasBody(headers: Head['headers']): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/** Browsers say where a request comes from; programs do not. */
function isOfAnotherSite({ origin, host }: Head['headers']): boolean {
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host?.toLowerCase();
}
