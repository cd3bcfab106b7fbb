/**
 * Reads policy, notifications and the certificate of the HTTP API again and puts all in force, or none: what is wrong
 * is said and what is in force stays. Everything else in heldline.yaml takes effect at the next start.
 */
import type { CommandGrant } from '../approval/grant-ports.ts';
import type { Logger } from '../base/logger.ts';
import type { Config } from '../config/config.ts';
import { formatFinding } from '../config/format-finding.ts';
import { loadConfig } from '../config/load-config.ts';
import type { NotifyConfig } from '../config/notify-config.ts';
import type { ReloadReport } from '../console/services.ts';
import type { Finding } from '../model/source-document.ts';
import type { Receiver } from '../notify/receiver.ts';
import type { Policy } from '../policy/policy.ts';
import { readCertificate } from './certificate.ts';
import type { Knowledge } from './knowledge.ts';
import type { Notifications } from './notifications.ts';
import type { State } from './open-state.ts';
import { keepPolicy, loadPolicy } from './policy-files.ts';
import { readReceivers } from './receivers.ts';
import type { Web } from './web.ts';

export interface ReloadParts {
  readonly config: Config;
  readonly state: State;
  readonly knowledge: Knowledge;
  readonly notifications: Notifications;
  readonly web: Web | null;
  readonly logger: Logger;
}

interface Told {
  readonly notify: NotifyConfig;
  readonly receivers: readonly Receiver[];
}

/** Never throws for what is in the files. @param by for the log @throws HeldlineError when log or store fail */
export async function reload(parts: ReloadParts, by: string): Promise<ReloadReport> {
  const { policy, findings } = await loadPolicy(parts.config.paths.policy);
  const read = await readNotify(parts.config);
  const tls = await readCertificate(parts.config.web);
  const settings = [...read.findings, ...tls.findings];
  const lines = [...findings, ...settings].map(formatFinding);
  if (policy === null) return refuse(parts, by, 'policy.reload_failed', findings, lines);
  if (read.told === null || tls.findings.length > 0) {
    return refuse(parts, by, 'config.reload_failed', settings, lines);
  }
  if (tls.certificate !== null) parts.web?.renew(tls.certificate);
  await putPolicy(parts, by, policy);
  await putReceivers(parts, by, read.told);
  const inForce = `Policy ${policy.hash} is in force from the next line on, in live sessions too.`;
  const names = read.told.receivers.map(({ name }) => name);
  return { ok: true, lines: [...lines, inForce, ...(names.length === 0 ? [] : [`Told: ${names.join(', ')}.`])] };
}

async function readNotify(
  config: Config,
): Promise<{ readonly told: Told | null; readonly findings: readonly Finding[] }> {
  const { config: fresh, findings } = await loadConfig(config.file, config.paths);
  if (fresh === null) return { told: null, findings };
  const read = await readReceivers(fresh.notify);
  if (read.receivers === null) return { told: null, findings: read.findings };
  return { told: { notify: fresh.notify, receivers: read.receivers }, findings };
}

async function refuse(
  { state, logger }: ReloadParts,
  by: string,
  type: string,
  findings: readonly Finding[],
  lines: readonly string[],
): Promise<ReloadReport> {
  const found = findings.map(formatFinding);
  await state.audit.append({ type, outcome: 'failure', actor: { user: by }, detail: { findings: found } });
  logger.error('policy or configuration have errors; what is in force stays', { findings: found.join('; ') });
  return { ok: false, lines };
}

async function putPolicy({ state, knowledge, logger }: ReloadParts, by: string, policy: Policy): Promise<void> {
  const from = knowledge.engine.current.hash;
  await keepPolicy(state.layout.policies, policy);
  const detail = { from, to: policy.hash };
  await state.audit.append({ type: 'policy.changed', actor: { user: by }, policy: { hash: policy.hash }, detail });
  knowledge.engine.swap(policy);
  const isOfAnother = ({ given }: CommandGrant): boolean => given.statement.policyHash !== policy.hash;
  await Promise.all([
    knowledge.commandGrants.voidWhere(isOfAnother, 'the policy changed'),
    knowledge.breakGlasses.endWhere(({ policyHash }) => policyHash !== policy.hash, 'the policy changed'),
  ]);
  logger.info('policy loaded', { hash: policy.hash });
}

async function putReceivers({ state, notifications }: ReloadParts, by: string, told: Told): Promise<void> {
  const detail = { receivers: told.receivers.map(({ name }) => name) };
  await state.audit.append({ type: 'config.loaded', actor: { user: by }, detail });
  await notifications.serve(told.receivers, told.notify);
}
