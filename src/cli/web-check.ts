/** Doctor's look at the HTTP API: whether its certificate is usable and for how long, and whether its port answers. */
import { X509Certificate } from 'node:crypto';
import { get, type RequestOptions } from 'node:http';
import { get as getSecurely } from 'node:https';
import { readCertificate } from '../app/certificate.ts';
import type { Config } from '../config/config.ts';
import type { WebConfig } from '../config/web-config.ts';
import type { DoctorCheck } from './doctor-check.ts';

const DAY = 86_400_000;
/** Days before its end from which a certificate is worth a warning. */
const SOON = 14;
const PATIENCE = 3000;

/** @param now ms since the epoch */
export async function webCheck({ web }: Config, now: number): Promise<DoctorCheck> {
  if (web === null) return { level: 'ok', text: 'HTTP API: off' };
  const { certificate, findings } = await readCertificate(web);
  const [finding] = findings;
  if (finding !== undefined) return { level: 'fail', text: `HTTP API: ${finding.file}: ${finding.message}` };
  const objection = certificate === null ? null : ageObjection(certificate.cert, now);
  if (objection !== null) return objection;
  const silent = (await Promise.all(web.listen.map(async (host) => ((await answers(web, host)) ? [] : [host])))).flat();
  if (silent.length === 0) return { level: 'ok', text: `HTTP API: ${whereOf(web)}` };
  return {
    level: 'warn',
    text: `HTTP API: nothing answers on ${silent.join(' ')}, port ${web.port}; see the daemon's log`,
  };
}

function whereOf({ listen, port }: WebConfig): string {
  return listen.length === 0 ? 'through ssh only' : `answers on ${listen.join(' ')}, port ${port}`;
}

function ageObjection(certificate: string, now: number): DoctorCheck | null {
  const end = Date.parse(new X509Certificate(certificate).validTo);
  const days = Math.floor((end - now) / DAY);
  if (days < 0) return { level: 'fail', text: 'HTTP API: its certificate has expired' };
  return days >= SOON ? null : { level: 'warn', text: `HTTP API: its certificate ends in ${days} days` };
}

/** Nothing secret is asked, so the certificate is not checked against this machine's list. */
function answers({ tls, port }: WebConfig, host: string): Promise<boolean> {
  const options: RequestOptions = { host: reachable(host), port, path: '/v1/health', timeout: PATIENCE, agent: false };
  return new Promise((resolve) => {
    const request =
      tls === null ? get(options) : getSecurely({ ...options, rejectUnauthorized: false, servername: '' });
    request.once('response', (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
  });
}

/** An address that stands for all of them is asked on this machine. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}
