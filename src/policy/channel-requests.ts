/** The channel requests without text that rules may name. */
import type { RequestKind } from '../model/command-line.ts';

export const REQUEST_KINDS: readonly RequestKind[] = [
  'sftp',
  'forward.local',
  'forward.remote',
  'agent-forward',
  'x11',
  'subsystem',
];
