/** `session watch`: somebody else's live screen, drawn as cells through an emulator; the user is told. */
import { once } from 'node:events';
import { HeldlineError } from '../../base/heldline-error.ts';
import { visible } from '../../base/visible.ts';
import { matchesSession, mayRead } from '../session-view.ts';
import { EXIT, type Verb } from '../verb.ts';
import { callerName } from '../verb-values.ts';
import { WatchScreen } from '../watch-screen.ts';
import { playerTerminal } from './session-play.ts';

export const sessionWatch: Verb = {
  spec: {
    path: ['session', 'watch'],
    summary: 'watch a live session; Ctrl-C ends the watching',
    arguments: [{ name: 'ID', help: 'the session, or the beginning or end of its id', required: true }],
    options: [],
    examples: ['session watch 01JD4Z8K'],
    audience: 'everybody',
  },
  run: async (context) => {
    const { services, io } = context;
    const [id = ''] = context.call.arguments;
    const record = services.live.list().find((one) => matchesSession(one, id) && mayRead(context, one.user));
    const session = record === undefined ? undefined : services.live.find(record.id);
    if (session === undefined) {
      throw new HeldlineError('session.unknown', `there is no live session ${visible(id)}`, { kind: 'not-found' });
    }
    const terminal = playerTerminal(io);
    if (terminal === null)
      throw new HeldlineError('usage', 'watching needs a terminal', { kind: 'usage', hint: 'Use: ssh -t' });
    const by = callerName(context);
    const { id: watched, user, target } = session.record;
    await services.audit.append({
      type: 'recording.viewed',
      actor: { user: by },
      session: { id: watched },
      reason: 'live',
    });
    const screen = new WatchScreen(terminal, ` watching ${user} on ${target}   q ends it `);
    const leave = await screen.enter();
    const stop = session.watch((item) => screen.take(item));
    try {
      if (!io.cancelled.aborted) await Promise.race([once(io.cancelled, 'abort'), screen.closed]);
    } finally {
      stop();
      await leave();
    }
    return EXIT.done;
  },
};
