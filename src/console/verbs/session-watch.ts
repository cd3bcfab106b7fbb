/** `session watch`: somebody else's live screen, drawn as cells; the user is told that somebody watches. */
import { HeldlineError } from '../../base/heldline-error.ts';
import { LiveWatch } from '../../recording/player/live-watch.ts';
import type { RecordingFiles } from '../../recording/reader.ts';
import type { LiveSession } from '../../session/live-sessions.ts';
import { namedLiveSession } from '../live-session.ts';
import { mayRead, namedRecording } from '../session-view.ts';
import { EXIT, type Verb, type VerbContext } from '../verb.ts';
import { callerName } from '../verb-values.ts';
import { playerTerminal } from './session-play.ts';

export const sessionWatch: Verb = {
  spec: {
    path: ['session', 'watch'],
    summary: 'watch a live session; k and y end it, q ends the watching',
    arguments: [{ name: 'ID', help: 'the session, or the beginning or end of its id', required: true }],
    options: [],
    examples: ['session watch 01JD4Z8K'],
    audience: 'everybody',
  },
  run: async (context) => {
    const session = namedLiveSession(context, (user) => mayRead(context, user));
    if (context.io.keys === undefined)
      throw new HeldlineError('usage', 'watching needs a terminal', { kind: 'usage', hint: 'Use: ssh -t' });
    const { files } = await namedRecording(context);
    await watchSession(context, session, files, true);
    return EXIT.done;
  },
};

/** Shows a live session until the viewer has seen enough; the user is told. Does nothing without a terminal. */
export async function watchSession(
  context: VerbContext,
  session: LiveSession,
  files: RecordingFiles,
  mayKill: boolean,
): Promise<void> {
  const { services, io } = context;
  const terminal = playerTerminal(io);
  if (terminal === null) return;
  const by = callerName(context);
  await services.audit.append({
    type: 'recording.viewed',
    actor: { user: by },
    session: { id: session.record.id },
    reason: 'live',
  });
  session.tell(`${by} is watching this session.`);
  const end = await LiveWatch.watch({
    files,
    subscribe: (listener) => session.watch(listener),
    terminal,
    clock: services.clock,
    mayKill,
    signal: io.cancelled,
  });
  if (end === 'kill') session.end(`ended by ${by}`);
}
