/** Reading sessions: people their own, auditors all. */
import type { Clock } from '../../base/clock.ts';
import { Serial } from '../../base/serial.ts';
import { AUDITOR } from '../../model/roles.ts';
import { listRecordings, type RecordingFilter } from '../../recording/catalogue.ts';
import { sessionView } from '../../recording/session-view.ts';
import type { ReadingEndpoint } from '../endpoint.ts';
import { sessionsSchema } from '../schemas.ts';

export interface SessionsParts {
  /** Directory of the recordings. */
  readonly recordings: string;
  readonly clock: Clock;
}

const WEEK = 7 * 86_400_000;
const MOST = 500;

export function listSessions({ recordings, clock }: SessionsParts): ReadingEndpoint {
  // One at a time: each reads a file a session.
  const reading = new Serial();
  return {
    kind: 'reading',
    path: '/v1/sessions',
    summary: 'Sessions of the last seven days: your own, for auditors all',
    answer: sessionsSchema,
    refusals: [],
    async run({ principal }) {
      const since: RecordingFilter = { since: clock.now() - WEEK };
      const filter = principal.roles.includes(AUDITOR) ? since : { ...since, user: principal.user };
      const found = await reading.run(() => listRecordings(recordings, filter));
      return { kind: 'done', body: { v: 1, sessions: found.slice(-MOST).map(sessionView) } };
    },
  };
}
