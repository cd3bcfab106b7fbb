/** The endpoints of the API, in the order of the document. */
import type { Endpoint } from './endpoint.ts';
import { type DecisionParts, decideRequest } from './endpoints/decision.ts';
import { listRequests, type RequestsParts, showRequest } from './endpoints/requests.ts';
import { listSessions, type SessionsParts } from './endpoints/sessions.ts';
import { type ToSignParts, textToSign } from './endpoints/to-sign.ts';
import { healthSchema } from './schemas.ts';

export type EndpointParts = RequestsParts & ToSignParts & DecisionParts & SessionsParts;

const health: Endpoint = {
  kind: 'open',
  path: '/v1/health',
  summary: 'Whether the API answers',
  answer: healthSchema,
  refusals: [],
  run: () => ({ kind: 'done', body: { v: 1, status: 'ok' } }),
};

export function endpoints(parts: EndpointParts): readonly Endpoint[] {
  const ofRequests = [listRequests(parts), showRequest(parts), textToSign(parts), decideRequest(parts)];
  return [...ofRequests, listSessions(parts), health];
}
