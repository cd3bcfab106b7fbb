/** Sessions as scripts and people see them, from live ones and from recordings alike. */
import { HeldlineError } from '../base/heldline-error.ts';
import { AUDITOR } from '../model/roles.ts';
import type { SessionRecord } from '../model/session.ts';
import { type CatalogueEntry, findRecording } from '../recording/catalogue.ts';
import type { EvidenceServices } from './services.ts';
import type { VerbContext } from './verb.ts';

/** Whether the caller may read sessions of `user`. */
export function mayRead({ caller }: Pick<VerbContext, 'caller'>, user: string): boolean {
  if (caller.kind === 'local') return true;
  return caller.principal.user === user || caller.principal.roles.includes(AUDITOR);
}

/**
 * The recording that the first argument names, if the caller may read it.
 * @throws HeldlineError `session.unknown` (kind not-found), the same for what is not there and what is not theirs
 */
export async function namedRecording(context: VerbContext<EvidenceServices>): Promise<CatalogueEntry> {
  const [id = ''] = context.call.arguments;
  const found = await findRecording(context.services.recordings, id);
  if (found.kind === 'several') {
    throw new HeldlineError('session.ambiguous', `several sessions begin or end with ${id}`, {
      kind: 'usage',
      hint: found.sessions.join(' '),
    });
  }
  if (found.kind === 'unreadable' && context.caller.kind === 'local') {
    throw new HeldlineError('session.unreadable', `the recording of ${found.session} cannot be read: ${found.why}`);
  }
  if (found.kind !== 'found' || !mayRead(context, found.entry.files.meta.user)) {
    throw new HeldlineError('session.unknown', `there is no session ${id}`, {
      kind: 'not-found',
      hint: 'See: session list',
    });
  }
  return found.entry;
}

/** Live sessions that `text` names by id, prefix or ending. */
export function matchesSession(record: SessionRecord, text: string): boolean {
  return text.length >= 4 && (record.id.startsWith(text) || record.id.endsWith(text));
}
