/** `session freeze` and `session resume`: nothing that the user of a live session types is sent, until it is again. */
import { HeldlineError } from '../../base/heldline-error.ts';
import { visible } from '../../base/visible.ts';
import { AUDITOR } from '../../model/roles.ts';
import { namedLiveSession } from '../live-session.ts';
import { EXIT, type Verb, type VerbContext } from '../verb.ts';
import { callerName, text } from '../verb-values.ts';

const ID = { name: 'ID', help: 'the session, or the beginning or end of its id', required: true } as const;
const REASON = { name: 'reason', short: 'r', value: 'TEXT', help: 'shown to the user and written to the log' } as const;

export const sessionFreeze: Verb = {
  spec: {
    path: ['session', 'freeze'],
    summary: 'send nothing more of what its user types; output goes on',
    arguments: [ID],
    options: [REASON],
    examples: ['session freeze 01JD4Z8K -r "wait, that is the wrong host"'],
    audience: 'everybody',
  },
  run: async (context) => {
    const session = namedLiveSession(context, (user) => mayFreeze(context, user));
    const by = callerName(context);
    const said = text(context, 'reason');
    const reason = said === undefined ? `frozen by ${by}` : `${said} (${by})`;
    // First it takes effect, then it is written down: a log that fails is no reason to let keys pass.
    const begun = session.freeze(visible(reason));
    if (!begun) throw new HeldlineError('session.frozen', 'its input is frozen already', { kind: 'conflict' });
    await note(context, 'session.frozen', session.record, reason);
    context.io.err(`Froze ${session.record.id}. To end that: session resume ${session.record.id}\n`);
    return EXIT.done;
  },
};

export const sessionResume: Verb = {
  spec: {
    path: ['session', 'resume'],
    summary: 'let a frozen session go on',
    arguments: [ID],
    options: [REASON],
    examples: ['session resume 01JD4Z8K'],
    audience: 'everybody',
  },
  run: async (context) => {
    const session = namedLiveSession(context, (user) => mayFreeze(context, user));
    const by = callerName(context);
    await note(context, 'session.resumed', session.record, text(context, 'reason') ?? `resumed by ${by}`);
    if (!session.resume())
      throw new HeldlineError('session.not-frozen', 'its input is not frozen', { kind: 'conflict' });
    context.io.err(`Resumed ${session.record.id}.\n`);
    return EXIT.done;
  },
};

/** Auditors and the local command line; nobody their own, or a freeze would bind nobody. */
function mayFreeze({ caller }: VerbContext, user: string): boolean {
  if (caller.kind === 'local') return true;
  return caller.principal.user !== user && caller.principal.roles.includes(AUDITOR);
}

interface Frozen {
  readonly id: string;
  readonly target: string;
  readonly login: string;
}

async function note(context: VerbContext, type: string, { id, target, login }: Frozen, reason: string): Promise<void> {
  const user = callerName(context);
  await context.services.audit.append({
    type,
    actor: { user },
    target: { name: target, login },
    session: { id },
    reason,
  });
}
