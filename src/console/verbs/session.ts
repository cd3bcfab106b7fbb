/** Recordings and live sessions: `session list|show|verify|search|export|kill`. */
import { readAudit } from '../../audit/read.ts';
import { HeldlineError } from '../../base/heldline-error.ts';
import { visible } from '../../base/visible.ts';
import { type CatalogueEntry, listRecordings, type RecordingFilter } from '../../recording/catalogue.ts';
import { EXPORT_FORMATS, type ExportFormat, exportRecording } from '../../recording/export/export-recording.ts';
import { searchRecording } from '../../recording/search.ts';
import { sessionView } from '../../recording/session-view.ts';
import { type Anchors, describeRecording, verifyRecording } from '../../recording/verify.ts';
import { columns } from '../columns.ts';
import { namedLiveSession } from '../live-session.ts';
import { parseMoment } from '../moment.ts';
import type { EvidenceServices } from '../services.ts';
import { mayRead, namedRecording } from '../session-view.ts';
import { type EvidenceVerb, EXIT, type OptionSpec, type Verb, type VerbContext } from '../verb.ts';
import { callerName, printJson, text } from '../verb-values.ts';

const ID = { name: 'ID', help: 'the session, or the beginning or end of its id', required: true } as const;

const FILTERS: readonly OptionSpec[] = [
  { name: 'since', value: 'T', help: 'begun from then on: 7d, yesterday, 2026-11-20' },
  { name: 'until', value: 'T', help: 'begun before then' },
  { name: 'user', value: 'U', help: 'of this person' },
  { name: 'target', value: 'T', help: 'on this target' },
];

const SEARCH_LIMIT = 100;

export const sessionList: EvidenceVerb = {
  spec: {
    path: ['session', 'list'],
    summary: 'list sessions, live and past',
    arguments: [],
    options: FILTERS,
    examples: ['session list', 'session list --user alice --since 7d --json'],
    audience: 'everybody',
  },
  run: async (context) => {
    const entries = await readable(context);
    if (context.io.json) for (const entry of entries) printJson(context.io, { ...sessionView(entry) });
    else context.io.out(columns(['ID', 'START', 'USER', 'TARGET', 'KIND', 'LENGTH', 'STATE'], entries.map(rowOf)));
    return EXIT.done;
  },
};

export const sessionShow: EvidenceVerb = {
  spec: {
    path: ['session', 'show'],
    summary: 'show one session with its commands and decisions',
    arguments: [ID],
    options: [],
    examples: ['session show 01JD4Z8K'],
    audience: 'everybody',
  },
  run: async (context) => {
    const entry = await namedRecording(context);
    const { io, services } = context;
    const { session } = entry.files.meta;
    if (io.json) printJson(io, { ...sessionView(entry) });
    else
      io.out(
        Object.entries(sessionView(entry))
          .map(([name, value]) => `${name.padEnd(12)}${visible(String(value ?? '-'))}\n`)
          .join(''),
      );
    if (io.json) return EXIT.done;
    for await (const found of readAudit(services.auditDirectory, { session, types: ['command.*', 'approval.*'] })) {
      if (found.kind !== 'event') continue;
      const { time, type, command, reason } = found.event;
      io.out(`${time.slice(11, 19)} ${type.padEnd(22)} ${visible(command?.text ?? reason ?? '')}\n`);
    }
    return EXIT.done;
  },
};

export const sessionVerify: EvidenceVerb = {
  spec: {
    path: ['session', 'verify'],
    summary: "check the chain, the seal and the audit log's anchors of a recording",
    arguments: [ID],
    options: [],
    examples: ['session verify 01JD4Z8K'],
    audience: 'everybody',
  },
  run: async (context) => {
    const entry = await namedRecording(context);
    const { io, services } = context;
    const anchors = await anchorsOf(services, entry.files.meta.session);
    const result = await verifyRecording(entry.files.directory, services.checkSignature, anchors);
    if (io.json)
      printJson(io, {
        id: entry.files.meta.session,
        result: result.kind,
        state: entry.state,
        findings: result.findings,
      });
    else io.out(`${entry.state}, ${describeRecording(result)}\n`);
    return result.kind === 'tampered' ? EXIT.checkFailed : EXIT.done;
  },
};

export const sessionSearch: EvidenceVerb = {
  spec: {
    path: ['session', 'search'],
    summary: 'find text in commands and output',
    arguments: [{ name: 'TEXT', help: 'what to look for', required: true }],
    options: [...FILTERS, { name: 'session', value: 'ID', help: 'in this session only' }],
    examples: ["session search 'DROP TABLE' --since 30d"],
    audience: 'everybody',
  },
  run: async (context) => {
    const [wanted = ''] = context.call.arguments;
    const only = text(context, 'session');
    const entries = (await readable(context)).filter(
      ({ files }) => only === undefined || files.meta.session.startsWith(only),
    );
    let found = 0;
    for (const { files } of entries) {
      const { hits } = await searchRecording(files, wanted, { limit: SEARCH_LIMIT });
      found += hits.length;
      for (const hit of hits) showHit(context, hit);
      if (context.io.cancelled.aborted) return EXIT.interrupted;
    }
    return found > 0 ? EXIT.done : EXIT.notFound;
  },
};

