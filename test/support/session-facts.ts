/** A session of alice as root on web2, for tests of what happens inside one. */
import type { SessionId } from '../../src/model/names.ts';
import type { SessionFacts } from '../../src/session/session-facts.ts';
import { Access } from '../../src/target/access.ts';
import { principal } from './desk-world.ts';

const TARGET = {
  kind: 'local',
  name: 'web2',
  labels: {},
  description: '',
  argv: ['/bin/sh'],
  environment: {},
  createdAt: 0,
  createdBy: 'test',
} as const;

export const FACTS: SessionFacts = {
  record: {
    id: 'session-1' as SessionId,
    user: 'alice',
    target: 'web2',
    login: 'root',
    door: 'direct',
    kind: 'exec',
    state: 'live',
    startedAt: 0,
    endedAt: null,
    address: '10.0.0.1',
  },
  access: Access.proven(principal('alice'), TARGET, 'root', null, 'test'),
  channel: 0,
  client: 'test',
};
