/** Puts the application together from what the bastion knows. */
import type { Duplex } from 'node:stream';
import type { ApprovalDesk } from '../approval/desk.ts';
import type { BastionIdentity } from '../approval/signed-statement.ts';
import type { Clock } from '../base/clock.ts';
import { describeFailure } from '../base/heldline-error.ts';
import type { Logger } from '../base/logger.ts';
import type { ApiTokens } from '../identity/api-tokens.ts';
import type { AuditSink } from '../model/audit-event.ts';
import type { Principal } from '../model/principal.ts';
import { type Application, application } from './application.ts';
import { endpoints } from './endpoints.ts';
import { SeenRequests } from './seen-requests.ts';
import { SignIn, type StandingOf, type WebRates } from './sign-in.ts';

export interface WebKnowledge {
  readonly desk: Pick<ApprovalDesk, 'list' | 'vote'>;
  readonly tokens: Pick<ApiTokens, 'authenticate' | 'codeWas'>;
  /** What signatures are made for. */
  readonly bastionIdentity: BastionIdentity;
  readonly standing: StandingOf;
  readonly audit: AuditSink;
  /** Directory of the recordings. */
  readonly recordings: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Host names that the bastion is known by. */
  readonly hostNames: readonly string[];
  /** What people type behind `ssh`. */
  readonly bastion: string;
  /** Of the program. */
  readonly version: string;
  /** Whether it is reached by TLS. */
  readonly secure: boolean;
  /** Who signed in to the SSH connection that carries a socket; null for one that was listened for. */
  readonly through: (socket: Duplex) => Principal | null;
  readonly rates?: Partial<WebRates>;
}

const RATES: WebRates = {
  anonymous: { burst: 60, perMinute: 60 },
  failures: { burst: 10, perMinute: 10 },
  token: { burst: 60, perMinute: 120 },
  decisions: { burst: 10, perMinute: 10 },
};

export function buildApplication(knowledge: WebKnowledge): Application {
  const { tokens, standing, audit, clock, logger, hostNames, rates } = knowledge;
  const onFailure = (what: string, failure: unknown): void =>
    logger.error('the HTTP API could not write something down', { what, failure: describeFailure(failure) });
  return application({
    ...knowledge,
    endpoints: endpoints({ ...knowledge, onFailure, seen: new SeenRequests({ audit, onFailure }) }),
    signIn: new SignIn({ tokens, standing, audit, clock, rates: { ...RATES, ...rates } }),
    hostNames: new Set(hostNames.map((name) => name.toLowerCase())),
  });
}
