/**
 * After a crash: finds recordings without a seal and seals what is there. Cuts nothing off: a torn frame stays
 * where it is, and the seal says how many bytes of it there are.
 */
import { readdir } from 'node:fs/promises';
import { describeFailure } from '../base/heldline-error.ts';
import { rfc3339 } from '../base/rfc3339.ts';
import type { AuditDraft } from '../model/audit-event.ts';
import { listDirectories } from './catalogue.ts';
import { SEAL_FILE } from './layout.ts';
import { openRecording, type ReadReport, type RecordingFiles, readFrames } from './reader.ts';
import type { Sealer } from './sealer.ts';

export interface RecoverOptions {
  /** Directory of all recordings. */
  readonly root: string;
  readonly sealer: Sealer;
  /** Runs of the daemon that still write recordings; at least the caller's own. */
  readonly liveBoots: ReadonlySet<string>;
}

/** One recording that was dealt with: an event to put into the audit log. */
export interface Recovered {
  readonly session: string;
  readonly directory: string;
  readonly draft: AuditDraft;
}

/** Seals every recording that no running daemon is writing. A directory that cannot be read yields a failure draft. */
export async function recoverRecordings(options: RecoverOptions): Promise<Recovered[]> {
  const recovered: Recovered[] = [];
  for (const { session, directory } of await listDirectories(options.root)) {
    const draft = await recoverOne(directory, session, options);
    if (draft !== null) recovered.push({ session, directory, draft });
  }
  return recovered;
}

async function recoverOne(directory: string, session: string, options: RecoverOptions): Promise<AuditDraft | null> {
  // Nearly all are sealed: found out without reading them.
  if ((await readdir(directory)).includes(SEAL_FILE)) return null;
  const opened = await openRecording(directory);
  if (opened.kind === 'unreadable') return failureDraft(session, opened.why);
  const { files } = opened;
  if (options.liveBoots.has(files.meta.boot)) return null;
  try {
    return await sealRecovered(files, options.sealer);
  } catch (failure) {
    return failureDraft(session, describeFailure(failure));
  }
}

async function sealRecovered(files: RecordingFiles, sealer: Sealer): Promise<AuditDraft> {
  const report = await readFrames(files, () => undefined);
  const { session, startedAt } = files.meta;
  const seal = await sealer.seal(files.directory, {
    session,
    state: 'recovered',
    frames: report.frames,
    head: report.head.hash,
    bytes: report.bytes,
    tornBytes: report.restBytes,
    startedAt,
    endedAt: rfc3339(Date.parse(startedAt) + report.lastTime / 1000),
  });
  return recoveredDraft(files, report, seal.tornBytes ?? 0);
}

function recoveredDraft(files: RecordingFiles, report: ReadReport, tornBytes: number): AuditDraft {
  const { meta } = files;
  return {
    type: 'recording.recovered',
    outcome: report.reason === null || report.reason.kind === 'torn' ? 'success' : 'failure',
    actor: { user: meta.user },
    target: { name: meta.target, login: meta.login },
    session: { id: meta.session },
    ...(report.reason === null ? {} : { reason: report.reason.text }),
    recording: {
      id: meta.session,
      frames: report.frames,
      head: report.head.hash,
      bytes: report.bytes,
      tornBytes,
      final: report.final,
      boot: meta.boot,
    },
  };
}

function failureDraft(session: string, why: string): AuditDraft {
  return {
    type: 'recording.recovered',
    outcome: 'failure',
    session: { id: session },
    reason: why,
    recording: { id: session },
  };
}
