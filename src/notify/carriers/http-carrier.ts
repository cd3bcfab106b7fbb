/**
 * One POST. Follows no redirect, keeps no connection, no cookie and none of the answer: its status says all, and
 * what a receiver writes is not read. The URL may be a secret and stands in no failure.
 */
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Clock } from '../../base/clock.ts';
import { HTTP_FORMS } from '../forms/http-forms.ts';
import type { Letter } from '../letter.ts';
import type { HttpWay } from '../receiver.ts';
import { retryAfter } from '../retry.ts';
import { webhookHeaders } from '../webhook-signature.ts';
import type { Attempt, Carrier } from './attempt.ts';

/** Bytes of header that an answer may have. */
const HEADER_LIMIT = 16_384;
/** 410: nobody listens there any more. The others: this body is wrong, and will be when it is sent again. */
const REFUSALS: ReadonlySet<number> = new Set([400, 410, 413, 415, 422]);

/** A carrier for one URL. */
export function httpCarrier(way: HttpWay, clock: Clock): Carrier {
  return async (letter, signal) => {
    try {
      return await post(way, letter, clock, signal);
    } catch (failure) {
      return { kind: 'failed', why: signal.aborted ? 'no answer in time' : codeOf(failure), retryAfter: null };
    }
  };
}

function post(way: HttpWay, letter: Letter, clock: Clock, signal: AbortSignal): Promise<Attempt> {
  const body = HTTP_FORMS[way.form](letter);
  const url = new URL(way.url);
  const headers = {
    ...body.headers,
    ...webhookHeaders(letter.id, clock.now(), body.text, way.secret),
    ...(way.token === null ? {} : { authorization: `Bearer ${way.token}` }),
    'content-type': body.contentType,
    'content-length': Buffer.byteLength(body.text),
    'user-agent': 'heldline',
  };
  const options = { method: 'POST', headers, signal, agent: false, maxHeaderSize: HEADER_LIMIT } as const;
  return new Promise((resolve, reject) => {
    const outgoing =
      url.protocol === 'https:'
        ? requestHttps(url, { ...options, rejectUnauthorized: true })
        : requestHttp(url, options);
    outgoing.on('response', (response) => {
      resolve(attemptOf(response, clock.now()));
      // Whatever follows is not wanted: the socket is closed with it.
      response.destroy();
    });
    outgoing.on('error', reject);
    outgoing.end(body.text);
  });
}

function attemptOf({ statusCode = 0, headers }: IncomingMessage, now: number): Attempt {
  if (statusCode >= 200 && statusCode < 300) return { kind: 'delivered' };
  const why = `answered ${statusCode}`;
  if (REFUSALS.has(statusCode)) return { kind: 'refused', why };
  return { kind: 'failed', why, retryAfter: retryAfter(headers['retry-after'], now) };
}

/** `ECONNREFUSED`, `CERT_HAS_EXPIRED`: without addresses, names or paths. */
function codeOf(failure: unknown): string {
  const code: unknown = failure instanceof Error && 'code' in failure ? failure.code : undefined;
  return typeof code === 'string' ? code : 'the connection failed';
}