export const sessionExport: EvidenceVerb = {
  spec: {
    path: ['session', 'export'],
    summary: 'write a recording to standard output',
    arguments: [ID],
    options: [
      { name: 'format', value: 'F', help: `${EXPORT_FORMATS.join(', ')} (default cast); raw may drive your terminal` },
      { name: 'output', short: 'o', value: 'FILE', saves: true, help: 'write to this file; local command line only' },
    ],
    examples: ['session export 01JD4Z8K --format cast -o session.cast', 'session export 01JD4Z8K --format txt | less'],
    audience: 'everybody',
  },
  run: async (context) => {
    const format = text(context, 'format') ?? 'cast';
    if (context.caller.kind === 'person' && text(context, 'output') !== undefined) {
      throw new HeldlineError('usage', '--output is for the local command line; over ssh write: ... > FILE', {
        kind: 'usage',
      });
    }
    if (!isFormat(format)) {
      throw new HeldlineError('usage', `--format is "${format}"; it is one of ${EXPORT_FORMATS.join(', ')}`, {
        kind: 'usage',
      });
    }
    const { files } = await namedRecording(context);
    const report = await exportRecording(files, format, (part) => {
      context.io.out(part);
      return context.io.flushed();
    });
    if (report.reason === null) return EXIT.done;
    context.io.err(`heldline: the recording stops at frame ${report.frames}: ${report.reason.text}\n`);
    return EXIT.failed;
  },
};

export const sessionKill: Verb = {
  spec: {
    path: ['session', 'kill'],
    summary: 'end a live session; the reason is shown to its user',
    arguments: [ID],
    options: [{ name: 'reason', short: 'r', value: 'TEXT', help: 'shown to the user and written to the log' }],
    examples: ['session kill 01JD4Z8K -r "maintenance"'],
    audience: 'everybody',
  },
  run: async (context) => {
    const { services, io } = context;
    const session = namedLiveSession(context, (user) => mayRead(context, user));
    const { record } = session;
    const by = callerName(context);
    const reason = text(context, 'reason') ?? `ended by ${by}`;
    await services.audit.append({
      type: 'session.killed',
      actor: { user: by },
      target: { name: record.target, login: record.login },
      session: { id: record.id },
      reason,
    });
    session.end(visible(reason));
    io.err(`Ended ${record.id}.\n`);
    return EXIT.done;
  },
};

type Context = VerbContext<EvidenceServices>;

async function readable(context: Context): Promise<CatalogueEntry[]> {
  const { services } = context;
  const entries = await listRecordings(services.recordings, filterOf(context));
  return entries.filter((entry) => mayRead(context, entry.files.meta.user));
}

function filterOf(context: Context): RecordingFilter {
  const now = context.services.clock.now();
  const since = text(context, 'since');
  const until = text(context, 'until');
  const user = text(context, 'user');
  const target = text(context, 'target');
  return {
    ...(since === undefined ? {} : { since: parseMoment(since, now) }),
    ...(until === undefined ? {} : { until: parseMoment(until, now) }),
    ...(user === undefined ? {} : { user }),
    ...(target === undefined ? {} : { target }),
  };
}

/** Heads of the recording that the audit log remembers: while it ran, and of its seal. */
async function anchorsOf(services: EvidenceServices, session: string): Promise<Anchors> {
  const anchors: { frame: number; hash: string }[] = [];
  for await (const found of readAudit(services.auditDirectory, { session, types: ['recording.*'] })) {
    const { frame, frames, head } = (found.kind === 'event' ? found.event.recording : undefined) ?? {};
    if (typeof head !== 'string') continue;
    if (typeof frame === 'number') anchors.push({ frame, hash: head });
    else if (typeof frames === 'number' && frames > 0) anchors.push({ frame: frames - 1, hash: head });
  }
  return anchors;
}

function showHit({ io }: Context, hit: Awaited<ReturnType<typeof searchRecording>>['hits'][number]): void {
  const seconds = hit.time / 1_000_000;
  if (io.json) printJson(io, { id: hit.session, at: seconds, kind: hit.kind, text: hit.text });
  else
    io.out(
      `${hit.session} @ ${new Date(seconds * 1000).toISOString().slice(11, 19)}  ${hit.kind.padEnd(8)}${hit.text}\n`,
    );
}

function isFormat(format: string): format is ExportFormat {
  return (EXPORT_FORMATS as readonly string[]).includes(format);
}

function rowOf(entry: CatalogueEntry): string[] {
  const { session, user, target, login, kind } = entry.files.meta;
  const start = new Date(entry.startedAt).toISOString().slice(0, 16).replace('T', ' ');
  const length =
    entry.endedAt === null ? '-' : `${Math.max(1, Math.round((entry.endedAt - entry.startedAt) / 1000))} s`;
  return [session, start, user, `${login}@${target}`, kind, length, entry.state];
}
