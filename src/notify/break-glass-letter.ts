/** What a receiver is told when a break-glass has ended: whose it was, what passed, and that somebody has to look at it. */
import type { BreakGlass, BreakGlassUse } from '../approval/break-glass-ports.ts';
import { type Letter, type Line, type Sender, shownCommand } from './letter.ts';
import type { OutboxEntry } from './ports.ts';
import type { Shows } from './receiver.ts';

const TITLE = 160;
const LINE = 220;
/** Commands that people are shown; programs get all that are kept. */
const COMMANDS = 3;

/** The end of `one` as it stands now: it may have been reviewed meanwhile. */
export function breakGlassLetter({ id, queuedAt }: OutboxEntry, one: BreakGlass, shows: Shows, sender: Sender): Letter {
  return {
    id,
    type: 'break-glass.ended',
    at: queuedAt,
    title: { text: `BREAK-GLASS ${one.id} of ${one.user} has ended`, limit: TITLE },
    lines: linesOf(one, shows, sender).map((text): Line => ({ text, limit: LINE })),
    data: dataOf(one, shows, sender),
    priority: 'high',
  };
}

function linesOf(one: BreakGlass, shows: Shows, sender: Sender): readonly string[] {
  const { uses, commands, ending, reason } = one;
  const more = uses > COMMANDS ? [`and ${uses - COMMANDS} more`] : [];
  return [
    `Ended: ${ending ?? 'its time is over'}`,
    `Commands that passed: ${uses}`,
    ...commands.slice(0, COMMANDS).map((use) => useInWords(use, shows)),
    ...more,
    ...(shows === 'none' ? [] : [`Reason: ${reason}`]),
    reviewInWords(one, sender),
  ];
}

function useInWords({ login, target, command }: BreakGlassUse, shows: Shows): string {
  return `${login}@${target}: ${shownCommand(command, shows) ?? 'a command that is not shown here'}`;
}

function reviewInWords({ id, review, reviewBy }: BreakGlass, { words }: Sender): string {
  if (review !== null) return `Reviewed by ${review.by}.`;
  const until = `${new Date(reviewBy).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return `To be reviewed by somebody else until ${until}: ssh -t ${words} break-glass review ${id}`;
}

function dataOf(one: BreakGlass, shows: Shows, { words, logHead }: Sender): Letter['data'] {
  const time = (ms: number): string => new Date(ms).toISOString();
  return {
    kind: 'break-glass',
    id: one.id,
    uid: one.uid,
    user: one.user,
    reason: shows === 'none' ? null : one.reason,
    from: time(one.from),
    to: time(one.until),
    ended_at: one.endedAt === null ? null : time(one.endedAt),
    ended_by: one.endedBy,
    ending: one.ending,
    uses: one.uses,
    commands: one.commands.map(({ id, session, target, login, command, rule, at }) => {
      return { id, session, target, login, command: shownCommand(command, shows), rule, at: time(at) };
    }),
    review_by: time(one.reviewBy),
    reviewed_by: one.review?.by ?? null,
    review_with: `ssh -t ${words} break-glass review ${one.id}`,
    log_head: logHead(),
  };
}
