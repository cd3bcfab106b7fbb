/** Reads the certificate of the HTTP API. Whatever is wrong with it is a finding in its file; no content is ever told. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { describeFailure, HeldlineError } from '../base/heldline-error.ts';
import type { WebConfig } from '../config/web-config.ts';
import type { Finding } from '../model/source-document.ts';
import type { Certificate } from '../web/web-server.ts';

export interface ReadCertificate {
  /** null when there are findings, and when none is configured. */
  readonly certificate: Certificate | null;
  readonly findings: readonly Finding[];
}

const LONGEST = 256 * 1024;
const OPEN_TO_OTHERS = 0o077;

/** Never throws: an unreadable file is a finding. */
export async function readCertificate(web: WebConfig | null): Promise<ReadCertificate> {
  if (web === null || web.tls === null) return { certificate: null, findings: [] };
  const { tls } = web;
  try {
    const cert = await readPem(tls.cert, false);
    const key = await readPem(tls.key, true);
    if ('objection' in cert) return found(tls.cert, cert.objection, 'cert');
    if ('objection' in key) return found(tls.key, key.objection, 'key');
    const certificate = { cert: cert.text, key: key.text };
    createSecureContext(certificate);
    return { certificate, findings: [] };
  } catch (failure) {
    return found(tls.cert, `certificate and key do not fit, or are no PEM: ${describeFailure(failure)}`, 'cert');
  }
}

/** @throws HeldlineError `web.certificate` with every finding in its message */
export async function requireCertificate(web: WebConfig | null): Promise<Certificate | null> {
  const { certificate, findings } = await readCertificate(web);
  if (findings.length === 0) return certificate;
  const lines = findings.map(({ file, message }) => `${file}: ${message}`).join('\n          ');
  throw new HeldlineError('web.certificate', `the certificate of the HTTP API is not usable\n          ${lines}`, {
    kind: 'check-failed',
  });
}

async function readPem(
  path: string,
  isSecret: boolean,
): Promise<{ readonly text: string } | { readonly objection: string }> {
  try {
    await using handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = await handle.stat();
    if (!stat.isFile()) return { objection: 'is not a plain file' };
    if (isSecret && (stat.mode & OPEN_TO_OTHERS) !== 0)
      return { objection: `is open to others; run: chmod 600 ${path}` };
    if (stat.size > LONGEST) return { objection: `is larger than ${LONGEST} bytes` };
    return { text: await handle.readFile('utf8') };
  } catch (failure) {
    return { objection: `cannot be read: ${describeFailure(failure)}` };
  }
}

function found(file: string, objection: string, key: string): ReadCertificate {
  const position = { line: 1, column: 1 };
  return {
    certificate: null,
    findings: [{ file, position, severity: 'error', message: `${objection} (web.tls.${key})` }],
  };
}
