/** A break-glass that is over, for tests of what is told of it. */
import type { BreakGlass } from '../../src/approval/break-glass-ports.ts';
import type { RequestId, RequestUid } from '../../src/model/names.ts';

/** Of alice, with four commands that passed, the last of them hostile. @param changes members that are otherwise */
export function endedBreakGlass(changes: Partial<BreakGlass> = {}): BreakGlass {
  const use = { id: '9TQD' as RequestId, session: 's1', target: 'db1', login: 'root', rule: 'frozen', at: 2000 };
  return {
    uid: 'glass' as RequestUid,
    id: '7KQ2' as RequestId,
    user: 'alice',
    reason: 'INC-4711 primary is down',
    roles: ['sre'],
    policyHash: 'sha256:ab',
    notify: ['pager'],
    boot: 'b1',
    from: 1000,
    until: 601_000,
    reviewBy: 90_000_000,
    uses: 4,
    commands: ['systemctl stop pg', 'mkfs.ext4 /dev/sdb1', 'reboot', 'echo <!channel>'].map((command) => {
      return { ...use, command };
    }),
    state: 'ended',
    endedAt: 601_000,
    endedBy: null,
    ending: 'its time is over',
    review: null,
    ...changes,
  };
}
